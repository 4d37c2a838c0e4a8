import { describe, expect, onTestFinished, test } from 'vitest';
import { reasonsNotToStart } from '../../src/store/assert-ready.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrationsList } from '../../src/store/migrations/engine.ts';
import { read } from '../docs/reading.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { takesAway, upgradeMistakes } from './upgrade-rules.ts';

/** The newest migration of the last release; null before the first. */
const lastReleased: string | null = null;

const migrations = migrationsList().migrationDirectories.map(({ path, migrationFile }) => ({
  name: path,
  sql: migrationFile.content.value,
}));
const newest = String(migrations.at(-1)?.name);

describe('a bot whose database is ahead', () => {
  const reasonsFor = async (db: TestDatabase): Promise<string[]> => {
    const database = openDatabase({ url: db.url('app'), connections: 1 });
    return reasonsNotToStart(database).finally(database.close);
  };
  const upgraded = async (since: string): Promise<TestDatabase> => {
    const db = await testDatabase();
    onTestFinished(() => db.drop());
    await db.query(
      'owner',
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ('later', 'later', '29991231000001_later', now(), 1)`,
    );
    await db.query(
      'owner',
      `create or replace function compatible_since() returns text
         language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp as $$ select '${since}' $$`,
    );
    return db;
  };

  test('starts where the newer version only added', async () => {
    expect(await reasonsFor(await upgraded(newest))).toEqual([]);
  });

  test('does not start where the newer version took away what it uses, and says which version it takes', async () => {
    expect(await reasonsFor(await upgraded('29991231000001_later'))).toEqual([
      'The database is of a newer version than this one can work on (since 29991231000001_later). Start the newer version.',
    ]);
  });
});

test('what the database says that bots must know is a migration that is there', async () => {
  const db = await testDatabase();
  onTestFinished(() => db.drop());
  const [row] = await db.query<{ since: string }>('owner', 'select compatible_since() as since');
  expect(migrations.map(({ name }) => name)).toContain(row?.since);
});

test('migrations since the last release leave its bots running', () => {
  expect(upgradeMistakes(migrations, lastReleased)).toEqual([]);
});

test('there is a last release to hold migrations against as soon as the changelog has one', () => {
  const releases = [...read('CHANGELOG.md').matchAll(/^## \[\d+\.\d+\.\d+\]/gm)];
  expect(lastReleased === null).toBe(releases.length === 0);
  if (lastReleased !== null) expect(migrations.map(({ name }) => name)).toContain(lastReleased);
});

describe('a migration takes something away', () => {
  test.each([
    'drop table notes;',
    'alter table grants drop column reason;',
    'alter table "grants" drop constraint x, drop "default", add column y int, drop column reason;',
    'alter table grants rename column reason to why;',
    'alter table grants alter column reason type varchar(9);',
    'alter table grants alter column reason set not null;',
    'alter table grants add column why text not null;',
    'ALTER TABLE "grants" ADD COLUMN     "a" TEXT, ADD COLUMN     "why" TEXT NOT NULL;',
    `alter table grants add constraint c check (reason <> '');`,
    'create unique index one on grants (reason);',
    'create trigger guard before update on grants for each row execute function guard();',
    'create policy p on grants as restrictive using (true);',
    'drop policy own_tenant on grants;',
    'revoke select on grants from breakglass_app;',
    `alter type grant_state add value 'paused';`,
    `do $$ begin execute format('alter table %I drop column x', 'grants'); end $$;`,
    'create table more (id int); drop index outbox_due;',
  ])('where it says: %s', (sql) => expect(takesAway(sql)).toHaveLength(1));

  test.each([
    'create table notes (id int not null); alter table notes add constraint c check (id > 0);',
    'create table notes (id int); create unique index one on notes (id);',
    'create table "notes" ("id" INT); create trigger t before update on "notes" for each row execute function guard();',
    'alter table grants add column why text;',
    `alter table grants add column why text not null default '';`,
    'ALTER TABLE "reviews" ADD COLUMN     "at" TIMESTAMPTZ(6), ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;',
    'alter table grants drop constraint too_strict;',
    'create index found on grants (reason);',
    'create function f() returns int language plpgsql as $$ begin drop table notes; return 1; end $$;',
    'grant select on grants to breakglass_app; revoke all on all functions in schema public from public;',
    '-- drop table notes;',
    'create policy p on grants to breakglass_backup using (true);',
  ])('but not where it says: %s', (sql) => expect(takesAway(sql)).toEqual([]));

  test('and is then let through only where it says since when bots do without, and the last release is one of them', () => {
    const say = (since: string) =>
      `create or replace function compatible_since() returns text language sql as $$ select '${since}' $$;`;
    const mistakesOf = (sql: string) => upgradeMistakes([{ name: '3_drop', sql }], '2_release');
    const drop = 'alter table grants drop column reason;';
    expect(mistakesOf(drop)).toEqual(['3_drop: alter table grants drop column reason']);
    expect(mistakesOf(drop + say('1_unused'))).toEqual([]);
    expect(mistakesOf(drop + say('2_release'))).toEqual([]);
    expect(mistakesOf(drop + say('3_drop'))).toEqual(['3_drop: bots of the last release do not know 3_drop']);
    expect(upgradeMistakes([{ name: '2_release', sql: drop }], '2_release')).toEqual([]);
    expect(upgradeMistakes([{ name: '3_drop', sql: drop }], null)).toEqual([]);
  });

  test('is seen in the migrations that there are', () => {
    const of = (part: string) => takesAway(migrations.find(({ name }) => name.endsWith(part))?.sql ?? '');
    expect(of('_evidence').join('\n')).toContain('drop index audit_nodes_tenant_id_level_index_key');
    expect(of('_wakeups').length + of('_evidence').length).toBeGreaterThan(1);
  });
});
