import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Furnished, furnished } from './furnished.ts';
import { settled } from './locks.ts';
import { tenantTables } from './tables.ts';

/** A foreign key from a table of tenants to another one. */
interface Key {
  name: string;
  from: string;
  to: string;
  /** Columns of the one, and those of the other that they stand for; the tenant's are among them. */
  columns: string[];
  referenced: string[];
}

let db: TestDatabase;
let admin: pg.Client;
let ours: Furnished;
let theirs: Furnished;
let keys: Key[];
beforeAll(async () => {
  db = await testDatabase();
  const app = await db.session('app');
  ours = await furnished(db, app);
  theirs = await furnished(db, app);
  admin = await db.session('superuser');
  keys = await keysAmongTenants();
});
afterAll(() => db.drop());

/** Every foreign key between tables of tenants, except those that say whose a row is. */
async function keysAmongTenants(): Promise<Key[]> {
  const tables = (await tenantTables(db)).map(({ name }) => name);
  const namesOf = (relation: string, numbers: string) =>
    `array(select attname::text from unnest(${numbers}) with ordinality as n (number, place)
             join pg_attribute on attrelid = ${relation} and attnum = number order by place)`;
  const found = await db.query<Key>(
    'superuser',
    `select conname::text as name, conrelid::regclass::text as from, confrelid::regclass::text as to,
            ${namesOf('conrelid', 'conkey')} as columns, ${namesOf('confrelid', 'confkey')} as referenced
       from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by 1`,
  );
  return found.filter(({ from, to }) => tables.includes(from) && tables.includes(to) && to !== 'tenants');
}

/** Tables whose rows may name a grant without a key to it, and why. */
const withoutKey: Readonly<Record<string, string>> = {
  audit_events: 'a record is never refused, and locks nothing, for what it is about',
  outbox: 'a notice locks nothing for what it is about',
};

test('what hangs on a grant is held to it by a key that names the tenant too', async () => {
  const naming = (await tenantTables(db)).filter(({ columns }) => columns.includes('grant_id')).map(({ name }) => name);
  const held = keys.filter(({ to, columns }) => to === 'grants' && columns.includes('grant_id'));
  expect([...new Set([...held.map(({ from }) => from), ...Object.keys(withoutKey)])].sort()).toEqual(naming);
  expect(held.length).toBeGreaterThanOrEqual(5);
  for (const { name, columns, referenced } of keys) {
    expect(referenced[columns.indexOf('tenant_id')], name).toBe('tenant_id');
  }
});

const rowOf = async (table: string, tenant: string): Promise<Record<string, unknown>> => {
  const { rows } = await admin.query<{ it: Record<string, unknown> }>(
    `select to_jsonb(t) as it from ${table} t where tenant_id = $1 limit 1`,
    [tenant],
  );
  if (!rows[0]) throw new Error(`${table} has no row of this tenant.`);
  return rows[0].it;
};

/** Puts a row in the place of all that its table has. Without triggers, policies and privileges: the keys alone decide. */
async function putAlone(table: string, row: Record<string, unknown>): Promise<void> {
  await admin.query('begin');
  try {
    await admin.query(`alter table ${table} disable trigger user`);
    await admin.query(`delete from ${table}`);
    await admin.query(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [row]);
  } finally {
    await admin.query('rollback');
  }
}

test('a row of one tenant that points at what is another tenant’s is refused, by every such key', async () => {
  for (const { name, from, to, columns, referenced } of keys) {
    const [row, foreign] = [await rowOf(from, ours.acme), await rowOf(to, theirs.acme)];
    await putAlone(from, row);
    const pointing = Object.fromEntries(columns.map((column, i) => [column, foreign[referenced[i] ?? '']]));
    for (const crossed of [
      { ...row, ...pointing, tenant_id: ours.acme },
      { ...row, tenant_id: theirs.acme },
    ]) {
      const outcome = await settled(putAlone(from, crossed));
      const refusal = outcome.status === 'rejected' ? outcome.reason : null;
      expect(refusal instanceof pg.DatabaseError && refusal.constraint, name).toBe(name);
    }
  }
});
