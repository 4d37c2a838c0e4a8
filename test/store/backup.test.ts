import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { backupUrl } from '../support/backup.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { furnished } from './furnished.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await furnished(db, await db.session('app'));
});
afterAll(() => db.drop());

/** Tables of which whoever backs up can't read every row, whatever stands in them now, as the catalog has it. */
const unread = (of: TestDatabase) =>
  of.query<{ name: string }>(
    'superuser',
    `select relname::text as name from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and (not has_table_privilege('breakglass_backup', c.oid, 'select')
          or relrowsecurity and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive
               and p.polcmd in ('r', '*') and 'breakglass_backup'::regrole = any (p.polroles)
               and pg_get_expr(p.polqual, p.polrelid) = 'true')
          or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
               and p.polroles && array[0::oid, 'breakglass_backup'::regrole::oid]))
      order by 1`,
  );

test('whoever backs up reads every row of every table that there is', async () => {
  expect(await unread(db)).toEqual([]);
});

test('a table that a migration forgets to show them is named', async () => {
  const later = await testDatabase();
  onTestFinished(() => later.drop());
  await later.query('owner', 'create table later (tenant_id uuid)');
  expect(await unread(later)).toEqual([]);
  await later.query('owner', 'alter table later enable row level security, force row level security');
  expect(await unread(later)).toEqual([{ name: 'later' }]);
  await later.query('owner', 'create policy back_up on later for select to breakglass_backup using (true)');
  expect(await unread(later)).toEqual([]);
  await later.query('owner', 'create policy hide on later as restrictive for select using (tenant_id is not null)');
  expect(await unread(later)).toEqual([{ name: 'later' }]);
  await later.query('owner', 'drop policy hide on later');
  await later.query('owner', 'revoke select on later from breakglass_backup');
  expect(await unread(later)).toEqual([{ name: 'later' }]);
});

test('they see as many rows as a superuser does, in tables of several tenants, and every sequence', async () => {
  const client = new pg.Client({ connectionString: await backupUrl(db) });
  await client.connect();
  onTestFinished(() => client.end());
  const tables = await db.query<{ name: string }>(
    'superuser',
    `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  );
  const filled: string[] = [];
  for (const { name } of tables) {
    const count = `select count(*)::int as rows from public.${name}`;
    const [all] = await db.query<{ rows: number }>('superuser', count);
    const { rows: seen } = await client.query<{ rows: number }>(count);
    expect(seen, name).toEqual([all]);
    if (all && all.rows > 0) filled.push(name);
  }
  expect(filled).toEqual(expect.arrayContaining(['tenants', 'grants', 'audit_events', 'outbox', '_prisma_migrations']));
  const { rows } = await client.query(
    `select sequencename from pg_sequences where schemaname = 'public'
        and not has_sequence_privilege(format('public.%I', sequencename), 'select')`,
  );
  expect(rows).toEqual([]);
});

test('they change nothing, become nobody else, and are nobody special', async () => {
  const may = await db.query(
    'superuser',
    `select relname::text, privilege from pg_class c, unnest(array['insert', 'update', 'references']) as privilege
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and has_any_column_privilege('breakglass_backup', c.oid, privilege)
     union all
     select relname::text, privilege from pg_class c, unnest(array['delete', 'truncate', 'trigger']) as privilege
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and has_table_privilege('breakglass_backup', c.oid, privilege)
     union all
     select sequencename::text, 'usage' from pg_sequences where schemaname = 'public'
        and has_sequence_privilege('breakglass_backup', format('public.%I', sequencename), 'usage, update')`,
  );
  expect(may).toEqual([]);
  const others = await db.query(
    'superuser',
    `select rolname from pg_roles r where rolname <> 'breakglass_backup' and pg_has_role('breakglass_backup', r.oid, 'member')`,
  );
  expect(others).toEqual([]);
});
