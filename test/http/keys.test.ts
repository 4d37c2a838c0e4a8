import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { endKey } from '../../src/usecases/api-keys.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { OLIVIA, question, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant } from '../support/builders.ts';
import { postRaw, type Raw } from './door.ts';

const HOUR_MS = 60 * 60_000;
const NOBODYS = `bgk_${'A'.repeat(43)}`;

let api: TestApi;
let database: Database;
const keys = { good: '', expired: '', revoked: '' };
beforeAll(async () => {
  api = await startTestApi();
  database = openDatabase({ url: api.db.url('app'), connections: 1 });
  keys.expired = await api.key({ days: 1 });
  await api.db.clock.advance(24 * HOUR_MS);
  keys.good = await api.key();
  keys.revoked = await api.key({ name: 'revoked' });
  await revoke('revoked');
  await activeGrant(api.session, api.world);
});
afterAll(async () => {
  await database.close();
  await api.stop();
});

const revoke = async (name: string) => expect(await endKey(database, name, 'system:test', 'a-test')).toBe(true);
const good = () => JSON.stringify(question(api.world.acmeKey));
const json = { 'content-type': 'application/json' };
const ask = (authorization: string | string[] | undefined, body = good(), path = '/access/v1/evaluation') =>
  postRaw(`${api.url}${path}`, { ...json, ...(authorization !== undefined && { authorization }) }, body);
const bearer = (key: string) => `Bearer ${key}`;

const refusal: Raw = {
  status: 401,
  headers: [
    'cache-control: no-store',
    'www-authenticate: Bearer realm="breakglass"',
    'content-type: text/plain; charset=utf-8',
    'content-length: 67',
    'Connection: close',
  ],
  body: 'Expected a key or token of this service: Authorization: Bearer KEY.',
};

test('a key that counts opens the door', async () => {
  for (const authorization of [bearer(keys.good), `bearer ${keys.good}`]) {
    const answer = await ask(authorization);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('"decision":true');
  }
});

describe('one and the same refusal is the answer to', () => {
  const strangers: [string, () => string | string[] | undefined][] = [
    ['no key', () => undefined],
    ['an empty header', () => ''],
    ['a scheme without a key', () => 'Bearer'],
    ['a key without a scheme', () => keys.good],
    ['a key of another scheme', () => `Basic ${Buffer.from(`${keys.good}:`).toString('base64')}`],
    ['a good key under the name of another scheme', () => `Basic ${keys.good}`],
    ['a key that nobody has', () => bearer(NOBODYS)],
    ['a key that has expired', () => bearer(keys.expired)],
    ['a key that was revoked', () => bearer(keys.revoked)],
    ['a key cut short', () => bearer(keys.good.slice(0, -1))],
    ['a key with something behind it', () => bearer(`${keys.good}A`)],
    ['a key and another word', () => bearer(`${keys.good} ${keys.good}`)],
    ['a key without its first word', () => bearer(keys.good.replace('bgk_', ''))],
    ['a key in capitals', () => bearer(keys.good.toUpperCase())],
    ['a text that no key can be', () => bearer(`' or true --${'é'.repeat(40)}`)],
    ['a good key twice in one header', () => `${bearer(keys.good)}, ${bearer(keys.good)}`],
    ['a good key in two headers', () => [bearer(keys.good), bearer(keys.good)]],
    ['a good key before another one', () => [bearer(keys.good), bearer(NOBODYS)]],
    ['a good key behind another one', () => [bearer(NOBODYS), bearer(keys.good)]],
  ];
  test.each(strangers)('%s', async (_who, authorization) => {
    expect(await ask(authorization())).toEqual(refusal);
  });

  const bodies: [string, string, Record<string, string>][] = [
    ['no JSON', '{"subject":', json],
    ['nothing', '', json],
    ['another type', '<evaluation/>', { 'content-type': 'text/xml' }],
    ['too much', JSON.stringify({ padding: 'x'.repeat(70_000) }), json],
  ];
  test.each(bodies)('a wrong key, before its body is looked at: %s', async (_what, body, headers) => {
    const url = `${api.url}/access/v1/evaluation`;
    for (const key of [NOBODYS, keys.expired, keys.revoked]) {
      expect(await postRaw(url, { ...headers, authorization: bearer(key) }, body)).toEqual(refusal);
    }
    const { status } = await postRaw(url, { ...headers, authorization: bearer(keys.good) }, body);
    expect([400, 413]).toContain(status);
  });

  test.each(['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action'])(
    'a wrong key at %s',
    async (path) => {
      expect(await ask(bearer(NOBODYS), '{}', `/access/v1/${path}`)).toEqual(refusal);
    },
  );
});

test('no refusal of a key leaves a record', async () => {
  const records = 'select count(*)::int as n from audit_events';
  const before = await api.db.query('superuser', records);
  for (const key of [NOBODYS, keys.expired, keys.revoked]) await ask(bearer(key));
  expect(await api.db.query('superuser', records)).toEqual(before);
});

test('a key counts up to the moment of its end', async () => {
  const key = bearer(await api.key({ days: 1, name: 'for-a-day' }));
  await api.db.clock.advance(24 * HOUR_MS - 60_000);
  expect((await ask(key)).status).toBe(200);
  await api.db.clock.advance(60_000);
  expect(await ask(key)).toEqual(refusal);
});

describe('a key that is revoked', () => {
  const questions: Record<string, (tenant: string) => object> = {
    evaluation: question,
    evaluations: (tenant) => ({ ...question(tenant), evaluations: [{}, {}] }),
    'search/subject': (tenant) => ({ ...question(tenant), subject: { type: 'user' } }),
    'search/resource': (tenant) => ({ ...question(tenant), resource: { type: 'tenant' } }),
    'search/action': (tenant) => question(tenant),
  };
  beforeAll(async () => {
    await activeGrant(api.session, api.world, { scope: 'create_platform_owner' });
  });

  test.each(Object.entries(questions))('is refused at its next request to %s', async (path, about) => {
    const name = `next-${path.replace('/', '-')}`;
    const key = bearer(await api.key({ name }));
    const body = JSON.stringify(about(api.world.acmeKey));
    expect((await ask(key, body, `/access/v1/${path}`)).status).toBe(200);
    await revoke(name);
    expect(await ask(key, body, `/access/v1/${path}`)).toEqual(refusal);
    expect(await ask(key, '{', `/access/v1/${path}`), 'by the door, not by the answer').toEqual(refusal);
  });

  test.each(Object.entries(questions))('is refused when it is past the door already: %s', async (path, about) => {
    const name = `past-${path.replace('/', '-')}`;
    const key = bearer(await api.key({ name }));
    const holder = await api.db.session('superuser');
    // Which policy is in force is a matter of the answer, not of the door.
    await holder.query('begin; lock table policy_epochs in access exclusive mode');
    const answer = ask(key, JSON.stringify(about(api.world.acmeKey)), `/access/v1/${path}`);
    await untilWaitedFor(api.db, holder);
    // In one step with letting go: a check waits for a lock for less than a second.
    await holder.query(
      `update api_keys set revoked_at = breakglass_now(), revoked_by = 'x' where name = '${name}'; commit`,
    );
    expect(await answer).toEqual(refusal);
    const recorded = await api.db.query('superuser', 'select from audit_events where actor = $1', [`key:${name}`]);
    expect(recorded).toHaveLength(0);
  });
});

test('a key is asked about live by each of its requests, and its name is on record with the answer', async () => {
  const key = bearer(await api.key({ name: 'reader' }));
  await ask(key);
  const [row] = await api.db.query(
    'superuser',
    `select details ->> 'subject' as subject from audit_events where actor = 'key:reader'`,
  );
  expect(row).toEqual({ subject: OLIVIA });
});
