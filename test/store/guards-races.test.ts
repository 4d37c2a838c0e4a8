import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  activate,
  approveLeg,
  aWorld,
  close,
  enter,
  insertGrant,
  requestedGrant,
  type World,
} from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { settled, untilWaitedFor } from './locks.ts';

let db: TestDatabase;
let first: pg.Client;
let second: pg.Client;
let world: World;
let grant: string;
beforeAll(async () => {
  db = await testDatabase();
  first = await db.session('app');
  second = await db.session('app');
});
beforeEach(async () => {
  world = await aWorld(first);
  grant = await requestedGrant(first, world);
});
afterAll(() => db.drop());

const begin = async (session: pg.Client, isolation = 'read committed'): Promise<void> => {
  await session.query(`begin isolation level ${isolation}`);
  await enter(session, world.acme);
};

const stateOf = async () =>
  (await db.query('superuser', 'select state::text from grants where id = $1', [grant]))[0]?.state;

test('one person on two legs at once is one leg too many', async () => {
  await begin(first);
  await begin(second);
  await approveLeg(first, grant, 'owner', world.owner);
  const other = settled(approveLeg(second, grant, 'security', world.owner));
  await untilWaitedFor(db, first);
  await first.query('commit');
  expect(await other).toMatchObject({ status: 'rejected', reason: { constraint: 'one_approval_a_person' } });
  await second.query('rollback');
});

test.each(['read committed', 'repeatable read', 'serializable'])(
  'two who each fill one leg and see only their own activate nothing (%s)',
  async (isolation) => {
    await begin(first, isolation);
    await begin(second, isolation);
    await approveLeg(first, grant, 'owner', world.owner);
    await approveLeg(second, grant, 'security', world.security);
    // Each holds the request as it is, so neither moves it: the server ends the deadlock by refusing one.
    const moves = [first, second].map((session) =>
      settled(activate(session, grant).then(() => session.query('commit'))),
    );
    for (const move of await Promise.all(moves)) expect(move.status).toBe('rejected');
    for (const session of [first, second]) await session.query('rollback');
    expect(await stateOf()).toBe('requested');
  },
);

test('of two open grants for one tenant, operator and scope, made at once, one stays', async () => {
  await begin(first);
  await begin(second);
  const scope = { scope: 'create_platform_owner' };
  await insertGrant(first, world, scope, ['ops', 'security']);
  const other = settled(insertGrant(second, world, scope, ['ops', 'security']));
  await untilWaitedFor(db, first);
  await first.query('commit');
  expect(await other).toMatchObject({ status: 'rejected', reason: { constraint: 'one_open_grant' } });
  await second.query('rollback');
});

test('a decision that meets a withdrawal under way waits for it and is refused', async () => {
  await begin(first);
  await begin(second);
  await close(first, grant, 'withdrawn');
  const late = settled(approveLeg(second, grant, 'owner', world.owner));
  await untilWaitedFor(db, first);
  await first.query('commit');
  expect(await late).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringMatching(/withdrawn takes no decision/) },
  });
  await second.query('rollback');
});

test('a leg decided by two at once is decided by one', async () => {
  await begin(first);
  await begin(second);
  await approveLeg(first, grant, 'owner', world.owner);
  const other = settled(approveLeg(second, grant, 'owner', world.security));
  await untilWaitedFor(db, first);
  await first.query('commit');
  expect(await other).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringMatching(/already decided/) },
  });
  await second.query('rollback');
});
