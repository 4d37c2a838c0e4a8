import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { across, enter, inScope } from '../support/builders.ts';
import { type Role, type TestDatabase, testDatabase } from '../support/database.ts';
import { type Furnished, furnished } from './furnished.ts';
import { settled } from './locks.ts';
import { type Table, tenantTables, whereTenantsAreRead } from './tables.ts';

let db: TestDatabase;
let ours: Furnished;
let theirs: Furnished;
let tables: Table[];
/** And views. */
let readable: Table[];
beforeAll(async () => {
  db = await testDatabase();
  const app = await db.session('app');
  ours = await furnished(db, app);
  theirs = await furnished(db, app);
  tables = await tenantTables(db);
  readable = await whereTenantsAreRead(db);
});
afterAll(() => db.drop());

/** Everything a tenant has, as the superuser sees it. */
async function belongings(world: Furnished) {
  const rows = new Map<string, unknown[]>();
  for (const { name, key } of tables) {
    rows.set(
      name,
      await db.query('superuser', `select t::text from ${name} t where ${key} = $1 order by 1`, [world.acme]),
    );
  }
  return rows;
}

/** Without our triggers, so that only the policies are left to refuse. */
async function withoutTriggers(table: string, work: () => Promise<unknown>): Promise<void> {
  await db.query('superuser', `alter table ${table} disable trigger user`);
  await work();
  await db.query('superuser', `alter table ${table} enable trigger user`);
}

/** Either refused, or without any effect. */
async function rowsTouched(work: Promise<pg.QueryResult>): Promise<number> {
  const outcome = await settled(work);
  return outcome.status === 'fulfilled' ? (outcome.value.rowCount ?? 0) : 0;
}

test('the walk covers every table that has rows of a tenant', async () => {
  expect(tables.length).toBeGreaterThanOrEqual(10);
  for (const [name, rows] of [...(await belongings(ours)), ...(await belongings(theirs))]) {
    expect(rows, `furnished() puts no row of a tenant into ${name}`).not.toHaveLength(0);
  }
});

for (const role of ['app', 'owner'] satisfies Role[]) {
  describe(`${role}, within one tenant`, () => {
    let session: pg.Client;
    beforeAll(async () => {
      session = await db.session(role);
    });

    test('sees and counts its own rows, and none of another tenant or of none', async () => {
      for (const { name, key } of readable) {
        const counts = await inScope(session, ours.acme, async () => {
          const all = await session.query(`select count(*)::int as n from ${name}`);
          const foreign = await session.query(`select count(*)::int as n from ${name} where ${key} = $1`, [
            theirs.acme,
          ]);
          return { all: all.rows[0]?.n, foreign: foreign.rows[0]?.n };
        });
        const own = await db.query('superuser', `select from ${name} where ${key} = $1`, [ours.acme]);
        expect(counts, name).toEqual({ all: own.length, foreign: 0 });
      }
    });

    test('changes and removes nothing of another tenant', async () => {
      const before = await belongings(theirs);
      for (const { name, key, columns } of tables) {
        const statements = [
          ...columns.map((column) => `update ${name} set ${column} = ${column}`),
          `delete from ${name}`,
        ];
        for (const statement of statements) {
          const touch = inScope(session, ours.acme, () =>
            session.query(`${statement} where ${key} = $1`, [theirs.acme]),
          );
          expect(await rowsTouched(touch), statement).toBe(0);
        }
      }
      expect(await belongings(theirs)).toEqual(before);
    });

    test('adds nothing to another tenant, and gives it nothing of its own', async () => {
      const before = await belongings(theirs);
      for (const { name, key } of tables) {
        const [row] = await db.query('superuser', `select to_jsonb(t) as it from ${name} t where ${key} = $1`, [
          theirs.acme,
        ]);
        const copy = `insert into ${name} select * from jsonb_populate_record(null::${name}, $1)`;
        const give = `update ${name} set ${key} = $2 where ${key} = $1`;
        await withoutTriggers(name, async () => {
          const copied = inScope(session, ours.acme, () => session.query(copy, [row?.it]));
          await expect(copied, copy).rejects.toThrow(/row-level security|permission denied/);
          const given = inScope(session, ours.acme, () => session.query(give, [ours.acme, theirs.acme]));
          expect(await rowsTouched(given), give).toBe(0);
        });
      }
      expect(await belongings(theirs)).toEqual(before);
    });
  });

  test(`${role}, in no tenant's scope, sees nothing at all`, async () => {
    const session = await db.session(role);
    for (const scope of ['none', 'empty', 'unknown']) {
      for (const { name } of readable) {
        const seen = await inScope(session, null, async () => {
          if (scope === 'empty') await enter(session, '');
          if (scope === 'unknown') await enter(session, '00000000-0000-0000-0000-000000000000');
          return session.query(`select count(*)::int as n from ${name}`);
        });
        expect(seen.rows[0]?.n, `${name}, ${scope}`).toBe(0);
      }
    }
  });
}

test('a scope ends with its transaction, also on a session that goes on', async () => {
  const app = await db.session('app');
  const seen = async () => (await app.query('select from grants')).rowCount;
  await inScope(app, ours.acme, async () => expect(await seen()).toBe(1));
  expect(await seen()).toBe(0);
  await inScope(app, ours.acme, () => app.query('select 1 / 0')).catch(() => {});
  expect(await seen()).toBe(0);
});

test('the role that looks across tenants sees every tenant', async () => {
  const app = await db.session('app');
  for (const { name, key } of tables) {
    const { rows } = await across(app, () => app.query(`select distinct ${key} as id from ${name}`));
    expect(
      rows.map(({ id }) => id),
      name,
    ).toEqual(expect.arrayContaining([ours.acme, theirs.acme]));
  }
});
