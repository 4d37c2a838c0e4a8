import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIdentityProvider, type TestIdentityProvider } from './identity-provider.ts';

let provider: TestIdentityProvider;
beforeAll(async () => {
  provider = await startIdentityProvider();
});
afterAll(() => provider.stop());

const claimsOf = (token: string, part = 1) =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;

test('an access token names its account, groups, acr and the time of the sign-in', async () => {
  provider.setGroups('sam', ['breakglass-admins']);
  const token = await provider.token({ sub: 'sam', acr: 'urn:example:gold', secondsAgo: 100 });
  expect(claimsOf(token, 0)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
  expect(claimsOf(token)).toMatchObject({
    ...{ iss: provider.issuer, aud: provider.audience, sub: 'sam', client_id: 'tests' },
    ...{ groups: ['breakglass-admins'], acr: 'urn:example:gold' },
  });
  const { iat, auth_time } = claimsOf(token) as { iat: number; auth_time: number };
  expect(iat - auth_time).toBeGreaterThanOrEqual(100);
  expect(claimsOf(await provider.token({ sub: 'sam', audience: 'https://other.example.com' })).aud).toBe(
    'https://other.example.com',
  );
});

test('a program gets a token of its own', async () => {
  expect(claimsOf(await provider.serviceToken())).toMatchObject({ sub: 'content-service', aud: provider.audience });
});

test('a device gets a token once a person approved its code', async () => {
  const client_id = provider.clients.device.id;
  const begun = await fetch(`${provider.issuer}/device/auth`, {
    method: 'POST',
    body: new URLSearchParams({ client_id, scope: 'openid breakglass offline_access', resource: provider.audience }),
  });
  const { device_code, verification_uri_complete } = (await begun.json()) as Record<string, string>;
  await provider.approveDevice(verification_uri_complete ?? '', { sub: 'petra' });
  const answer = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id,
      device_code: device_code ?? '',
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    }),
  });
  const { access_token, refresh_token } = (await answer.json()) as Record<string, string>;
  expect(claimsOf(access_token ?? '')).toMatchObject({ sub: 'petra', aud: provider.audience });
  expect(refresh_token).toBeDefined();
});

test('other keys sign after a rotation; while it is down, nobody is answered', async () => {
  const before = claimsOf(await provider.token({ sub: 'sam' }), 0).kid;
  provider.rotateKeys();
  expect(claimsOf(await provider.token({ sub: 'sam' }), 0).kid).not.toBe(before);
  const { keys } = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: unknown[] };
  expect(keys).toHaveLength(2);
  expect(provider.asked('/jwks')).toBe(1);
  provider.setDown(true);
  await expect(fetch(`${provider.issuer}/jwks`)).rejects.toThrow();
  provider.setDown(false);
});
