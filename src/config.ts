import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { lines } from './config/mistakes.ts';
import { parseSettings, type Settings } from './config/settings.ts';
import { readSigner, readVerifier, type Signer, type Verifier } from './evidence/note.ts';

/** The environment, checked. This file is the only reader of `process.env`. */
export interface Environment {
  production: boolean;
  database: { url: string; migrateUrl: string | null } | { embeddedIn: string };
  configFile: string;
  slack: SlackConnection;
  apiPort: number;
  /** How services reach the API, without a slash at the end; null where nobody said. */
  apiUrl: string | null;
  /** The identity provider whose subjects may be named without it. */
  oidcIssuer: string | null;
  /** What history is sealed with; null where nobody gave a key. */
  sealing: { signer: Signer; trusted: readonly Verifier[] } | null;
  /** Where this process keeps what belongs to it: the embedded database, the last seal. */
  dataDir: string;
  host: string;
  logLevel: string;
}

export type SlackConnection = {
  botToken: string;
  apiUrl: string | null;
} & ({ mode: 'http'; signingSecret: string; port: number } | { mode: 'socket'; appToken: string });

const port = (usual: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, { error: 'a port number' })
    .transform(Number)
    .refine((number) => number <= 65_535, { error: 'a port number' })
    .default(usual);
const postgresUrl = z.string().refine(isPostgresUrl, {
  error: 'a PostgreSQL address such as postgresql://user@host/database',
});
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** As pg reads it: the host may be empty. A password with a slash or a hash in it must be percent-encoded. */
function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && (URL.canParse(text) || URL.canParse(text.replace('@/', '@host/')));
}

/** Where services find us (AuthZEN 1.0: https, no query, no fragment). Without https only on this machine. */
function isOwnAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin } = new URL(text);
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && here)) && text.replace(/\/$/, '').toLowerCase() === origin;
}

const schema = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: postgresUrl.optional(),
  MIGRATE_DATABASE_URL: postgresUrl.optional(),
  DATA_DIR: z.string().default('.data'),
  CONFIG_FILE: z.string().default('breakglass.yml'),
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', { error: 'a bot token, which starts with xoxb-' }).optional(),
  SLACK_SIGNING_SECRET: z.string().min(1).optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', { error: 'an app-level token, which starts with xapp-' }).optional(),
  SLACK_API_URL: z.url({ protocol: /^https?$/, error: 'a web address' }).optional(),
  SLACK_PORT: port(3000),
  API_PORT: port(8080),
  API_URL: z
    .string()
    .refine(isOwnAddress, { error: 'an https address without a path such as https://breakglass.example.com' })
    .transform((text) => text.replace(/\/$/, ''))
    .optional(),
  OIDC_ISSUER: z.url({ protocol: /^https?$/, error: "an identity provider's web address" }).optional(),
  AUDIT_SIGNING_KEY: z
    .string()
    .transform((text, context) => readSigner(text) ?? notRead(context, 'a key as "breakglass seal new-key" makes it'))
    .optional(),
  AUDIT_PREVIOUS_KEYS: z
    .string()
    .transform((text) => text.split(',').map(readVerifier))
    .transform((keys, context) =>
      keys.every((key) => key !== null) ? keys : notRead(context, 'public keys with commas between, name+id+key'),
    )
    .default([]),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(levels, { error: `one of ${levels.join(', ')}` }).default('info'),
});

function notRead(context: z.RefinementCtx, expected: string): never {
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
}

type Variables = z.infer<typeof schema>;

/**
 * Reads the environment.
 * @throws ConfigurationError that names each missing or wrong variable in a line, never its value
 */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const read = parse(variables);
  const database = databaseOf(read);
  const slack = slackOf(read);
  if (Array.isArray(database) || Array.isArray(slack)) throw lines([database, slack].flatMap(mistakesIn));
  return { ...common(read), database, slack };
}

/** Only what the command line needs for the database and the file; Slack may be missing. */
export function readOfflineEnvironment(variables: NodeJS.ProcessEnv = process.env) {
  const read = parse(variables);
  return {
    ...common(read),
    database: () => {
      const database = databaseOf(read);
      if (Array.isArray(database)) throw lines(database);
      return database;
    },
    migrateUrl: read.MIGRATE_DATABASE_URL ?? null,
    slack: read.SLACK_BOT_TOKEN ? { botToken: read.SLACK_BOT_TOKEN, apiUrl: read.SLACK_API_URL ?? null } : null,
  };
}

/**
 * Reads and checks breakglass.yml.
 * @throws ConfigurationError with a line a mistake
 */
export function readSettings(path: string): Settings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : String(error);
    throw lines([`CONFIG_FILE: can't read ${path}: ${why}. breakglass.example.yml is a start.`]);
  }
  return parseSettings(text, path);
}

function parse(variables: NodeJS.ProcessEnv): Variables {
  // An empty value is how compose files and shells write "not set".
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw lines(parsed.error.issues.map((issue) => `${String(issue.path[0])}: expected ${issue.message}`));
}

const common = (read: Variables) => ({
  production: read.NODE_ENV === 'production',
  configFile: read.CONFIG_FILE,
  apiPort: read.API_PORT,
  apiUrl: read.API_URL ?? null,
  oidcIssuer: read.OIDC_ISSUER ?? null,
  sealing: read.AUDIT_SIGNING_KEY
    ? {
        signer: read.AUDIT_SIGNING_KEY,
        trusted: [read.AUDIT_SIGNING_KEY.verifier, ...read.AUDIT_PREVIOUS_KEYS],
      }
    : null,
  dataDir: read.DATA_DIR,
  host: read.HOST,
  logLevel: read.LOG_LEVEL,
});

/** What is missing, a line each, where a part can't be made. */
type Missing = string[];
const mistakesIn = (part: object): Missing => (Array.isArray(part) ? part : []);

function databaseOf(read: Variables): Environment['database'] | Missing {
  if (read.DATABASE_URL) return { url: read.DATABASE_URL, migrateUrl: read.MIGRATE_DATABASE_URL ?? null };
  if (read.NODE_ENV === 'production') {
    return ['DATABASE_URL: expected a PostgreSQL address; with NODE_ENV=production there is no embedded database.'];
  }
  return { embeddedIn: read.DATA_DIR };
}

function slackOf(read: Variables): SlackConnection | Missing {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = read;
  const apiUrl = read.SLACK_API_URL ?? null;
  if (botToken && signingSecret) return { mode: 'http', botToken, apiUrl, signingSecret, port: read.SLACK_PORT };
  if (botToken && appToken) return { mode: 'socket', botToken, apiUrl, appToken };
  const missing = botToken ? '' : 'SLACK_BOT_TOKEN and ';
  return [
    `Slack credentials are missing: set ${missing}SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).`,
    'To try Breakglass without any, run: npm run sandbox',
  ];
}
