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

/** Tables that whoever answers checks has a policy for; what it may do there is in isolation-check.test.ts. */
const askedForChecks = ['audit_events', 'grants', 'tenants', 'use_counts'];

test("every policy holds a row to the transaction's tenant, except for the roles that look across, answer checks and back up", async () => {
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
    const others = new Set(here.map(({ roles }) => roles).filter((roles) => roles !== '{public}'));
    const checks = askedForChecks.includes(name) ? ['{breakglass_check}'] : [];
    const expected = ['{breakglass_across}', '{breakglass_backup}', ...checks];
    expect([...others].sort(), name).toEqual(expected);
  }
});

test('the application inherits nothing of the roles it may become, and none of them is anybody special', async () => {
  const others = await db.query(
    'superuser',
    `select rolname::text as role, pg_has_role('breakglass_app', oid, 'usage') as has
       from pg_roles where rolname <> 'breakglass_app' and pg_has_role('breakglass_app', oid, 'member') order by 1`,
  );
  expect(others).toEqual([
    { role: 'breakglass_across', has: false },
    { role: 'breakglass_check', has: false },
  ]);
  const ours = `('breakglass_app', 'breakglass_across', 'breakglass_backup', 'breakglass_check')`;
  const special = await db.query(
    'superuser',
    `select rolname from pg_roles where rolname in ${ours}
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit)`,
  );
  expect(special).toEqual([]);
  const owned = await db.query(
    'superuser',
    `select relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname in ${ours}`,
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

/** Functions that have no path of their own, since it would cost each call, and why they need none. */
const withoutPath: Readonly<Record<string, 'names every schema' | 'resolved when it was made'>> = {
  'breakglass_now()': 'names every schema',
  'write_audit_entry()': 'names every schema',
  'audit_entry(bigint,timestamp with time zone,text,text,uuid,uuid,text,jsonb)': 'resolved when it was made',
};

/** Whether nothing in a body is looked up: it has names with their schema, fields of the row, and a few words of SQL. */
const namesEverySchema = (body: string): boolean =>
  /^(\s|begin\b|return\b|select\b|end\b|new\b|:=|[(),;])*$/.test(
    body.replace(/\b(public|pg_catalog)\.\w+\(|\bnew\.\w+/g, '('),
  );

test('every function looks for tables where they are, and in the temporary schema last', async () => {
  const functions = await db.query<{ name: string; settings: string[] | null; body: string; resolved: boolean }>(
    'superuser',
    `select oid::regprocedure::text as name, proconfig as settings, prosrc as body, prosqlbody is not null as resolved
       from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  );
  expect(functions.length).toBeGreaterThan(5);
  expect(names(functions)).toEqual(expect.arrayContaining(Object.keys(withoutPath)));
  for (const { name, settings, body, resolved } of functions) {
    const why = withoutPath[name];
    expect(settings, name).toEqual(why ? null : ['search_path=pg_catalog, public, pg_temp']);
    if (why === 'names every schema') expect(body, name).toSatisfy(namesEverySchema);
    if (why === 'resolved when it was made') expect(resolved, name).toBe(true);
  }
});

test.each([
  ['select breakglass_now()', false],
  ['begin new.at := public.breakglass_now(); return new; end', true],
  ['begin new.at := public.breakglass_now(); perform 1 from legs; return new; end', false],
  ['begin new.entry := public.audit_entry(lower(new.action)); return new; end', false],
  ['begin new.id := new.id + 1; return new; end', false],
])('a body that says "%s" names every schema: %s', (body, does) => {
  expect(namesEverySchema(body)).toBe(does);
});

test('a view shows what its reader may see, not its owner', async () => {
  const trusting = await db.query<{ name: string }>(
    'superuser',
    `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
        and not coalesce('security_invoker=true' = any (reloptions), false)`,
  );
  expect(names(trusting)).toEqual([]);
});
