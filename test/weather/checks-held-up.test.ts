import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask, askTogether } from '../support/asking.ts';
import { activeGrant, aPerson } from '../support/builders.ts';

const FREE = 20;
let api: TestApi;
let key: string;
let held: string;
let holder: pg.Client;
const free = Array.from({ length: FREE }, (_, i) => `U0FREE${i}`);
/** In the middle of those with whom it shares a statement. */
const everybody = free.toSpliced(FREE / 2, 0, 'U0HELD');
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  const grants: string[] = [];
  for (const user of ['U0HELD', ...free]) {
    const operator = await aPerson(api.session, user);
    grants.push(await activeGrant(api.session, { ...api.world, operator }));
  }
  held = grants[0] ?? '';
  holder = await api.db.session('superuser');
});
afterAll(() => api.stop());

const about = (user: string) => aboutDocument(`slack:T0HOME:${user}`, api.world.acmeKey);
const answersOnRecord = async () => {
  const [row] = await api.db.query<{ rows: number }>(
    'superuser',
    "select count(*)::int as rows from audit_events where action like 'access.%'",
  );
  return row?.rows ?? 0;
};

describe('while somebody holds an access for longer than a check waits', () => {
  let before: number;
  beforeEach(async () => {
    before = await answersOnRecord();
    await holder.query('begin');
    await holder.query('select from grants where id = $1 for update', [held]);
  });

  test('the answer about it is that there is none; whoever asks about others is answered, and on record once', async () => {
    const others = await Promise.all(everybody.map((user) => ask(api.url, key, about(user))));
    const [stuck] = others.splice(everybody.indexOf('U0HELD'), 1);
    expect(stuck).toMatchObject({ status: 503, decision: null, retryAfter: '1' });
    expect(others.filter(({ decision }) => decision !== true)).toEqual([]);
    expect(await answersOnRecord()).toBe(before + FREE);
    await holder.query('rollback');
    expect((await ask(api.url, key, about('U0HELD'))).decision).toBe(true);
  });

  test('among others in one request it is a no with an error', async () => {
    const { decisions } = await askTogether(api.url, key, everybody.map(about));
    const [stuck] = decisions.splice(everybody.indexOf('U0HELD'), 1);
    expect(stuck).toMatchObject({ decision: false, context: { error: { status: 503 } } });
    expect(decisions.filter(({ decision }) => !decision)).toEqual([]);
    expect(await answersOnRecord()).toBe(before + FREE);
    await holder.query('rollback');
  });

  test('who asks about it hundreds of times in one request waits no longer, and is then forgotten', async () => {
    const often = Array.from({ length: 300 }, () => about('U0HELD'));
    expect(await askTogether(api.url, key, often)).toEqual({ status: 503, decisions: [] });
    // Only when nothing is asked any more; each of the questions would wait for the lock.
    await api.checks.close();
    expect(await answersOnRecord()).toBe(before);
    await holder.query('rollback');
  });
});
