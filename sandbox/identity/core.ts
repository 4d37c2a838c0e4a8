import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Context, Provider, Stored } from 'oidc-provider';
import { type ProviderPages, providerConfiguration } from './configuration.ts';
import { providerMemory } from './memory.ts';

/** Who signed in, and how. */
export interface SignedIn {
  sub: string;
  /** How well they showed who they are; null for a provider that does not say. */
  acr: string | null;
  /** When they did, in seconds since 1970. */
  at: number;
}

export interface CoreOptions {
  /** Who may ask, by id. Read anew each time, so that a redirect can be added once its port is known. */
  clients: ReadonlyMap<string, Stored>;
  /** Whom access tokens may be meant for; the first unless they say. */
  audiences: readonly [string, ...string[]];
  /** Groups in the access tokens of an account. */
  groupsOf(sub: string): readonly string[];
  /** Whether who signed in once is known at the next sign-in in the same browser. */
  remembers: boolean;
  pages: ProviderPages;
  /** Somebody has to sign in: an answer is owed, either a page whose form comes back here, or `finish`. */
  signIn(context: Context, provider: Provider, finish: (as: SignedIn) => Promise<void>): Promise<void>;
  /** Sees every request before the provider does; true where it was answered. */
  before?(request: IncomingMessage, response: ServerResponse): boolean;
  onError?(words: string): void;
}

/** A real OpenID provider on this machine: code with PKCE, device flow, client credentials; access tokens are JWTs. */
export interface ProviderCore {
  issuer: string;
  /** Signs with the first of them from now on, and publishes them all. */
  signWith(keys: readonly Stored[]): void;
  dropConnections(): void;
  stop(): Promise<void>;
}

export async function startProvider(keys: readonly Stored[], options: CoreOptions): Promise<ProviderCore> {
  const OpenProvider = await loadProvider();
  const fixed = { adapter: providerMemory(options.clients, options.remembers), cookieSecret: randomUUID() };
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => {
    if (!options.before?.(request, response)) answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The provider has no port.');
  const issuer = `http://127.0.0.1:${address.port}`;

  const signWith = (signing: readonly Stored[]): void => {
    const provider = new OpenProvider(issuer, providerConfiguration(signing, { ...fixed, ...options }));
    provider.use(async (context, next) => {
      if (!context.path.startsWith('/interaction/')) return next();
      await options.signIn(context, provider, ({ sub, acr, at }) => {
        context.respond = false;
        const login = { accountId: sub, ts: at, ...(acr ? { acr } : {}) };
        return provider.interactionFinished(context.req, context.res, { login, consent: {} });
      });
    });
    for (const event of ['authorization.error', 'grant.error', 'server_error', 'interaction.error']) {
      provider.on(event, (_context, error) => options.onError?.(`${event}: ${error.message}`));
    }
    answer = provider.callback();
  };
  signWith(keys);
  return {
    issuer,
    signWith,
    dropConnections: () => server.closeAllConnections(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Loaded when it is needed: it takes a moment. It runs on Node 20 and says at each load that it should not; only that is dropped. */
async function loadProvider(): Promise<typeof Provider> {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn(...words);
  };
  try {
    return (await import('oidc-provider')).Provider;
  } finally {
    console.warn = warn;
  }
}

export function newKey(): Stored {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() };
}
