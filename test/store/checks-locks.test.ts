import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { refusalLog } from '../../src/usecases/refusal-log.ts';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant, close, enter } from '../support/builders.ts';
import { allowedAfterTheEnd, byHand, type Ending, endings, type Held } from '../support/endings.ts';
import { answering, answersOf, asked } from './asked.ts';
import { untilWaitedFor } from './locks.ts';

const APART_MS = 60 * 60_000;
const auditView = {
  ...{ kind: 'support_access', scope: 'audit_view', circumstance: null, required_legs: [] },
  ...{ minutes_asked: 60, minutes_granted: 60 },
};

let api: TestApi;
let database: Database;
let ways: Record<string, Ending>;
let held: Held;
/** Whoever answers; a check of theirs is paused between its look and its commit. */
let checker: pg.Client;
beforeAll(async () => {
  api = await startTestApi();
  database = openDatabase({ url: api.db.url('app') });
  checker = await answering(api);
  const context = { db: database, inForce: () => api.inForce, refusals: refusalLog(database, () => {}) };
  ways = {
    ...endings({ context, security: api.world.security, clock: api.db.clock, apartMs: APART_MS }),
    'is closed by whoever locks its row': byHand(await api.db.session('app')),
  };
});
beforeEach(async () => {
  const tenant = { id: api.world.acme, key: api.world.acmeKey };
  held = { grant: await activeGrant(api.session, api.world), person: api.world.operator, subject: OLIVIA, tenant };
  // The first answer's count holds the access too, by its foreign key.
  await answersOf(checker, api, [asked(api)]);
});
afterEach(async () => {
  await checker.query('rollback');
  await api.db.clock.advance(4 * APART_MS);
  await ways['runs out, and is swept']?.(held).catch(() => {});
});
afterAll(async () => {
  await database.close();
  await api.stop();
});

const allowed = async (): Promise<boolean | undefined> => (await answersOf(checker, api, [asked(api)]))[0]?.allowed;

describe.each(['is revoked', 'is given back', 'runs out, and is swept', 'is closed by whoever locks its row'])(
  'access that %s',
  (way) => {
    test('ends only when the check that allows it is on record: no answer is committed after the end', async () => {
      await checker.query('begin');
      expect(await allowed()).toBe(true);
      let over = false;
      const ending = ways[way]?.(held).then(() => {
        over = true;
      });
      await untilWaitedFor(api.db, checker);
      expect(over).toBe(false);
      await checker.query('commit');
      await ending;
      expect(await allowed()).toBe(false);
      expect(await api.db.query('superuser', allowedAfterTheEnd)).toEqual([]);
    });
  },
);

test('each access that an answer rests on is held until the answer is on record', async () => {
  const second = await activeGrant(api.session, api.world, auditView);
  for (const grant of [held.grant, second]) {
    const both = () => answersOf(checker, api, [asked(api, { needs: ['content_access', 'audit_view'] })]);
    await both();
    await checker.query('begin');
    expect(await both()).toMatchObject([{ allowed: true }]);
    const ending = ways['is revoked']?.({ ...held, grant });
    await untilWaitedFor(api.db, checker);
    await checker.query('commit');
    await ending;
    // As it was, for the other one.
    if (grant === held.grant) held.grant = await activeGrant(api.session, api.world);
  }
});

describe('somebody who is ending access and has not committed yet', () => {
  let ender: pg.Client;
  let answer: Promise<boolean | undefined>;
  beforeEach(async () => {
    ender = await api.db.session('app');
    await ender.query('begin');
    await enter(ender, held.tenant.id);
    await ender.query('select 1 from grants where id = $1 for update', [held.grant]);
    await close(ender, held.grant, 'revoked');
    answer = allowed();
    await untilWaitedFor(api.db, ender);
  });

  test('is waited for: once they have, the answer is no', async () => {
    await ender.query('commit');
    expect(await answer).toBe(false);
  });

  test('is waited for: where they think better of it, the answer is yes', async () => {
    await ender.query('rollback');
    expect(await answer).toBe(true);
  });
});

/** Uses are counted by session, in one of so many rows: another session that does not happen to have the same one. */
async function onAnotherShard() {
  const shardOf = async (session: typeof checker): Promise<number | undefined> =>
    (await session.query<{ shard: number }>('select pg_backend_pid() % 64 as shard')).rows[0]?.shard;
  const taken = await shardOf(checker);
  for (;;) {
    const session = await answering(api);
    if ((await shardOf(session)) !== taken) return session;
  }
}

test('two checks of the same access do not wait for each other', async () => {
  await checker.query('begin');
  expect(await allowed()).toBe(true);
  const [other] = await answersOf(await onAnotherShard(), api, [asked(api)]);
  expect(other?.allowed).toBe(true);
});
