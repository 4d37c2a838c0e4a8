import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase, type Tx } from '../../src/store/database.ts';
import { COUNTED_AT_MOST, readPresent } from '../../src/store/present.ts';
import type { Sealing } from '../../src/usecases/seal.ts';
import { activeGrant, aWorld, minutesAfter, requestedGrant, type World } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { aSealing, seal, writeRows } from '../support/sealing.ts';

let db: TestDatabase;
let store: Database;
let world: World;
let sealing: Sealing;
beforeAll(async () => {
  db = await testDatabase();
  store = openDatabase({ url: db.url('app'), connections: 2 });
  sealing = aSealing(store);
  world = await aWorld(await db.session('app'));
});
afterAll(async () => {
  await store.close();
  await db.drop();
});

const present = (sealing = true) => store.acrossTenants('a test', (tx) => readPresent(tx, sealing));

/** Rows and entries of indexes that the server looked at for some work, by its own count. */
const readBy = (work: (tx: Tx) => Promise<unknown>): Promise<number> =>
  store.acrossTenants('a test', async (tx) => {
    const before = await readSoFar(tx);
    await work(tx);
    return (await readSoFar(tx)) - before;
  });

async function readSoFar(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<{ rows: number }[]>`
    select sum(pg_stat_get_xact_tuples_returned(oid)
             + case relkind when 'r' then pg_stat_get_xact_tuples_fetched(oid) else 0 end)::int as rows
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')`;
  return row?.rows ?? 0;
}

const notices = (count: number, state: string, destination = 'C0ACME') =>
  db.query(
    'superuser',
    `insert into outbox (destination, kind, payload, request_id, state, settled_at, last_error)
     select $2, 'digest', '{}', 'a-test', $3::notice_state,
            case $3 when 'dead' then breakglass_now() end, case $3 when 'dead' then 'gone' end
       from generate_series(1, $1::int)`,
    [count, destination, state],
  );

test('nothing is there: nothing waits, and nothing is old', async () => {
  expect(await present()).toEqual({
    ...{ pending: new Map(), active: new Map(), due: { count: 0, ageSeconds: 0 } },
    notices: { waiting: { count: 0, ageSeconds: 0 }, dead: { count: 0, ageSeconds: 0 } },
    ...{ reviews: { owed: 0, overdue: 0, ageSeconds: 0 }, seal: null, unsealedAgeSeconds: 0, epoch: null },
  });
});

test('what is over by the clock waits no more and is active no more, but is due to be closed', async () => {
  const session = await db.session('app');
  const at = await db.clock.now();
  await requestedGrant(session, world, { requested_at: minutesAfter(at, -20), lapses_at: minutesAfter(at, 40) });
  const other = { ...world, operator: world.owner };
  await activeGrant(session, { ...other, owner: world.operator });
  const before = await present();
  expect(before.pending.get('content_access')?.count).toBe(1);
  expect(before.pending.get('content_access')?.ageSeconds).toBeGreaterThanOrEqual(20 * 60);
  expect(before.active).toEqual(new Map([['content_access', 1]]));
  await db.clock.advance(70 * 60_000);
  const after = await present();
  expect([after.pending.size, after.active.size, after.due.count]).toEqual([0, 0, 2]);
  expect(after.due.ageSeconds).toBeGreaterThanOrEqual(30 * 60);
  expect(after.due.ageSeconds).toBeLessThan(31 * 60);
});

test('the oldest notice is found in whatever lane it is, also behind newer ones', async () => {
  for (const lane of ['C0ACME', 'C0OTHER'])
    await db.query('superuser', 'insert into lanes (destination) values ($1)', [lane]);
  await notices(1, 'waiting', 'C0OTHER');
  await notices(1, 'dead');
  await db.clock.advance(10 * 60_000);
  await notices(3, 'waiting', 'C0ACME');
  const { waiting, dead } = (await present()).notices;
  expect([waiting.count, dead.count]).toEqual([4, 1]);
  for (const { ageSeconds } of [waiting, dead]) {
    expect(ageSeconds).toBeGreaterThanOrEqual(600);
    expect(ageSeconds).toBeLessThan(660);
  }
});

test('one that is sent again has been waiting since then', async () => {
  await db.query('superuser', "update outbox set requeued_at = breakglass_now() where destination = 'C0OTHER'");
  expect((await present()).notices.waiting.ageSeconds).toBeLessThan(60);
});

test('nobody counts for ever', async () => {
  await notices(COUNTED_AT_MOST + 500, 'waiting');
  await notices(COUNTED_AT_MOST + 500, 'dead');
  const { waiting, dead } = (await present()).notices;
  expect([waiting.count, dead.count]).toEqual([COUNTED_AT_MOST, COUNTED_AT_MOST]);
  await db.query('superuser', 'truncate outbox');
});

test('entries that are sealed are not looked at, however many there are', async () => {
  await writeRows(db, 500);
  await seal(sealing);
  await db.query('superuser', 'vacuum analyze');
  const few = await readBy((tx) => readPresent(tx, true));
  await writeRows(db, 10_000);
  await seal(sealing);
  await db.query('superuser', 'vacuum analyze');
  expect(await readBy((tx) => readPresent(tx, true))).toBeLessThanOrEqual(few + 20);
  const { seal: head, unsealedAgeSeconds } = await present();
  expect(head?.entries).toBeGreaterThan(10_500);
  expect(head?.postedAgeSeconds).not.toBeNull();
  expect(unsealedAgeSeconds).toBeLessThan(60);
});

test('what is not sealed is as old as its oldest entry, for a process that seals', async () => {
  await seal(sealing);
  await writeRows(db, 1);
  await db.clock.advance(3 * 60_000);
  await writeRows(db, 1);
  const { unsealedAgeSeconds } = await present();
  expect(unsealedAgeSeconds).toBeGreaterThanOrEqual(180);
  expect(unsealedAgeSeconds).toBeLessThan(240);
  expect((await present(false)).unsealedAgeSeconds).toBeNull();
});
