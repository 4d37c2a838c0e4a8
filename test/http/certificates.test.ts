import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authenticate } from '../../src/http/identity/caller.ts';
import { byKey } from '../../src/http/identity/keys.ts';
import { byCertificate } from '../../src/http/identity/people.ts';
import { type WrongTries, wrongTries } from '../../src/http/identity/wrong-tries.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { type TestAuthority, type TestCertificate, testAuthority } from '../support/certificates.ts';

let api: TestApi;
let ours: TestAuthority;
let tries: WrongTries = wrongTries();
const client = { key: 'reader', certificate: { CN: 'reader', O: 'Example' } };
beforeAll(async () => {
  ours = await testAuthority('clients');
  const server = await ours.sign('CN=127.0.0.1');
  const nobody = { people: [], idpGroups: [] };
  const roles = { operator: nobody, ops: nobody, security: nobody, auditor: nobody, admin: nobody };
  api = await startTestApi({
    // Each test may take a count of its own.
    tries: { pause: (...at) => tries.pause(...at), wrong: (at) => tries.wrong(at), right: (at) => tries.right(at) },
    network: { tls: { ...server, clientCa: ours.cert } },
    authenticate: (db, checks): Authenticate => {
      const [key, certificate] = [byKey(checks), byCertificate(db, () => ({ roles, clients: [client] }))];
      return async (shown) => (await key(shown)) ?? certificate(shown);
    },
  });
  await api.key({ name: 'reader', tenants: [api.world.acmeKey] });
});
afterAll(() => api.stop());

/** Who the API takes somebody for that shows a certificate, and a key beside it where one is given. */
function me(
  shown: TestCertificate | null,
  headers: Record<string, string> = {},
): Promise<{ status: number; name?: string }> {
  return new Promise((resolve, reject) => {
    const port = new URL(api.url).port;
    const options = { host: '127.0.0.1', port, path: '/v1/me', ca: ours.cert, headers, agent: false as const };
    const asked = request({ ...options, ...(shown ?? {}) }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, name: JSON.parse(Buffer.concat(parts).toString()).name }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('a client certificate', () => {
  test('that the configuration names counts as that key, by its subject whatever the order', async () => {
    expect(await me(await ours.sign('CN=reader,O=Example'))).toEqual({ status: 200, name: 'key:reader' });
    expect(await me(await ours.sign('O=Example,CN=reader'))).toEqual({ status: 200, name: 'key:reader' });
  });

  test('that was right lately is looked at, however many wrong keys come from where it comes from', async () => {
    tries = wrongTries(2);
    const right = await ours.sign('CN=reader,O=Example');
    expect((await me(right)).status).toBe(200);
    for (const _ of Array(3)) await me(null, { authorization: 'Bearer wrong' });
    expect((await me(null, { authorization: 'Bearer wrong' })).status).toBe(429);
    expect((await me(right)).status).toBe(200);
    tries = wrongTries();
  });

  test.each([
    ['another name', 'CN=writer,O=Example'],
    ['a part of the name', 'CN=reader'],
    ['more than the name', 'CN=reader,O=Example,OU=Elsewhere'],
    ['the name twice', 'CN=reader,CN=reader,O=Example'],
    ['the name as another part', 'O=reader,CN=Example'],
  ])('of %s is nobody', async (_, subject) => {
    expect((await me(await ours.sign(subject))).status).toBe(401);
  });

  test('of another authority, or that has run out, is nobody', async () => {
    const theirs = await testAuthority('clients');
    expect((await me(await theirs.sign('CN=reader,O=Example'))).status).toBe(401);
    const past = { from: new Date('2020-01-01'), to: new Date('2020-02-01') };
    expect((await me(await ours.sign('CN=reader,O=Example', past))).status).toBe(401);
  });

  test('is not looked at where a key is shown, right or wrong', async () => {
    const reader = await ours.sign('CN=reader,O=Example');
    const other = await api.key({ name: 'other' });
    expect(await me(reader, { authorization: `Bearer ${other}` })).toEqual({ status: 200, name: 'key:other' });
    expect((await me(reader, { authorization: `Bearer ${other}x` })).status).toBe(401);
  });

  test.each([{ origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }])(
    'that a browser shows for a page from elsewhere is nobody (%j)',
    async (headers) => {
      expect((await me(await ours.sign('CN=reader,O=Example'), headers)).status).toBe(401);
    },
  );

  test('counts for nothing from the moment its key is revoked', async () => {
    const reader = await ours.sign('CN=reader,O=Example');
    await api.db.query(
      'superuser',
      "update api_keys set revoked_at = breakglass_now(), revoked_by = 'x' where name = 'reader'",
    );
    expect((await me(reader)).status).toBe(401);
  });

  test('is not needed: who shows none comes in by a key', async () => {
    const key = await api.key({ name: 'plain' });
    expect(await me(null, { authorization: `Bearer ${key}` })).toEqual({ status: 200, name: 'key:plain' });
    expect((await me(null)).status).toBe(401);
  });
});
