import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alone } from '../../src/cli/api/session.ts';
import { byKey } from '../../src/http/identity/keys.ts';
import { byToken } from '../../src/http/identity/people.ts';
import { providerKeys } from '../../src/http/identity/provider-keys.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';
import { commandLine, type Person } from './command-line.ts';

const { cli, folder, fileOf, homeOf, keep, modeOf, session, signIn, variablesOf } = commandLine();
let api: TestApi;
let provider: TestIdentityProvider;
let alex: Person;
const nobody = { people: [], idpGroups: [] };
const roles = {
  ...{ operator: nobody, ops: nobody, security: nobody, auditor: nobody },
  admin: { people: [], idpGroups: ['breakglass-admins'] },
};

beforeAll(async () => {
  provider = await startIdentityProvider();
  api = await startTestApi({
    authenticate: (db, checks) => {
      const tokens = byToken({
        db,
        rules: {
          ...{ issuer: provider.issuer, audience: provider.audience, keys: providerKeys(provider.issuer) },
          reading: () => ({ groupsClaim: 'groups', tokenType: 'at+jwt' }),
          ...{ time: () => Date.now(), onRefused: () => {} },
        },
        standing: async () => 'member' as const,
        roster: () => ({ roles, clients: [] }),
      });
      const keys = byKey(checks);
      return async (shown) => (await keys(shown)) ?? tokens(shown);
    },
  });
  provider.setGroups('alex', ['breakglass-admins']);
  alex = (await signIn('alex', api.url, provider)).person;
});
afterAll(async () => {
  await api.stop();
  await provider.stop();
});

const me = () => ({
  code: 0,
  out: [`oidc:${provider.issuer}#alex: person, admin`, expect.stringContaining('/breakglass link')],
});
const past = '2020-01-01T00:00:00.000Z';

describe('sign-in', () => {
  test('shows an address and a code, never a token, and what is kept is readable by its owner alone', async () => {
    const { ended } = await signIn('alex', api.url, provider);
    expect(ended).toMatchObject({ code: 0, err: [] });
    const kept = session('alex');
    for (const secret of [kept.access_token, kept.refresh_token]) {
      expect(secret).toBeTruthy();
      expect(ended.out.join('\n')).not.toContain(secret);
    }
    expect([modeOf(fileOf('alex')), modeOf(path.dirname(fileOf('alex')))]).toEqual(['600', '700']);
    expect(await alex('whoami')).toMatchObject(me());
  });

  test('says every variable that it needs', async () => {
    const { code, out, err } = await cli(['sign-in'], {});
    expect({ code, out }).toEqual({ code: 78, out: [] });
    expect(err.map((line) => line.split(':')[0])).toEqual(['BREAKGLASS_URL', 'OIDC_ISSUER', 'BREAKGLASS_CLIENT_ID']);
  });

  test('says so where the provider does not answer, or does not know the client', async () => {
    const variables = variablesOf('new', api.url, provider);
    const unknown = await cli(['sign-in'], { ...variables, BREAKGLASS_CLIENT_ID: 'somebody-else' });
    expect(unknown).toMatchObject({ code: 1, err: ['The identity provider says no: invalid_client.'] });
    provider.setDown(true);
    const down = await cli(['sign-in'], variables).finally(() => provider.setDown(false));
    expect(down).toMatchObject({ code: 5, err: [expect.stringContaining('does not answer')] });
    expect(existsSync(fileOf('new'))).toBe(false);
  });
});

describe('a session', () => {
  test('whose token is old is renewed before the token is used', async () => {
    const before = session('alex');
    keep('alex', { ...before, old_at: past });
    expect(await alex('whoami')).toMatchObject(me());
    const after = session('alex');
    expect(after.access_token).not.toBe(before.access_token);
    expect(Date.parse(after.old_at ?? '')).toBeGreaterThan(Date.now());
    expect(modeOf(fileOf('alex'))).toBe('600');
  });

  test('whose token the API does not take is renewed once, whatever this machine’s clock says', async () => {
    keep('alex', { ...session('alex'), access_token: 'not.a.token', old_at: '2100-01-01T00:00:00.000Z' });
    expect(await alex('whoami')).toMatchObject(me());
    expect(session('alex').access_token).not.toBe('not.a.token');
  });

  test('is renewed by one command alone where two find it old: a refresh token counts once', async () => {
    keep('alex', { ...session('alex'), old_at: past });
    const renewals = provider.asked('/token');
    const both = await Promise.all([alex('whoami'), alex('whoami')]);
    expect(both).toMatchObject([me(), me()]);
    expect(provider.asked('/token') - renewals).toBe(1);
  });

  test('is written by one command at a time, and a lock that somebody left behind does not hold up for ever', async () => {
    const file = path.join(homeOf('locked'), 'breakglass', 'session.json');
    let inside = 0;
    const met: number[] = [];
    const work = async () => {
      inside += 1;
      await rm(path.join(homeOf('locked'), 'nothing'), { force: true }); // a turn on the disk, in which another could come
      met.push(inside);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => alone(file, work)));
    expect(met).toEqual(Array(8).fill(1));
    writeFileSync(`${file}.lock`, '');
    utimesSync(`${file}.lock`, new Date(0), new Date(0));
    expect(await alone(file, async () => 'in')).toBe('in');
  });

  test('that the provider ended is said to be over, without a word of what was kept', async () => {
    const kept = session('alex');
    keep('ended', { ...kept, refresh_token: 'a-refresh-token-that-is-none', old_at: past });
    const { code, out, err } = await cli(['whoami'], { XDG_STATE_HOME: homeOf('ended') });
    expect({ code, out, err }).toEqual({ code: 4, out: [], err: ['The sign-in is over. Run: breakglass sign-in'] });
    keep('ended', { ...kept, refresh_token: null, old_at: past });
    expect(await cli(['whoami'], { XDG_STATE_HOME: homeOf('ended') })).toMatchObject({ code: 4, out: [] });
  });

  test('is for one API: what opens its door is shown to no other', async () => {
    const other = await cli(['whoami'], { BREAKGLASS_URL: 'http://127.0.0.1:9', XDG_STATE_HOME: homeOf('alex') });
    expect(other).toMatchObject({ code: 4, out: [], err: [expect.stringContaining('not for http://127.0.0.1:9')] });
  });

  test.each(['{', '{"url": 1}', ''])('that is none (%s) is nobody’s', async (text) => {
    keep('broken', {});
    writeFileSync(fileOf('broken'), text);
    const { code, err } = await cli(['whoami'], { BREAKGLASS_URL: api.url, XDG_STATE_HOME: homeOf('broken') });
    expect({ code, err }).toEqual({ code: 4, err: [expect.stringMatching(/^Nobody is signed in/)] });
  });

  test('is forgotten by sign-out', async () => {
    const { person } = await signIn('gone', api.url, provider);
    expect(await person('sign-out')).toMatchObject({ code: 0, err: [] });
    expect(existsSync(fileOf('gone'))).toBe(false);
    expect(await person('whoami')).toMatchObject({ code: 4, out: [] });
    expect(await person('sign-out')).toMatchObject({ code: 0, out: ['Nobody was signed in.'] });
  });
});

describe('a key', () => {
  test('signs in by itself, before any session', async () => {
    const key = await api.key({ name: 'ci', role: 'auditor' });
    const { code, out } = await cli(['whoami'], {
      ...{ BREAKGLASS_URL: api.url, BREAKGLASS_KEY: key, XDG_STATE_HOME: homeOf('alex') },
    });
    expect({ code, out }).toEqual({ code: 0, out: ['key:ci: auditor'] });
  });

  test('that is wrong is refused by the API, and one that can be none before it is asked; neither is repeated', async () => {
    const wrong = 'x'.repeat(43);
    const refused = await cli(['whoami'], { BREAKGLASS_URL: api.url, BREAKGLASS_KEY: wrong });
    expect(refused).toMatchObject({ code: 4, out: [], err: [expect.stringContaining('BREAKGLASS_KEY')] });
    const short = await cli(['whoami'], { BREAKGLASS_URL: api.url, BREAKGLASS_KEY: 'hunter2' });
    expect(short).toMatchObject({ code: 78, out: [] });
    expect([...refused.err, ...short.err].join()).not.toMatch(/xxxx|hunter2/);
  });
});

test.each([
  { url: 'http://breakglass.example.com', why: 'http is for this machine alone' },
  { url: 'breakglass.example.com', why: 'a web address' },
  { url: 'https://user@breakglass.example.com', why: 'an https address' },
])('BREAKGLASS_URL=$url is no address', async ({ url, why }) => {
  const { code, out, err } = await cli(['whoami'], { BREAKGLASS_URL: url, HOME: folder() });
  expect({ code, out, err }).toEqual({ code: 78, out: [], err: [expect.stringContaining(why)] });
});
