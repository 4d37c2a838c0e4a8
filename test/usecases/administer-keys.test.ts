import { describe, expect, test } from 'vitest';
import { NOBODY } from '../../src/domain/people.ts';
import type { Refusal } from '../../src/domain/refusals.ts';
import { adminKeyExists } from '../../src/store/api-keys.ts';
import { KeyGone } from '../../src/store/checks/outcomes.ts';
import { createKeyFor, listKeysFor, revokeKeyFor } from '../../src/usecases/administer-keys.ts';
import { adoptKey, createKey, hashOfKey, type KeyWish } from '../../src/usecases/api-keys.ts';
import { showConfiguration } from '../../src/usecases/show-configuration.ts';
import { boundTo, done, refusalOf, root, rowsBy } from './admin.ts';
import { type Office, office, work } from './office.ts';

const admin: KeyWish = {
  ...{ name: 'root', role: 'admin', tenants: null, subjects: [], actions: [] },
  ...{ defaultTenant: null, days: 90, perSecond: 1_000 },
};
const service: KeyWish = { ...admin, name: 'wiki', role: 'service', subjects: null, actions: ['content.read'] };
const make = ({ context }: Office, wish: KeyWish, by = root) => createKeyFor(context, { by, wish }, work());
const revoke = ({ context }: Office, name: string, by = root) => revokeKeyFor(context, { by, name }, work());
const secret = 'a-bootstrap-key-of-32-characters-or-more';
const adopt = ({ context }: Office, name = 'first', value = secret, by = context) =>
  adoptKey(by.db, { name, secret: value, days: 366 }, 'system:command-line', 'adopt');
const exists = ({ context }: Office) => context.db.acrossTenants('a test', adminKeyExists);

test('a key that is made and one that is ended are a row each, with what it was and is', async () => {
  const at = await office();
  const made = done(await make(at, service));
  expect(made.key).toMatch(/^bgk_/);
  done(await revoke(at, 'wiki'));
  expect(await rowsBy(at, root.name)).toMatchObject([
    { action: 'admin.key_created', details: { key: 'wiki', role: 'service', before: null, after: 'active' } },
    { action: 'admin.key_revoked', details: { key: 'wiki', before: 'active', after: 'revoked' } },
  ]);
  const { keys } = done(await listKeysFor(at.context, { by: root }, work()));
  expect(keys).toMatchObject([{ name: 'wiki', state: 'revoked', actions: ['content.read'] }]);
});

test('a key is shown once: a repeat says that it was made, and nothing keeps it', async () => {
  const at = await office();
  const once = () => createKeyFor(at.context, { by: root, wish: service }, work('k'));
  const { key, ...rest } = done(await once());
  expect(done(await once())).toEqual({ ...rest, key: null });
  expect(await rowsBy(at, root.name)).toHaveLength(1);
  const kept = await at.db.query('superuser', 'select h::text from handled_requests h');
  expect(kept).toHaveLength(1);
  expect(JSON.stringify(kept)).not.toContain(key);
});

const wrong = (field: string): Partial<Refusal> => ({ kind: 'field_wrong', field }) as Partial<Refusal>;
test.each<[string, Partial<KeyWish>, Partial<Refusal>]>([
  ['of a wrong name', { name: 'W' }, wrong('name')],
  ['of no role', { role: 'owner' as 'admin' }, wrong('role')],
  ['of no tenant at all', { tenants: [] }, wrong('tenants')],
  ['of a tenant that there is not', { tenants: ['nowhere'] }, { kind: 'unknown_tenant' }],
  ['that asks although it administers', { subjects: null }, wrong('subjects')],
  ['that acts although it administers', { actions: ['content.read'] }, wrong('actions')],
  ['with a tenant of its own questions', { defaultTenant: 'acme' }, wrong('default_tenant')],
  ['for longer than a year', { days: 367 }, wrong('days')],
  ['for no time', { days: 0 }, wrong('days')],
  ['for ever faster', { perSecond: 1_000_001 }, wrong('per_second')],
])('no key is made %s; the refusal is on record', async (_, wish, refusal) => {
  const at = await office();
  expect(refusalOf(await make(at, { ...admin, ...wish }))).toMatchObject(refusal);
  expect(await rowsBy(at, root.name)).toMatchObject([{ action: 'access.refused', details: { refusal: refusal.kind } }]);
  expect(await at.db.query('superuser', 'select from api_keys')).toHaveLength(0);
});

test('a name is taken once, and what is ended stays ended', async () => {
  const at = await office();
  done(await make(at, service));
  expect(refusalOf(await make(at, service))).toEqual({ kind: 'key_name_taken' });
  done(await revoke(at, 'wiki'));
  expect(refusalOf(await revoke(at, 'wiki'))).toEqual({ kind: 'key_revoked' });
  expect(refusalOf(await revoke(at, 'nobody'))).toEqual({ kind: 'unknown_key' });
});

test('a key does not end the last one that administers everything; a person does', async () => {
  const at = await office();
  done(await make(at, admin));
  done(await make(at, { ...admin, name: 'of-acme', tenants: ['acme'] }));
  expect(refusalOf(await revoke(at, 'root'))).toEqual({ kind: 'last_admin_key' });
  done(await make(at, { ...admin, name: 'second' }));
  done(await revoke(at, 'root'));
  expect(refusalOf(await revoke(at, 'second'))).toEqual({ kind: 'last_admin_key' });
  done(await revoke(at, 'second', { name: 'slack:T0HOME:U0ADA', tenants: null, key: null }));
});

test('keys and the configuration are not for who is bound to tenants', async () => {
  const at = await office();
  const by = await boundTo(at, 'acme');
  const outcomes = [
    await listKeysFor(at.context, { by }, work()),
    await make(at, { ...service, tenants: ['acme'] }, by),
    await revoke(at, 'root', by),
    await showConfiguration(at.context, { by }, work()),
  ];
  expect(outcomes.map(refusalOf)).toEqual(outcomes.map(() => ({ kind: 'needs_every_tenant' })));
  expect(await rowsBy(at, by.name)).toHaveLength(4);
  const shown = done(await showConfiguration(at.context, { by: root }, work()));
  const { policy, epoch } = at.context.inForce();
  expect(shown).toMatchObject({ epoch, hash: policy.hash, text: expect.stringContaining('key: acme') });
});

describe('the bootstrap key', () => {
  test('becomes the first key that administers, hashed, on record without itself', async () => {
    const at = await office();
    expect(await exists(at)).toBe(false);
    expect(await adopt(at)).toMatchObject({ kind: 'adopted' });
    expect(await exists(at)).toBe(true);
    const rows = await at.db.query('superuser', 'select name, role, tenants, secret_hash from api_keys');
    expect(rows).toEqual([{ name: 'first', role: 'admin', tenants: null, secret_hash: hashOfKey(secret) }]);
    const [row, ...more] = await rowsBy(at, 'system:command-line');
    expect([row?.action, more]).toEqual(['admin.key_adopted', []]);
    expect(JSON.stringify(row)).not.toContain(secret);
  });

  test.each<[string, (at: Office) => Promise<unknown>]>([
    ['counts', () => Promise.resolve()],
    ['expired', ({ db }) => db.clock.advance(367 * 24 * 60 * 60_000)],
    ['was revoked', (at) => revoke(at, 'first', { name: 'slack:T0HOME:U0ADA', tenants: null, key: null })],
  ])('is adopted once: never again while the first key %s', async (_, become) => {
    const at = await office();
    await adopt(at);
    await become(at);
    expect(await exists(at)).toBe(true);
    expect(await adopt(at, 'second', `${secret}-another`)).toEqual({ kind: 'admin_key_exists' });
    expect(await at.db.query('superuser', 'select from api_keys')).toHaveLength(1);
  });

  test('of several at once is one; nor is it adopted beside a key that is made at the same moment', async () => {
    const at = await office();
    const other = at.anotherProcess();
    const both = await Promise.all([adopt(at, 'one'), adopt(at, 'two', `${secret}-another`, other)]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['admin_key_exists', 'adopted']);
    const next = await office();
    const [adopted] = await Promise.all([
      adopt(next),
      createKey(next.anotherProcess().db, admin, 'system:command-line', 'make'),
    ]);
    const keys = await next.db.query<{ name: string }>('superuser', 'select name from api_keys order by created_at');
    expect(keys.map(({ name }) => name)).toEqual(adopted.kind === 'adopted' ? ['first', 'root'] : ['root']);
  });

  test('is no word that could be guessed, none that is a key already, and takes no name that is taken', async () => {
    const at = await office();
    expect(await adopt(at, 'first', 'short')).toEqual({ kind: 'secret_wrong' });
    expect(await adopt(at, 'first', `${secret} with spaces`)).toEqual({ kind: 'secret_wrong' });
    expect(await adopt(at, 'F')).toEqual({ kind: 'name_wrong' });
    const { key } = done(await make(at, service));
    expect(await adopt(at, 'first', String(key))).toEqual({ kind: 'secret_taken' });
    expect(await adopt(at, 'wiki')).toEqual({ kind: 'name_taken' });
    expect(await exists(at)).toBe(false);
  });
});

describe('whoever lost their key between the door and the act', () => {
  const byKey = async ({ db }: Office, name: string) => {
    const [row] = await db.query<{ id: string }>('superuser', 'select id from api_keys where name = $1', [name]);
    return { name: `key:${name}`, tenants: null, key: row?.id ?? '' };
  };

  test('changes nothing and sees nothing', async () => {
    const at = await office();
    for (const name of ['root', 'second']) done(await make(at, { ...admin, name }));
    const by = await byKey(at, 'second');
    done(await make(at, service, by));
    done(await revoke(at, 'second'));
    await expect(make(at, { ...service, name: 'late' }, by)).rejects.toThrow(KeyGone);
    await expect(revoke(at, 'root', by)).rejects.toThrow(KeyGone);
    await expect(listKeysFor(at.context, { by }, work())).rejects.toThrow(KeyGone);
    const { keys } = done(await listKeysFor(at.context, { by: root }, work()));
    expect(keys.map(({ name, state }) => [name, state])).toEqual([
      ['root', 'active'],
      ['second', 'revoked'],
      ['wiki', 'active'],
    ]);
  });

  test('nor by the bootstrap key, as soon as there is a key of the role', async () => {
    const at = await office();
    const by = { name: 'system:bootstrap-key', tenants: null, key: NOBODY };
    done(await make(at, service, by));
    done(await make(at, admin, by));
    await expect(make(at, { ...admin, name: 'another' }, by)).rejects.toThrow(KeyGone);
  });
});
