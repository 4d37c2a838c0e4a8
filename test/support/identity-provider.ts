import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { type Context, Provider, type Stored } from 'oidc-provider';
import { newBrowser } from './browser.ts';
import { providerMemory } from './provider-memory.ts';
import { askForToken, SCOPE, TEST_REDIRECT, tokenFor } from './provider-tokens.ts';

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
  const memory = providerMemory(clients.rows);
  let keys = [newKey()];
  let next: SignInAs = { sub: 'nobody' };
  let down = false;
  let published: Stored | null = null;
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();

  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    counts.set(path, (counts.get(path) ?? 0) + 1);
    if (down) request.socket.destroy();
    else if (published && path === '/jwks') response.end(JSON.stringify({ keys: [published] }));
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The provider has no port.');
  const issuer = `http://127.0.0.1:${address.port}`;

  const begin = (): void => {
    const provider = new Provider(issuer, configurationOf({ keys, memory, groups }));
    provider.use(async (context, go) => {
      if (!context.path.startsWith('/interaction/')) return go();
      const { sub, acr, secondsAgo = 0 } = next;
      const ts = Math.floor(Date.now() / 1000) - secondsAgo;
      context.respond = false;
      await provider.interactionFinished(context.req, context.res, {
        login: { accountId: sub, ts, ...(acr ? { acr } : {}) },
        consent: {},
      });
    });
    for (const event of ['authorization.error', 'grant.error', 'server_error', 'interaction.error']) {
      provider.on(event, (_context, error) => errors.push(`${event}: ${error.message}`));
    }
    answer = provider.callback();
  };
  begin();

  return {
    ...{ issuer, audience: AUDIENCE, clients: clients.names, errors },
    allowRedirect: (uri) => {
      clients.rows.set(clients.names.web.id, { ...clients.rows.get(clients.names.web.id), redirect_uris: [uri] });
    },
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
      begin();
    },
    signingKey: () => ({ ...keys[0] }),
    publishAnotherKey: (now) => {
      const { kid, alg, use } = keys[0] ?? {};
      const { kty, n, e } = newKey();
      published = now ? { kid, alg, use, kty, n, e } : null;
    },
    setDown: (now) => {
      down = now;
      if (down) server.closeAllConnections();
    },
    asked: (path) => counts.get(path) ?? 0,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Who may ask; kept outside the provider, so that a redirect can be added when its port is known. */
function testClients() {
  const names = {
    web: { id: 'breakglass-pages', secret: randomUUID() },
    device: { id: 'breakglass-command-line' },
    service: { id: 'content-service', secret: randomUUID() },
  };
  const rows = new Map<string, Stored>();
  const add = (id: string, more: Stored) =>
    rows.set(id, { client_id: id, redirect_uris: [], response_types: [], ...more });
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  add(names.web.id, {
    client_secret: names.web.secret,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [TEST_REDIRECT],
  });
  add(names.device.id, { ...publicClient, grant_types: [device, 'refresh_token'], application_type: 'native' });
  add(names.service.id, { client_secret: names.service.secret, grant_types: ['client_credentials'] });
  add('tests', {
    ...publicClient,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    application_type: 'native',
    redirect_uris: [TEST_REDIRECT],
  });
  return { names, rows };
}

const publicClient = { token_endpoint_auth_method: 'none' };

interface Parts {
  keys: readonly Stored[];
  memory: ReturnType<typeof providerMemory>;
  groups: ReadonlyMap<string, readonly string[]>;
}

function configurationOf({ keys, memory, groups }: Parts): Stored {
  return {
    adapter: memory,
    jwks: { keys },
    cookies: { keys: ['a secret of the tests'] },
    acrValues: ['urn:example:silver', 'urn:example:gold'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'] },
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      ClientCredentials: 600,
      DeviceCode: 600,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
    findAccount: async (_context: Context, sub: string) => ({ accountId: sub, claims: async () => ({ sub }) }),
    // Everybody agrees to everything: what is asked for is no matter of these tests.
    loadExistingGrant: async ({ oidc }: Context & { oidc: { provider: Provider } }) => {
      const rights = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      rights.addOIDCScope('openid offline_access');
      for (const audience of [AUDIENCE, 'https://other.example.com']) rights.addResourceScope(audience, SCOPE);
      await rights.save();
      return rights;
    },
    extraTokenClaims: async ({ oidc }: Context, token: { accountId?: string }) => {
      const by = oidc.entities.AuthorizationCode ?? oidc.entities.DeviceCode ?? oidc.entities.RefreshToken;
      return {
        ...(token.accountId ? { groups: groups.get(token.accountId) ?? [] } : {}),
        ...(by?.acr ? { acr: by.acr } : {}),
        ...(by?.authTime ? { auth_time: by.authTime } : {}),
      };
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: plainPage,
        userCodeConfirmSource: plainPage,
        successSource: async (context: Context) => {
          context.body = 'You may go back to the device.';
        },
      },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: Context, audience: string) => ({
          ...{ scope: SCOPE, audience, accessTokenTTL: 600, accessTokenFormat: 'jwt' },
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    renderError: async (context: Context, out: { error: string; error_description?: string }, error: Error) => {
      context.body = `${out.error}: ${out.error_description ?? ''} ${error.message}`;
    },
  };
}

async function plainPage(context: Context, form: string): Promise<void> {
  context.body = form;
}

function newKey(): Stored {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() };
}
