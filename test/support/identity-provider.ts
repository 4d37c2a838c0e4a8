import { randomUUID } from 'node:crypto';
import type { Context, Stored } from 'oidc-provider';
import { knownClients, publicClient } from '../../sandbox/identity/clients.ts';
import { type ProviderPages, SCOPE } from '../../sandbox/identity/configuration.ts';
import { newKey, startProvider } from '../../sandbox/identity/core.ts';
import { newBrowser } from './browser.ts';
import { askForToken, TEST_REDIRECT, tokenFor } from './provider-tokens.ts';

/** Who signs in at the provider from now on, and how. */
export interface SignInAs {
  sub: string;
  /** How well they showed who they are; null for a provider that does not say. */
  acr?: string | null;
  /** When they did, in seconds before now. */
  secondsAgo?: number;
}

export interface TokenWish extends SignInAs {
  /** Other than the API's own. */
  audience?: string;
}

/** A real OpenID provider on this machine, whose people sign in without a page in between. */
export interface TestIdentityProvider {
  issuer: string;
  /** What the API's access tokens are for. */
  audience: string;
  clients: {
    /** The sign-in pages: authorization code with PKCE. */
    web: { id: string; secret: string };
    /** The command line: device flow, no secret. */
    device: { id: string };
    /** A program: client credentials. */
    service: { id: string; secret: string };
  };
  /** Where the pages let people come back to; before the first sign-in. */
  allowRedirect(uri: string): void;
  signIn(as: SignInAs): void;
  /** Groups in the access tokens of an account from now on. */
  setGroups(sub: string, groups: readonly string[]): void;
  /** An access token (a JWT, typ at+jwt) after a real sign-in. */
  token(wish: TokenWish): Promise<string>;
  /** An access token for the program itself. */
  serviceToken(): Promise<string>;
  /** Does what a person does at the address of a device's code. */
  approveDevice(verificationUriComplete: string, as: SignInAs): Promise<void>;
  /** Signs with another key from now on. The one before stays published unless it is withdrawn. */
  rotateKeys(options?: { withdrawOld: boolean }): void;
  /** What it signs with now, private half and all: for tokens that are wrong in one thing alone. */
  signingKey(): Stored;
  /** While it does, it publishes a key that it does not sign with. */
  publishAnotherKey(now: boolean): void;
  /** While it is down, connections break. */
  setDown(down: boolean): void;
  /** How often an address was asked for since the start: of the keys, say. */
  asked(path: string): number;
  /** Addresses that were not to be had, and why; for a test that wonders. */
  errors: readonly string[];
  stop(): Promise<void>;
}

const AUDIENCE = 'https://breakglass.example.com';

export async function startIdentityProvider(): Promise<TestIdentityProvider> {
  const clients = testClients();
  const groups = new Map<string, readonly string[]>();
  const counts = new Map<string, number>();
  const errors: string[] = [];
  let keys = [newKey()];
  let next: SignInAs = { sub: 'nobody' };
  let down = false;
  let published: Stored | null = null;
  const core = await startProvider(keys, {
    ...{
      clients: clients.rows,
      audiences: [AUDIENCE, 'https://other.example.com'],
      remembers: true,
      pages: plainPages,
    },
    groupsOf: (sub) => groups.get(sub) ?? [],
    signIn: (_context, _provider, finish) => {
      const { sub, acr = null, secondsAgo = 0 } = next;
      return finish({ sub, acr, at: Math.floor(Date.now() / 1000) - secondsAgo });
    },
    before: (request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      counts.set(path, (counts.get(path) ?? 0) + 1);
      const answersItself = down || (published !== null && path === '/jwks');
      if (down) request.socket.destroy();
      else if (answersItself) response.end(JSON.stringify({ keys: [published] }));
      return answersItself;
    },
    onError: (words) => errors.push(words),
  });
  const { issuer } = core;

  return {
    ...{ issuer, audience: AUDIENCE, clients: clients.names, errors },
    allowRedirect: clients.allowRedirect,
    signIn: (as) => {
      next = as;
    },
    setGroups: (sub, names) => void groups.set(sub, names),
    token: async ({ audience = AUDIENCE, ...as }) => {
      next = as;
      return tokenFor(issuer, audience);
    },
    serviceToken: () =>
      askForToken(issuer, clients.names.service, {
        grant_type: 'client_credentials',
        scope: SCOPE,
        resource: AUDIENCE,
      }),
    approveDevice: async (uri, as) => {
      next = as;
      const browser = newBrowser();
      const code = await browser.submit(await browser.open(uri));
      const done = await browser.submit(code);
      if (done.status !== 200) throw new Error(`The device was not approved: ${done.text}`);
    },
    rotateKeys: ({ withdrawOld } = { withdrawOld: false }) => {
      keys = [newKey(), ...(withdrawOld ? [] : keys)];
      core.signWith(keys);
    },
    signingKey: () => ({ ...keys[0] }),
    publishAnotherKey: (now) => {
      const { kid, alg, use } = keys[0] ?? {};
      const { kty, n, e } = newKey();
      published = now ? { kid, alg, use, kty, n, e } : null;
    },
    setDown: (now) => {
      down = now;
      if (down) core.dropConnections();
    },
    asked: (path) => counts.get(path) ?? 0,
    stop: core.stop,
  };
}

/** A program with a token of its own, and the tests themselves, beside the clients that every provider of ours knows. */
function testClients() {
  const { web, device, rows, add, allowRedirect } = knownClients(TEST_REDIRECT);
  const service = { id: 'content-service', secret: randomUUID() };
  add(service.id, { client_secret: service.secret, grant_types: ['client_credentials'] });
  add('tests', {
    ...publicClient,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    application_type: 'native',
    redirect_uris: [TEST_REDIRECT],
  });
  return { names: { web, device, service }, rows, allowRedirect };
}

const plainPage = (context: Context, form: string): void => {
  context.body = form;
};
const plainPages: ProviderPages = {
  deviceCode: plainPage,
  deviceConfirm: plainPage,
  deviceDone: (context) => plainPage(context, 'You may go back to the device.'),
  error: plainPage,
};
