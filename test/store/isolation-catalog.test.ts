import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Table, tenantTables } from './tables.ts';

let db: TestDatabase;
let tables: Table[];
beforeAll(async () => {
  db = await testDatabase();
  tables = await tenantTables(db);
});
afterAll(() => db.drop());

const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

test('row-level security is on and forced for every table of tenants', async () => {
  const guarded = await db.query<{ name: string }>(
    'superuser',
    `select relname::text as name from pg_class where relrowsecurity and relforcerowsecurity
        and relnamespace = 'public'::regnamespace order by 1`,
  );
  expect(names(guarded)).toEqual(expect.arrayContaining(tables.map(({ name }) => name)));
});

test("every policy holds a row to the transaction's tenant, except for the role that looks across", async () => {
  const policies = await db.query<{ name: string; roles: string; rule: string | null; added: string | null }>(
    'superuser',
    `select tablename::text as name, roles::text, qual as rule, with_check as added from pg_policies where schemaname = 'public'`,
  );
  for (const { name, key } of tables) {
    const own = `(${key} = ( SELECT current_tenant() AS current_tenant))`;
    const allowed = [null, own, `((${key} IS NULL) OR ${own})`];
    const here = policies.filter((policy) => policy.name === name);
    const everybodys = here.filter(({ roles }) => roles === '{public}');
    expect(
      everybodys.map(({ rule }) => rule),
      name,
    ).toContain(own);
    for (const { rule, added } of everybodys) {
      expect([null, own], name).toContain(rule);
      expect(allowed, name).toContain(added);
    }
    const others = here.filter(({ roles }) => roles !== '{public}').map(({ roles }) => roles);
    expect(others, name).toEqual(['{breakglass_across}']);
  }
});

test('the application inherits nothing of the role that looks across, and is nobody special', async () => {
  const [across] = await db.query(
    'superuser',
    `select pg_has_role('breakglass_app', 'breakglass_across', 'usage') as has,
            pg_has_role('breakglass_app', 'breakglass_across', 'member') as may_become`,
  );
  expect(across).toEqual({ has: false, may_become: true });
  const special = await db.query(
    'superuser',
    `select rolname from pg_roles where rolname in ('breakglass_app', 'breakglass_across')
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit)`,
  );
  expect(special).toEqual([]);
  const owned = await db.query(
    'superuser',
    `select relname from pg_class where relowner in ('breakglass_app'::regrole, 'breakglass_across'::regrole)`,
  );
  expect(owned).toEqual([]);
});

test('everybody, as such, may run no function and touch no table', async () => {
  const open = await db.query<{ name: string }>(
    'superuser',
    `select p.oid::regprocedure::text as name from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
      where p.pronamespace = 'public'::regnamespace and acl.grantee = 0
     union all
     select c.relname::text from pg_class c, aclexplode(c.relacl) acl
      where c.relnamespace = 'public'::regnamespace and acl.grantee = 0
     union all
     select 'create in schema public' from pg_namespace n, aclexplode(n.nspacl) acl
      where n.nspname = 'public' and acl.grantee = 0 and acl.privilege_type = 'CREATE'`,
  );
  expect(names(open)).toEqual([]);
});

/** Functions whose body names every schema, and why they have no path of their own. */
const withoutPath = ['breakglass_now()']; // the clock of every statement: a path would cost each call

test('every function looks for tables where they are, and in the temporary schema last', async () => {
  const functions = await db.query<{ name: string; settings: string[] | null; body: string }>(
    'superuser',
    `select oid::regprocedure::text as name, proconfig as settings, prosrc as body from pg_proc
      where pronamespace = 'public'::regnamespace order by 1`,
  );
  expect(functions.length).toBeGreaterThan(5);
  for (const { name, settings, body } of functions) {
    if (withoutPath.includes(name)) expect(body.trim(), name).toBe('select pg_catalog.clock_timestamp()');
    else expect(settings, name).toEqual(['search_path=pg_catalog, public, pg_temp']);
  }
});

test('a view shows what its reader may see, not its owner', async () => {
  const trusting = await db.query<{ name: string }>(
    'superuser',
    `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
        and not coalesce('security_invoker=true' = any (reloptions), false)`,
  );
  expect(names(trusting)).toEqual([]);
});
