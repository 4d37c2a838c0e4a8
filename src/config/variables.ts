import { isIP } from 'node:net';
import { z } from 'zod';
import { readSigner, readVerifier } from '../evidence/note.ts';

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

/** Keys that everything hangs on are asked for there. Without https only on this machine. */
function isProviderAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username } = new URL(text);
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && here)) && `${search}${hash}${username}` === '';
}

/** An address, or one with how many of its bits count. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** Every variable that is read, and what it has to look like. */
export const environment = z.object({
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
  API_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .refine((all) => all.every((each) => isNetwork(each)), {
      error: 'addresses or networks with commas between, such as 10.0.0.0/8',
    })
    .default([]),
  API_TLS_CERT_FILE: z.string().optional(),
  API_TLS_KEY_FILE: z.string().optional(),
  API_TLS_CLIENT_CA_FILE: z.string().optional(),
  ADMIN_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{32,200}$/, { error: '32 to 200 visible ASCII characters' })
    .optional(),
  OIDC_ISSUER: z
    .string()
    .refine(isProviderAddress, { error: "an identity provider's https address such as https://id.example.com" })
    .optional(),
  OIDC_AUDIENCE: z.string().min(1).max(500).optional(),
  OIDC_CLIENT_ID: z.string().min(1).max(500).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).max(500).optional(),
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
