import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { settled, untilWaitedFor } from './locks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const notices = (...destinations: string[]) =>
  `insert into outbox (destination, kind, payload, request_id)
   select destination, 'trouble', '{}', 'test' from unnest('{${destinations}}'::text[]) as destination`;

test('lanes that two open at once are opened in one order, whatever the order of the notices', async () => {
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => db.session('superuser')));
  if (!first || !second || !third) throw new Error('There are no three sessions.');
  await first.query(`begin; insert into lanes (destination) values ('b')`);
  const both = second.query(notices('b', 'a'));
  await untilWaitedFor(db, first);
  // It has opened `a` before it waits for `b`.
  await third.query("set lock_timeout = '200ms'");
  const refused = await settled(third.query(`insert into lanes (destination) values ('a')`));
  expect(refused).toMatchObject({ reason: { code: '55P03' } });
  await first.query('commit');
  await both;
  expect(await db.query('superuser', 'select destination from lanes order by 1')).toEqual([
    { destination: 'a' },
    { destination: 'b' },
  ]);
});

test('who writes a notice does not wait for whoever changes its lane', async () => {
  await db.query('superuser', notices('c'));
  const worker = await db.session('superuser');
  await worker.query(`begin; update lanes set token = token + 1 where destination = 'c'`);
  await db.query('superuser', `set lock_timeout = '200ms'; ${notices('c', 'd')}`);
  await worker.query('rollback');
});
