import { createHash } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { allKeys, createKey, endKey, type KeyWish } from '../../src/usecases/api-keys.ts';
import { across, aTenant, inScope } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
let store: Database;
let app: pg.Client;
let acme: string;
beforeAll(async () => {
  db = await testDatabase();
  store = openDatabase({ url: db.url('app'), connections: 2 });
  app = await db.session('app');
  acme = await aTenant(app, 'acme');
});
afterAll(async () => {
  await store.close();
  await db.drop();
});

const all = {
  ...({ role: 'service', tenants: null, subjects: null, actions: null } as const),
  ...{ defaultTenant: null, days: 90, perSecond: 1_000 },
};
const create = (name: string, wish: Partial<KeyWish> = {}) =>
  createKey(store, { ...all, name, ...wish }, 'system:command-line', `make-${name}`);
const revoke = (name: string) => endKey(store, name, 'system:command-line', `end-${name}`);

async function made(name: string, wish: Partial<KeyWish> = {}): Promise<string> {
  const outcome = await create(name, wish);
  if (outcome.kind !== 'made') throw new Error(`No key: ${outcome.kind}`);
  return outcome.key;
}

const rowOf = async (name: string) =>
  (await db.query('superuser', 'select * from api_keys where name = $1', [name]))[0];
const recordsOf = (name: string) =>
  db.query<{ action: string; actor: string; tenant_id: null; request_id: string; details: object; entry: string }>(
    'superuser',
    `select action, actor, tenant_id, request_id, details, entry from audit_events where details ->> 'key' = $1 order by id`,
    [name],
  );

describe('a key', () => {
  test('is 256 random bits behind a word that scanners find, another one each time', async () => {
    const keys = await Promise.all(['random-1', 'random-2', 'random-3'].map((name) => made(name)));
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) {
      expect(key).toMatch(/^bgk_[\w-]{43}$/);
      expect(Buffer.from(key.slice(4), 'base64url')).toHaveLength(32);
    }
  });

  test('is kept as its SHA-256, with its bounds', async () => {
    const wish = { tenants: ['acme', 'acme'], subjects: ['slack:T0HOME:U0OLIVIA'], actions: ['content.read'] };
    const key = await made('kept', { ...wish, defaultTenant: 'acme', days: 30, perSecond: 7 });
    const row = await rowOf('kept');
    expect(row).toMatchObject({
      ...{ role: 'service', secret_hash: createHash('sha256').update(key).digest(), per_second: 7 },
      ...{ tenants: [acme], subjects: wish.subjects, actions: wish.actions, default_tenant_id: acme },
      ...{ created_by: 'system:command-line', revoked_at: null, revoked_by: null },
    });
    expect(row?.expires_at.getTime() - row?.created_at.getTime()).toBeCloseTo(30 * 24 * 60 * 60_000, -2);
  });

  test('of an unknown tenant is not made, and nothing is on record of it', async () => {
    for (const wish of [{ tenants: ['acme', 'nowhere'] }, { defaultTenant: 'nowhere' }, { tenants: ['\0'] }]) {
      expect(await create('unmade', wish)).toMatchObject({ kind: 'unknown_tenant' });
    }
    expect(await rowOf('unmade')).toBeUndefined();
    expect(await recordsOf('unmade')).toEqual([]);
  });

  test('takes a name that none has or had', async () => {
    await made('once');
    expect(await create('once')).toEqual({ kind: 'name_taken' });
    expect(await revoke('once')).toBe(true);
    expect(await create('once')).toEqual({ kind: 'name_taken' });
    const racing = await Promise.all(['race', 'race', 'race'].map((name) => create(name)));
    expect(racing.map(({ kind }) => kind).sort()).toEqual(['made', 'name_taken', 'name_taken']);
  });

  test('is ended once, and is on the list as what it is', async () => {
    await made('to-end');
    const stateOf = async () => (await allKeys(store)).find(({ name }) => name === 'to-end')?.state;
    expect(await stateOf()).toBe('active');
    expect([await revoke('to-end'), await revoke('to-end'), await revoke('never-was')]).toEqual([true, false, false]);
    expect(await stateOf()).toBe('revoked');
  });
});

test('making and ending a key is on record, without the key and its hash', async () => {
  const key = await made('recorded', { tenants: ['acme'], actions: ['content.read'], defaultTenant: 'acme' });
  await revoke('recorded');
  await revoke('recorded');
  const records = await recordsOf('recorded');
  const by = { actor: 'system:command-line', tenant_id: null };
  expect(records).toMatchObject([
    {
      ...{ ...by, action: 'admin.key_created', request_id: 'make-recorded' },
      details: {
        ...{ key: 'recorded', role: 'service', tenants: ['acme'], subjects: null, actions: ['content.read'] },
        ...{ default_tenant: 'acme', per_second: 1_000, expires_at: expect.any(String) },
      },
    },
    { ...by, action: 'admin.key_revoked', request_id: 'end-recorded', details: { key: 'recorded' } },
  ]);
  const hash = createHash('sha256').update(key).digest();
  for (const { entry } of records) {
    for (const secret of [key.slice(4), hash.toString('hex'), hash.toString('base64')]) {
      expect(entry).not.toContain(secret);
    }
  }
});

test('a key that could not be put on record is not made, and one is not ended', async () => {
  await made('stays');
  await db.query('superuser', 'alter table audit_events add constraint nothing_more check (false) not valid');
  await expect(create('unrecorded')).rejects.toThrow('nothing_more');
  await expect(revoke('stays')).rejects.toThrow('nothing_more');
  await db.query('superuser', 'alter table audit_events drop constraint nothing_more');
  expect(await rowOf('unrecorded')).toBeUndefined();
  expect(await rowOf('stays')).toMatchObject({ revoked_at: null });
});

describe('whoever writes past the use case', () => {
  /** Another value for each column of a key; a column without one fails the walk. */
  const others: Readonly<Record<string, string>> = {
    id: 'gen_random_uuid()',
    name: `'another'`,
    role: `'admin'`,
    secret_hash: `sha256('a')`,
    tenants: 'null',
    subjects: 'null',
    actions: 'null',
    default_tenant_id: 'null',
    per_second: 'per_second + 1',
    created_at: `created_at - interval '1 day'`,
    created_by: `'somebody else'`,
    expires_at: `expires_at + interval '1 day'`,
  };
  const ending = ['revoked_at', 'revoked_by'];
  beforeAll(async () => {
    await made('fixed', { tenants: ['acme'], subjects: ['s'], actions: ['a'], defaultTenant: 'acme' });
  });

  test('changes nothing of a key, not even as the superuser', async () => {
    const columns = await db.query<{ name: string }>(
      'superuser',
      `select attname::text as name from pg_attribute where attrelid = 'api_keys'::regclass and attnum > 0 and not attisdropped`,
    );
    expect(columns.map(({ name }) => name).sort()).toEqual([...Object.keys(others), ...ending].sort());
    for (const [column, value] of Object.entries(others)) {
      const change = `update api_keys set ${column} = ${value} where name = 'fixed'`;
      await expect(db.query('superuser', change), column).rejects.toThrow('a key never changes');
      await expect(
        across(app, () => app.query(change)),
        column,
      ).rejects.toThrow('permission denied');
    }
  });

  test('revives no key that was revoked, and moves no end', async () => {
    await made('ended');
    await revoke('ended');
    for (const change of [
      'revoked_at = null, revoked_by = null',
      `revoked_at = revoked_at + interval '1 day'`,
      `revoked_by = 'nobody'`,
    ]) {
      const revival = across(app, () => app.query(`update api_keys set ${change} where name = 'ended'`));
      await expect(revival, change).rejects.toThrow('a revoked key stays revoked');
    }
  });

  test('removes no key', async () => {
    for (const removal of ['delete from api_keys', 'truncate api_keys']) {
      await expect(db.query('superuser', removal), removal).rejects.toThrow('api_keys rows are never removed');
      await expect(
        across(app, () => app.query(removal)),
        removal,
      ).rejects.toThrow('permission denied');
    }
  });

  test('sees and makes none within a tenant', async () => {
    for (const statement of ['select from api_keys', 'insert into api_keys default values']) {
      await expect(inScope(app, acme, () => app.query(statement))).rejects.toThrow('permission denied');
    }
  });

  test('keeps no key of a role that there is not, without an end or with a short hash', async () => {
    const insert = (overrides: Record<string, string>) => {
      const row = {
        name: `'odd'`,
        role: `'service'`,
        secret_hash: `sha256('odd')`,
        per_second: '1',
        created_by: `'t'`,
      };
      const whole = { ...row, expires_at: `breakglass_now() + interval '1 day'`, ...overrides };
      return db.query('superuser', `insert into api_keys (${Object.keys(whole)}) values (${Object.values(whole)})`);
    };
    await expect(insert({ role: `'owner'` })).rejects.toThrow('key_has_a_known_role');
    await expect(insert({ expires_at: 'null' })).rejects.toThrow('null value in column "expires_at"');
    await expect(insert({ expires_at: `breakglass_now() - interval '1 day'` })).rejects.toThrow('key_ends');
    await expect(insert({ secret_hash: `'bgk_in_the_clear'` })).rejects.toThrow('key_is_stored_hashed');
    await expect(insert({ per_second: '0' })).rejects.toThrow('key_is_limited');
  });
});
