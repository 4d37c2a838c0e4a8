import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { type ClientEnvironment, clientEnvironment } from './config/client.ts';
import { lines } from './config/mistakes.ts';
import { parseSettings, type Settings } from './config/settings.ts';
import { environment } from './config/variables.ts';
import type { Signer, Verifier } from './evidence/note.ts';

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
  /** How people and programs are known to it; null where there is none. */
  oidc: IdentityProvider | null;
  /** Administers until the first key of the role admin is made; null where nobody gave one. */
  adminApiKey: string | null;
  /** Whose word about a caller's address is taken: addresses and networks. */
  trustedProxies: readonly string[];
  /** How the API's port shows who it is, and by whose word it knows clients; null for plain HTTP. */
  apiTls: ApiTls | null;
  /** What history is sealed with; null where nobody gave a key. */
  sealing: { signer: Signer; trusted: readonly Verifier[] } | null;
  /** Where this process keeps what belongs to it: the embedded database, the last seal. */
  dataDir: string;
  host: string;
  logLevel: string;
}

/** OpenID Connect: whose tokens count at the API, and as whom the sign-in pages ask. */
export interface IdentityProvider {
  issuer: string;
  /** Tokens are meant for it; null where the API takes none. */
  audience: string | null;
  /** Null where there are no sign-in pages. */
  client: { id: string; secret: string | null } | null;
}

/** Files in PEM. */
export interface ApiTls {
  certFile: string;
  keyFile: string;
  /** Who signs the certificates of clients; null where they show none. */
  clientCaFile: string | null;
}

export type SlackConnection = {
  botToken: string;
  apiUrl: string | null;
} & ({ mode: 'http'; signingSecret: string; port: number } | { mode: 'socket'; appToken: string });

type Variables = z.infer<typeof environment>;

/**
 * Reads the environment.
 * @throws ConfigurationError that names each missing or wrong variable in a line, never its value
 */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const read = parse(variables);
  const database = databaseOf(read);
  const slack = slackOf(read);
  const incomplete = incompleteSets(read);
  if (Array.isArray(database) || Array.isArray(slack) || incomplete.length > 0) {
    throw lines([...[database, slack].flatMap(mistakesIn), ...incomplete]);
  }
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

/** What the command line needs to reach the API; no database and no Slack. */
export const readClientEnvironment = (variables: NodeJS.ProcessEnv = process.env): ClientEnvironment =>
  clientEnvironment(variables);

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
  const parsed = environment.safeParse(given);
  if (parsed.success) return parsed.data;
  throw lines(parsed.error.issues.map((issue) => `${String(issue.path[0])}: expected ${issue.message}`));
}

const common = (read: Variables) => ({
  production: read.NODE_ENV === 'production',
  configFile: read.CONFIG_FILE,
  apiPort: read.API_PORT,
  apiUrl: read.API_URL ?? null,
  oidcIssuer: read.OIDC_ISSUER ?? null,
  oidc: read.OIDC_ISSUER ? identityProviderOf(read, read.OIDC_ISSUER) : null,
  adminApiKey: read.ADMIN_API_KEY ?? null,
  trustedProxies: read.API_TRUSTED_PROXIES,
  apiTls:
    read.API_TLS_CERT_FILE && read.API_TLS_KEY_FILE
      ? {
          certFile: read.API_TLS_CERT_FILE,
          keyFile: read.API_TLS_KEY_FILE,
          clientCaFile: read.API_TLS_CLIENT_CA_FILE ?? null,
        }
      : null,
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

const identityProviderOf = (read: Variables, issuer: string): IdentityProvider => ({
  issuer,
  audience: read.OIDC_AUDIENCE ?? null,
  client: read.OIDC_CLIENT_ID ? { id: read.OIDC_CLIENT_ID, secret: read.OIDC_CLIENT_SECRET ?? null } : null,
});

/** Variables that mean nothing without another one: each is a door that somebody believes to be there. */
const needs: readonly [keyof Variables, keyof Variables][] = [
  ['OIDC_AUDIENCE', 'OIDC_ISSUER'],
  ['OIDC_CLIENT_ID', 'OIDC_ISSUER'],
  ['OIDC_CLIENT_ID', 'API_URL'],
  ['OIDC_CLIENT_SECRET', 'OIDC_CLIENT_ID'],
  ['API_TLS_CERT_FILE', 'API_TLS_KEY_FILE'],
  ['API_TLS_KEY_FILE', 'API_TLS_CERT_FILE'],
  ['API_TLS_CLIENT_CA_FILE', 'API_TLS_CERT_FILE'],
];
const incompleteSets = (read: Variables): Missing =>
  needs
    .filter(([given, needed]) => read[given] !== undefined && read[needed] === undefined)
    .map(([given, needed]) => `${needed}: is needed where ${given} is set.`);

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
