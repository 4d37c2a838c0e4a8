import path from 'node:path';
import { z } from 'zod';
import { lines } from './mistakes.ts';

/** Where the command line finds the API, and who signs in there. */
export interface ClientEnvironment {
  /** Without a slash at the end; null where nobody said: then it is where somebody signed in. */
  url: string | null;
  /** An API key, instead of somebody's own sign-in. */
  key: string | null;
  issuer: string | null;
  clientId: string | null;
  audience: string | null;
  /** Where the session of whoever signed in is kept. */
  sessionFile: string;
}

const web = z.url({ protocol: /^https?$/, error: 'a web address', abort: true });

const schema = z.object({
  BREAKGLASS_URL: web
    .refine(isSafe, {
      error: 'an https address such as https://breakglass.example.com; http is for this machine alone',
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  BREAKGLASS_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{32,200}$/, { error: 'a key as "breakglass key create" shows it' })
    .optional(),
  OIDC_ISSUER: web.refine(isSafe, { error: "an identity provider's https address" }).optional(),
  BREAKGLASS_CLIENT_ID: z.string().min(1).max(500).optional(),
  OIDC_AUDIENCE: z.string().min(1).max(500).optional(),
  XDG_STATE_HOME: z.string().optional(),
  HOME: z.string().optional(),
});

/** What opens doors goes over no line that others can listen to. */
function isSafe(text: string): boolean {
  const { protocol, hostname, search, hash, username } = new URL(text);
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return (protocol === 'https:' || here) && `${search}${hash}${username}` === '';
}

/** @throws ConfigurationError that names each wrong variable in a line, never its value */
export function clientEnvironment(variables: NodeJS.ProcessEnv): ClientEnvironment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw lines(parsed.error.issues.map((issue) => `${String(issue.path[0])}: expected ${issue.message}.`));
  }
  const read = parsed.data;
  // The specification of these folders has a relative one ignored.
  const state =
    read.XDG_STATE_HOME && path.isAbsolute(read.XDG_STATE_HOME)
      ? read.XDG_STATE_HOME
      : path.join(read.HOME ?? '.', '.local', 'state');
  return {
    url: read.BREAKGLASS_URL ?? null,
    key: read.BREAKGLASS_KEY ?? null,
    issuer: read.OIDC_ISSUER ?? null,
    clientId: read.BREAKGLASS_CLIENT_ID ?? null,
    audience: read.OIDC_AUDIENCE ?? null,
    sessionFile: path.join(state, 'breakglass', 'session.json'),
  };
}
