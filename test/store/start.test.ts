import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { reasonsNotToStart } from '../../src/store/assert-ready.ts';
import { openDatabase } from '../../src/store/database.ts';
import { activeGrant, aWorld, type World } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
let world: World;
beforeAll(async () => {
  db = await testDatabase();
  const app = await db.session('app');
  world = await aWorld(app);
  await activeGrant(app, world);
});
afterAll(() => db.drop());

const reasonsFor = async (url: string): Promise<string[]> => {
  const database = openDatabase({ url, connections: 1 });
  try {
    return await reasonsNotToStart(database);
  } finally {
    await database.close();
  }
};

/** A role of one's own for the test, with the means to sign in. @returns its connection string */
async function aRole(attributes: string, grants: (role: string) => string[] = () => []): Promise<string> {
  const role = `role_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(db.url('superuser'));
  await db.query('superuser', `create role ${role} login password 'a' ${attributes}`);
  onTestFinished(() => db.query('superuser', `drop role ${role}`).then(() => {}));
  for (const statement of grants(role)) await db.query('superuser', statement);
  url.username = role;
  url.password = 'a';
  return url.href;
}

describe('the bot starts as', () => {
  test('the role that the migrations made for it', async () => {
    expect(await reasonsFor(db.url('app'))).toEqual([]);
  });

  test('a member of that role, which then sees one tenant at a time as well', async () => {
    const url = await aRole('', (role) => [`grant breakglass_app to ${role}`]);
    expect(await reasonsFor(url)).toEqual([]);
    const database = openDatabase({ url, connections: 1 });
    const count = () => database.inTenant(world.acme, (tx) => tx.grant.count());
    const elsewhere = () => database.inTenant(world.globex, (tx) => tx.grant.count());
    const all = () => database.acrossTenants('a test', (tx) => tx.grant.count());
    expect([await count(), await elsewhere(), await all()]).toEqual([1, 0, 1]);
    await database.close();
  });
});

describe('the bot does not start as', () => {
  const strangers: { who: string; url: () => Promise<string>; reason: RegExp }[] = [
    { who: 'a superuser', url: async () => db.url('superuser'), reason: /superuser/ },
    { who: 'the owner of the tables', url: async () => db.url('owner'), reason: /owns the tables/ },
    {
      who: 'a role that goes around row-level security',
      url: () => aRole('bypassrls', (role) => [`grant breakglass_app to ${role}`]),
      reason: /BYPASSRLS/,
    },
    {
      who: 'a role that could become one that goes around row-level security',
      url: async () => {
        const strong = new URL(await aRole('bypassrls')).username;
        return aRole('noinherit', (role) => [`grant breakglass_app to ${role}`, `grant ${strong} to ${role}`]);
      },
      reason: /BYPASSRLS/,
    },
    {
      who: 'a role that could become the owner',
      url: () => aRole('noinherit', (role) => [`grant breakglass_app to ${role}`, `grant breakglass_owner to ${role}`]),
      reason: /owns the tables/,
    },
    {
      who: 'a superuser who only seems to be the bot',
      url: () => aRole('superuser', (role) => [`alter role ${role} set role = 'breakglass_app'`]),
      reason: /superuser/,
    },
    {
      who: 'a role that looks across tenants all the time',
      url: () => aRole('', (role) => [`grant breakglass_app to ${role}`, `grant breakglass_across to ${role}`]),
      reason: /sees every tenant/,
    },
    {
      who: 'a role that has what answers checks all the time',
      url: () => aRole('', (role) => [`grant breakglass_app to ${role}`, `grant breakglass_check to ${role}`]),
      reason: /sees the grants of every tenant/,
    },
    {
      who: 'a role that reads everything, as whoever backs up does',
      url: () => aRole('', (role) => [`grant breakglass_app to ${role}`, `grant breakglass_backup to ${role}`]),
      reason: /inherits breakglass_backup/,
    },
    { who: 'a role that is none of ours', url: () => aRole(''), reason: /must be breakglass_app or a member of it/ },
    {
      who: 'a member of that role that has nothing of it without asking',
      url: () => aRole('noinherit', (role) => [`grant breakglass_app to ${role}`]),
      reason: /does not inherit it/,
    },
    {
      who: 'a role that may look across and nothing else',
      url: () => aRole('noinherit', (role) => [`grant breakglass_across to ${role}`]),
      reason: /must be breakglass_app or a member of it/,
    },
  ];
  for (const { who, url, reason } of strangers) {
    test(who, async () => {
      expect((await reasonsFor(await url())).join('\n')).toMatch(reason);
    });
  }
});

test('the bot does not start on a database without tables', async () => {
  const empty = `empty_${randomUUID().replaceAll('-', '')}`;
  await db.query('superuser', `create database ${empty}`);
  onTestFinished(() => db.query('superuser', `drop database ${empty} with (force)`).then(() => {}));
  const url = new URL(db.url('app'));
  url.pathname = `/${empty}`;
  expect(await reasonsFor(url.href)).toEqual(['The database is not up to date. Run: breakglass migrate']);
});

test('the bot does not start on a database that lacks a migration, or where one was left half done', async () => {
  const behind = await testDatabase();
  onTestFinished(() => behind.drop());
  const latest = '(select max(migration_name) from _prisma_migrations)';
  await behind.query('superuser', `update _prisma_migrations set finished_at = null where migration_name = ${latest}`);
  const reasons = ['The database is not up to date. Run: breakglass migrate'];
  expect(await reasonsFor(behind.url('app'))).toEqual(reasons);
  await behind.query('superuser', `delete from _prisma_migrations where migration_name = ${latest}`);
  expect(await reasonsFor(behind.url('app'))).toEqual(reasons);
});

test('a session says itself that an answer waits for the disk, whatever the role or the database says', async () => {
  const name = new URL(db.url('app')).pathname.slice(1);
  await db.query('superuser', `alter database ${name} set synchronous_commit = off`);
  const plain = new pg.Client({ connectionString: db.url('app') });
  await plain.connect();
  const show = 'show synchronous_commit';
  const { rows } = await plain.query<{ synchronous_commit: string }>(show);
  await plain.end();
  const database = openDatabase({ url: db.url('app'), connections: 1 });
  const ours = await database.inTenant(world.acme, (tx) => tx.$queryRaw`show synchronous_commit`);
  await database.close();
  expect([rows, ours]).toEqual([[{ synchronous_commit: 'off' }], [{ synchronous_commit: 'on' }]]);
});
