import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Standing } from '../../src/domain/people.ts';
import type { Authenticate } from '../../src/http/identity/caller.ts';
import { byToken } from '../../src/http/identity/people.ts';
import { providerKeys } from '../../src/http/identity/provider-keys.ts';
import { linkedPerson, standingOf } from '../../src/usecases/who-calls.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';
import { wholeOf } from './answers.ts';

let provider: TestIdentityProvider;
let api: TestApi;
/** Added to what time it is at the API (ms). */
let later = 0;
let door: Authenticate;
let refused: string[] = [];
let standing: Standing = 'member';
const nobody = { people: [], idpGroups: [] };
const roles = {
  operator: { people: ['T0HOME:U0OLIVIA'], idpGroups: ['operators'] },
  ops: nobody,
  security: nobody,
  auditor: { people: [], idpGroups: ['auditors'] },
  admin: { people: [], idpGroups: ['breakglass-admins'] },
};
const ages = { cache: 60_000, cooldown: 0, timeout: 1_000 };

beforeAll(async () => {
  provider = await startIdentityProvider();
  api = await startTestApi({
    authenticate: (db) => {
      const enter = (keys = providerKeys(provider.issuer, ages)): Authenticate =>
        byToken({
          db,
          rules: {
            ...{ issuer: provider.issuer, audience: provider.audience, keys },
            reading: () => ({ groupsClaim: 'groups', tokenType: 'at+jwt' }),
            time: () => Date.now() + later,
            onRefused: (why) => void refused.push(why),
          },
          standing: async () => standing,
          roster: () => ({ roles, clients: [{ subject: provider.clients.service.id, key: 'content' }] }),
        });
      fresh = enter;
      door = enter();
      return (shown) => door(shown);
    },
  });
  await api.db.query(
    'superuser',
    `insert into identities (provider, issuer, external_id, person_id, source)
     select 'oidc', $1, 'olivia', person_id, 'file' from identities where provider = 'slack' and external_id = 'U0OLIVIA'`,
    [provider.issuer],
  );
  provider.setGroups('alex', ['breakglass-admins']);
});
let fresh: () => Authenticate;
afterAll(async () => {
  await api.stop();
  await provider.stop();
});
beforeEach(() => {
  later = 0;
  refused = [];
});

const me = (token: string) => api.get('/v1/me', token);
/** The answer to the same question with these credentials, without what differs from one request to the next. */
async function answerTo(token: string) {
  const { status, headers, body } = await wholeOf(await me(token));
  return { status, headers, body: body.replace(/"request_id":"[^"]+"/, '') };
}

describe('a token of the provider', () => {
  test('of a linked person is that person, with the roles that the file and the provider’s groups give', async () => {
    const token = await provider.token({ sub: 'olivia' });
    expect(await (await me(token)).json()).toMatchObject({
      ...{ name: 'slack:T0HOME:U0OLIVIA', kind: 'person', linked: true, roles: ['person'], staff_roles: ['operator'] },
    });
  });

  test('of somebody not linked is a person who takes no part, and administers where a group says so', async () => {
    const alex = await (await me(await provider.token({ sub: 'alex' }))).json();
    expect(alex).toMatchObject({ name: `oidc:${provider.issuer}#alex`, linked: false, roles: ['person', 'admin'] });
    const request = {
      tenant: api.world.acmeKey,
      scope: 'audit_view',
      reason: 'Looking into it',
      ticket: 'X-1',
      minutes: 5,
    };
    const answer = await api.post('/v1/grants', await provider.token({ sub: 'alex' }), request);
    expect(await answer.json()).toMatchObject({ status: 403, refusal: 'not_linked' });
  });

  test('of a program that the configuration knows counts as that key, and as nobody once the key is revoked', async () => {
    const token = await provider.serviceToken();
    expect((await me(token)).status).toBe(401); // there is no such key yet
    await api.key({ name: 'content', tenants: [api.world.acmeKey] });
    expect(await (await me(token)).json()).toMatchObject({ name: 'key:content', kind: 'program', roles: ['service'] });
    await api.db.query(
      'superuser',
      "update api_keys set revoked_at = breakglass_now(), revoked_by = 'x' where name = 'content'",
    );
    expect((await me(token)).status).toBe(401);
  });
});

/** A token that is right but for what a test changes, signed by the provider's own key. */
async function forged(
  change: { claims?: JWTPayload; header?: Record<string, unknown>; without?: string[] } = {},
): Promise<string> {
  const key = provider.signingKey();
  const now = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    ...{ iss: provider.issuer, aud: provider.audience, sub: 'olivia', client_id: 'tests', iat: now, exp: now + 300 },
    ...{ groups: [], ...change.claims },
  };
  for (const name of change.without ?? []) delete claims[name];
  const header = { alg: 'RS256', typ: 'at+jwt', kid: String(key.kid), ...change.header };
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, 'RS256'));
}
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string): string => token.split('.')[1] ?? '';

const wrong: Readonly<Record<string, () => Promise<string>>> = {
  'of another issuer': () => forged({ claims: { iss: 'https://evil.example.com' } }),
  'for another audience': () => provider.token({ sub: 'olivia', audience: 'https://other.example.com' }),
  'that is signed with HS256 and the public key as the secret': async () => {
    const { n, e, kty } = provider.signingKey();
    const secret = await exportSPKI((await importJWK({ n, e, kty } as never, 'RS256')) as never);
    const unsigned = `${part({ alg: 'HS256', typ: 'at+jwt', kid: provider.signingKey().kid })}.${payloadOf(await forged())}`;
    return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
  },
  'that is not signed (alg none)': async () => `${part({ alg: 'none', typ: 'at+jwt' })}.${payloadOf(await forged())}.`,
  'that has expired': () => forged({ claims: { exp: Math.floor(Date.now() / 1000) - 60 } }),
  'that never expires': () => forged({ without: ['exp'] }),
  'that is not valid yet': () => forged({ claims: { nbf: Math.floor(Date.now() / 1000) + 120 } }),
  'that was made in the future': () => forged({ claims: { iat: Math.floor(Date.now() / 1000) + 120 } }),
  'that is older than an hour': () =>
    forged({ claims: { iat: Math.floor(Date.now() / 1000) - 3_700, exp: Math.floor(Date.now() / 1000) + 300 } }),
  'that does not say when it was made': () => forged({ without: ['iat'] }),
  'without a subject': () => forged({ without: ['sub'] }),
  'with an empty subject': () => forged({ claims: { sub: '' } }),
  'with a subject that has control characters': () => forged({ claims: { sub: 'olivia\n' } }),
  'that is an ID token by its type': () => forged({ header: { typ: 'JWT' } }),
  'of a key that nobody knows': () => forged({ header: { kid: 'unknown' } }),
  'that another key signed under the name of ours': async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const header = { alg: 'RS256', typ: 'at+jwt', kid: String(provider.signingKey().kid) };
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: provider.issuer,
      aud: provider.audience,
      sub: 'olivia',
      iat: now,
      exp: now + 300,
      groups: [],
    })
      .setProtectedHeader(header)
      .sign(privateKey);
  },
  'with a changed payload': async () => {
    const [header, , signature] = (await forged({ claims: { sub: 'somebody' } })).split('.');
    return `${header}.${payloadOf(await forged())}.${signature}`;
  },
  'that says nothing of groups': () => forged({ without: ['groups'] }),
  'whose groups are too many to say, so that it names where they are': () =>
    forged({ without: ['groups'], claims: { _claim_names: { groups: 'src1' } } }),
  'whose groups are no list': () => forged({ claims: { groups: 'breakglass-admins' } }),
  'of a program that nobody knows': () => forged({ claims: { sub: 'other-program', client_id: 'other-program' } }),
  'of a program that its provider calls a service account': () =>
    forged({ claims: { sub: 'cb1b', azp: 'robot', preferred_username: 'service-account-robot' } }),
  'that is an ID token, whatever its type': () => forged({ claims: { nonce: 'n' } }),
  'that is an ID token made with an access token': () => forged({ claims: { at_hash: 'h' } }),
  'that is no token': async () => 'not.a.token',
  'that is longer than any': async () => `${part({ alg: 'RS256' })}.${'A'.repeat(9_000)}.AAAA`,
};

describe('somebody who is no full member in Slack', () => {
  test.each(['guest', 'foreign', 'refused', 'unknown'] as const)('(%s) holds no role here either', async (said) => {
    standing = said;
    const { roles: held } = JSON.parse(await (await me(await provider.token({ sub: 'olivia' }))).text());
    standing = 'member';
    expect(held).toEqual(['person']);
    standing = said;
    const wish = {
      tenant: api.world.acmeKey,
      scope: 'audit_view',
      reason: 'Looking into it',
      ticket: 'X-1',
      minutes: 5,
    };
    const answer = await api.post('/v1/grants', await provider.token({ sub: 'olivia' }), wish);
    standing = 'member';
    expect(await answer.json()).toMatchObject({ refusal: 'not_an_operator' });
  });

  test('is what Slack says, and while it says nothing what it said last; of whom it never spoke, one of our team counts', async () => {
    const { db } = api.context;
    const account = 'T0HOME:U0OLIVIA';
    expect(await standingOf(db, { account, standing: null }, 'unknown', 'T0HOME')).toBe('member');
    expect(await standingOf(db, { account, standing: null }, 'unknown', 'T0OTHER')).toBe('foreign');
    expect(await standingOf(db, { account, standing: null }, 'guest', 'T0HOME')).toBe('guest');
    const kept = await linkedPerson(db, { issuer: provider.issuer, subject: 'olivia' });
    expect(kept?.standing).toBe('guest');
    if (kept) expect(await standingOf(db, kept, 'unknown', 'T0HOME')).toBe('guest');
    await standingOf(db, { account, standing: 'guest' }, 'member', 'T0HOME');
  });
});

test('somebody not linked holds no role by a group where nothing shows that a human signed in', async () => {
  const robot = await forged({ claims: { sub: 'robot', groups: ['breakglass-admins'] } });
  expect(await (await me(robot)).json()).toMatchObject({ roles: ['person'] });
  const human = await forged({ claims: { sub: 'alexa', groups: ['breakglass-admins'], auth_time: 1_700_000_000 } });
  expect(await (await me(human)).json()).toMatchObject({ roles: ['person', 'admin'] });
});

describe('one and the same 401 is the answer to a token', () => {
  test.each(Object.entries(wrong))('%s', async (_, make) => {
    const right = await answerTo(await forged());
    expect(right.status).toBe(200); // whatever is refused is refused for its one flaw
    const nothing = await answerTo('x');
    expect(nothing.status).toBe(401);
    expect(await answerTo(await make())).toEqual(nothing);
  });

  test('is refused for what is wrong with it, and the log is told that and no more', async () => {
    await me(await forged({ claims: { exp: 1 } }));
    expect(refused).toEqual(['ERR_JWT_EXPIRED']);
  });

  test('that ran out while the process’s clock stood still, by the time of the database’s machine', async () => {
    const token = await provider.token({ sub: 'olivia' });
    expect((await me(token)).status).toBe(200);
    later = 610_000;
    expect((await me(token)).status).toBe(401);
  });
});

describe('the provider’s keys', () => {
  test('are asked for once, and a rotated one counts at once', async () => {
    door = fresh();
    const before = provider.asked('/jwks');
    for (let times = 0; times < 5; times += 1) expect((await me(await forged())).status).toBe(200);
    expect(provider.asked('/jwks')).toBe(before + 1);
    provider.rotateKeys();
    expect((await me(await provider.token({ sub: 'olivia' }))).status).toBe(200);
    expect(provider.asked('/jwks')).toBe(before + 2);
  });

  test('that were withdrawn don’t count any more once they are asked for anew', async () => {
    door = fresh();
    const old = await forged();
    provider.rotateKeys({ withdrawOld: true });
    expect((await me(await forged())).status).toBe(200);
    expect((await me(old)).status).toBe(401);
  });

  test('count as long as they are kept while the provider is down; then nobody is believed, until it is back', async () => {
    const held = { cache: 400, cooldown: 0, timeout: 1_000 };
    const keys = providerKeys(provider.issuer, held);
    const token = await forged();
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    const flat = {
      protected: token.split('.')[0] ?? '',
      payload: payloadOf(token),
      signature: token.split('.')[2] ?? '',
    };
    expect(await keys(header, flat)).toBeDefined();
    provider.setDown(true);
    expect(await keys(header, flat)).toBeDefined(); // out of the cache
    await expect
      .poll(() =>
        Promise.resolve(keys(header, flat)).then(
          () => 'believed',
          () => 'nobody',
        ),
      )
      .toBe('nobody');
    provider.setDown(false);
    await expect
      .poll(() =>
        Promise.resolve(keys(header, flat)).then(
          () => 'believed',
          () => 'nobody',
        ),
      )
      .toBe('believed');
  });

  test('can’t be had at all: nobody is believed, and keys of ours work as ever', async () => {
    provider.setDown(true);
    door = fresh();
    expect((await me(await forged())).status).toBe(401);
    expect(refused).toEqual(['provider_unreachable']);
    provider.setDown(false);
    expect((await me(await forged())).status).toBe(200);
  });
});
