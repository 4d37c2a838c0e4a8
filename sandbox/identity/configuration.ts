import type { Adapter, Context, Provider, Stored } from 'oidc-provider';

/** What the API's access tokens may do. */
export const SCOPE = 'breakglass';

/** The pages that a provider shows beside the sign-in itself. */
export interface ProviderPages {
  /** Asks for the code that a device shows. @param form markup, without a button */
  deviceCode(context: Context, form: string): void;
  /** Asks whether the device may go on. @param form markup, without a button */
  deviceConfirm(context: Context, form: string): void;
  deviceDone(context: Context): void;
  error(context: Context, words: string): void;
}

interface Parts {
  adapter(model: string): Adapter;
  cookieSecret: string;
  audiences: readonly [string, ...string[]];
  groupsOf(sub: string): readonly string[];
  pages: ProviderPages;
}

const seconds = {
  AccessToken: 600,
  AuthorizationCode: 60,
  ClientCredentials: 600,
  DeviceCode: 600,
  Grant: 3600,
  IdToken: 600,
  Interaction: 600,
  RefreshToken: 3600,
  Session: 3600,
};

export const providerConfiguration = (
  keys: readonly Stored[],
  { adapter, cookieSecret, audiences, groupsOf, pages }: Parts,
): Stored => ({
  adapter,
  jwks: { keys },
  cookies: { keys: [cookieSecret] },
  acrValues: ['urn:example:silver', 'urn:example:gold'],
  scopes: ['openid', 'offline_access'],
  claims: { openid: ['sub'] },
  interactions: { url: (_context: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
  ttl: seconds,
  findAccount: async (_context: Context, sub: string) => ({ accountId: sub, claims: async () => ({ sub }) }),
  // Everybody agrees to everything: what a client may ask for is no matter here.
  loadExistingGrant: async ({ oidc }: Context & { oidc: { provider: Provider } }) => {
    const rights = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    rights.addOIDCScope('openid offline_access');
    for (const audience of audiences) rights.addResourceScope(audience, SCOPE);
    await rights.save();
    return rights;
  },
  extraTokenClaims: async ({ oidc }: Context, token: { accountId?: string }) => {
    const by = oidc.entities.AuthorizationCode ?? oidc.entities.DeviceCode ?? oidc.entities.RefreshToken;
    return {
      ...(token.accountId ? { groups: groupsOf(token.accountId) } : {}),
      ...(by?.acr ? { acr: by.acr } : {}),
      ...(by?.authTime ? { auth_time: by.authTime } : {}),
    };
  },
  features: featuresOf(audiences[0], pages),
  renderError: async (context: Context, out: { error: string; error_description?: string }, error: Error) =>
    pages.error(context, `${out.error}: ${out.error_description ?? ''} ${error.message}`),
});

const featuresOf = (audience: string, { deviceCode, deviceConfirm, deviceDone }: ProviderPages): Stored => ({
  devInteractions: { enabled: false },
  deviceFlow: {
    enabled: true,
    userCodeInputSource: async (context: Context, form: string) => deviceCode(context, form),
    userCodeConfirmSource: async (context: Context, form: string) => deviceConfirm(context, form),
    successSource: async (context: Context) => deviceDone(context),
  },
  clientCredentials: { enabled: true },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => audience,
    useGrantedResource: () => true,
    getResourceServerInfo: (_context: Context, meantFor: string) => ({
      ...{ scope: SCOPE, audience: meantFor, accessTokenTTL: seconds.AccessToken, accessTokenFormat: 'jwt' },
      jwt: { sign: { alg: 'RS256' } },
    }),
  },
});
