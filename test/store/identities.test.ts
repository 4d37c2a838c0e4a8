import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { personOf } from '../../src/store/people.ts';
import { aPerson } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let testDb: TestDatabase;
let db: Database;
beforeAll(async () => {
  testDb = await testDatabase();
  db = openDatabase({ url: testDb.url('app') });
});
afterAll(async () => {
  await db.close();
  await testDb.drop();
});

const whoIs = (account: string) => db.acrossTenants('a test', (tx) => personOf(tx, account));
const humans = async () => (await testDb.query('superuser', 'select from people')).length;

describe('an account is one person', () => {
  test('whenever they come', async () => {
    expect(await whoIs('T0HOME:U0AGAIN')).toBe(await whoIs('T0HOME:U0AGAIN'));
  });

  test('also when everybody sees them for the first time at once, and nobody else is left over', async () => {
    const before = await humans();
    const seen = await Promise.all(Array.from({ length: 10 }, () => whoIs('T0HOME:U0NEW')));
    expect(new Set(seen).size).toBe(1);
    expect(await humans()).toBe(before + 1);
  });

  test('and another one where another team has the same user id', async () => {
    expect(await whoIs('T0OTHER:U0SAME')).not.toBe(await whoIs('T0HOME:U0SAME'));
  });
});

describe.each(['app', 'owner'] as const)('as %s, by raw SQL', (role) => {
  const link = (person: string, provider: string, user: string) =>
    testDb.query(
      role,
      'insert into identities (provider, issuer, external_id, person_id, source) values ($1, $2, $3, $4, $5)',
      [provider, 'T0HOME', user, person, provider === 'slack' ? 'slack' : 'file'],
    );

  test('an identity belongs to one person', async () => {
    const session = await testDb.session('app');
    const [user, other] = [`U0OF${role}`, await aPerson(session)];
    await aPerson(session, user);
    await expect(link(other, 'slack', user)).rejects.toMatchObject({ constraint: 'identities_pkey' });
  });

  test('a person has one identity a provider', async () => {
    const person = await aPerson(await testDb.session('app'));
    await link(person, 'oidc', `sub-${role}`);
    await expect(link(person, 'slack', `U0SECOND${role}`)).rejects.toMatchObject({
      constraint: 'identities_person_id_provider_key',
    });
  });
});

test('nothing is known of anybody but who names them and how: no e-mail, no name', async () => {
  const columns = await testDb.query<{ table: string; column: string }>(
    'superuser',
    `select table_name as table, column_name as column from information_schema.columns
      where table_name in ('people', 'identities') order by 1, 2`,
  );
  expect(columns.map(({ table, column }) => `${table}.${column}`)).toEqual([
    'identities.created_at',
    'identities.external_id',
    'identities.issuer',
    'identities.person_id',
    'identities.provider',
    'identities.source',
    'identities.standing',
    'people.created_at',
    'people.id',
  ]);
});
