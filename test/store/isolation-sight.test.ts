import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enter, inScope } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Furnished, furnished } from './furnished.ts';
import { settled } from './locks.ts';
import { type Table, whereTenantsAreRead } from './tables.ts';

let db: TestDatabase;
let app: pg.Client;
let ours: Furnished;
let theirs: Furnished;
let readable: Table[];
beforeAll(async () => {
  db = await testDatabase();
  app = await db.session('app');
  ours = await furnished(db, app);
  theirs = await furnished(db, app);
  readable = await whereTenantsAreRead(db);
  await db.query('superuser', 'analyze');
});
afterAll(() => db.drop());

type Row = Readonly<Record<string, unknown>>;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One of the other tenant's rows, and each id that it has. */
async function theirRow({ name, key }: Table): Promise<{ row: Row; ids: [column: string, id: string][] }> {
  const [found] = await db.query<{ row: Row }>(
    'superuser',
    `select to_jsonb(t) as row from ${name} t where ${key} = $1`,
    [theirs.acme],
  );
  if (!found) throw new Error(`${name} has no row of the other tenant.`);
  const ids = Object.entries(found.row).filter((entry): entry is [string, string] => uuid.test(String(entry[1])));
  return { row: found.row, ids };
}

/** All that somebody in our tenant's scope learns from a statement, without the id that they named themselves. */
async function learnt(statement: string, id: string): Promise<string> {
  const outcome = await settled(inScope(app, ours.acme, () => app.query(statement)));
  const told =
    outcome.status === 'fulfilled'
      ? [outcome.value.rowCount, outcome.value.rows]
      : outcome.reason instanceof pg.DatabaseError && { ...outcome.reason, message: outcome.reason.message };
  return JSON.stringify(told).replaceAll(id, 'ID');
}

/** The same about their id and about one that nobody has. */
async function sameOfNobody(about: (id: string) => string, id: string): Promise<string> {
  const nobody = randomUUID();
  const [theirsIs, nobodysIs] = [await learnt(about(id), id), await learnt(about(nobody), nobody)];
  expect(theirsIs, about(id)).toBe(nobodysIs);
  return theirsIs;
}

test('what is asked by an id of another tenant is answered as for an id of nobody: rows, counts, locks and errors', async () => {
  for (const table of readable) {
    const { name } = table;
    const { ids } = await theirRow(table);
    expect(ids.length, name).toBeGreaterThan(0);
    for (const [column, id] of ids) {
      const where = (one: string) => `where ${column} = '${one}'`;
      const rows = await sameOfNobody((one) => `select count(*)::int as n from ${name} ${where(one)}`, id);
      expect(rows, `${name}.${column}`).toBe('[1,[{"n":0}]]');
      for (const rest of ['', 'for update', 'for key share']) {
        await sameOfNobody((one) => `select from ${name} ${where(one)} ${rest}`, id);
      }
      for (const changed of table.columns) {
        await sameOfNobody((one) => `update ${name} set ${changed} = ${changed} ${where(one)}`, id);
      }
      await sameOfNobody((one) => `delete from ${name} ${where(one)}`, id);
    }
  }
});

test('what is asked by an id of another tenant is planned as for an id of nobody', async () => {
  for (const table of readable) {
    for (const [column, id] of (await theirRow(table)).ids) {
      const about = (one: string) => `from ${table.name} where ${column} = '${one}'`;
      for (const ask of [`select ${column}`, 'select count(*)']) {
        const plan = await sameOfNobody((one) => `explain (costs off, verbose) ${ask} ${about(one)}`, id);
        expect(plan, table.name).toContain('QUERY PLAN');
      }
    }
  }
});

/** Those of a table's columns that the application may give a value. */
const givable = async (table: string): Promise<string[]> => {
  const found = await db.query<{ name: string }>(
    'superuser',
    `select quote_ident(attname) as name from pg_attribute where attrelid = $1::regclass and attnum > 0
        and not attisdropped and has_column_privilege('breakglass_app', attrelid, attnum, 'insert')`,
    [table],
  );
  return found.map(({ name }) => name);
};

test('a row for another tenant is refused as one for nobody is', async () => {
  for (const table of readable) {
    const { row } = await theirRow(table);
    const columns = await givable(table.name);
    const into = (list: readonly string[], tenant: string) =>
      `insert into ${table.name} (${list}) select ${list}
         from jsonb_populate_record(null::${table.name}, '${JSON.stringify({ ...row, [table.key]: tenant })}')`;
    for (const list of [table.columns, columns].filter(({ length }) => length > 0)) {
      const refusal = await sameOfNobody((tenant) => into(list, tenant), theirs.acme);
      expect(refusal, table.name).toMatch(/"severity":"ERROR","code":"(42501|23514)"/);
    }
  }
});

test('what the server knows of the values in a table is out of sight, and what it stands on is not', async () => {
  const seen = await inScope(app, null, async () => {
    await enter(app, ours.acme);
    const { rows } = await app.query<{ name: string }>(
      `select distinct tablename::text as name from pg_stats where schemaname = 'public'`,
    );
    return rows.map(({ name }) => name);
  });
  expect(seen).toContain('identities');
  expect(seen.filter((name) => readable.some((table) => table.name === name))).toEqual([]);
});

/** All functions that the application may call, and why none of them tells of a tenant's rows. */
const callable: Readonly<Record<string, string>> = {
  'audit_entry(bigint,timestamp with time zone,text,text,uuid,uuid,text,jsonb)': 'puts together what it is given',
  'breakglass_now()': 'says what time it is',
  'compatible_since()': 'says which bots can work on this database',
  'current_tenant()': 'says what the transaction itself has set',
};

test('no function tells of rows: those that can be called read none, and none has rights of its owner', async () => {
  const found = await db.query<{ name: string; definer: boolean; trigger: boolean }>(
    'superuser',
    `select oid::regprocedure::text as name, prosecdef as definer, prorettype = 'trigger'::regtype as trigger
       from pg_proc where pronamespace = 'public'::regnamespace
        and (prosecdef or has_function_privilege('breakglass_app', oid, 'execute')) order by 1`,
  );
  expect(found.filter(({ definer }) => definer)).toEqual([]);
  expect(found.map(({ name }) => name)).toEqual(Object.keys(callable).sort());
});
