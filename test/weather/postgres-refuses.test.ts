import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve, ask, auditOf, quiet } from '../journeys/verbs.ts';
import { settled, untilWaitedFor } from '../store/locks.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { approveInVain, askInVain, carryOn, expectClearLines, records, refuse, troubles } from './postgres-trouble.ts';

let stack: TestStack;
/** What became of a request that nothing came between. */
let undisturbed: string;
beforeAll(async () => {
  stack = await startTestStack();
  undisturbed = await ask(stack);
  await carryOn(stack, undisturbed);
});
afterAll(() => stack.stop());

const noticesOf = (grant: string) =>
  stack.db.query(
    'superuser',
    'select kind, destination, count(*)::int from outbox where grant_id = $1 group by 1, 2 order by 1, 2',
    [grant],
  );

describe('whatever PostgreSQL says no with, the person reads one sentence, one line is logged, and nothing stays', () => {
  test.each([
    ['53100', 'disk full'],
    ['57P03', 'cannot connect now'],
    ['25006', 'read-only'],
    ['55P03', 'lock not available'],
    ['57014', 'canceled for its time'],
  ])('%s, %s', async (state) => {
    const { db } = stack;
    const grant = await ask(stack);
    await quiet(stack);
    const [before, from] = [await records(db), stack.log.length];
    const refusing = await refuse(db, 'outbox', state);
    await approveInVain(stack, 'anna', 'C0ACME', grant);
    expect(await refusing.raised()).toBe(1);
    expect(await records(db)).toEqual(before);
    const said = troubles(stack, from);
    expect(said).toMatchObject([{ level: 50, msg: 'a request from Slack could not be carried out' }]);
    expect(said[0]?.err?.message).toContain(state);
    expectClearLines(said);
    await refusing.lift();
    await carryOn(stack, grant);
  });

  test('a form says it in its place, and goes through when it is sent again', async () => {
    const { db } = stack;
    const before = await records(db);
    const refusing = await refuse(db, 'audit_events', '53100');
    await askInVain(stack);
    expect(await records(db)).toEqual(before);
    await refusing.lift();
    await carryOn(stack, await ask(stack));
  });
});

describe.each([
  ['40001', 'serialization failure'],
  ['40P01', 'deadlock'],
])('after a %s, %s, the same is tried again', (state) => {
  test('and went through once: nobody notices', async () => {
    const { db } = stack;
    const from = stack.log.length;
    const atRequest = await refuse(db, 'audit_events', state, 2);
    const grant = await ask(stack);
    expect(await atRequest.raised()).toBe(2);
    await atRequest.lift();
    const atApproval = await refuse(db, 'outbox', state, 2);
    await carryOn(stack, grant);
    expect(await atApproval.raised()).toBe(2);
    await atApproval.lift();
    expect(troubles(stack, from)).toEqual([]);
    expect(await noticesOf(grant)).toEqual(await noticesOf(undisturbed));
  });

  test('three times and no more; then the person is told', async () => {
    const { db } = stack;
    const before = await records(db);
    const refusing = await refuse(db, 'audit_events', state);
    await askInVain(stack);
    expect(await refusing.raised()).toBe(3);
    expect(await records(db)).toEqual(before);
    await refusing.lift();
  });
});

test('two who really lock each other out: the decision goes through', async () => {
  const { db } = stack;
  const grant = await ask(stack);
  await quiet(stack);
  const session = await db.session('superuser');
  await session.query("set deadlock_timeout = '2s'"); // the bot looks for it first
  await session.query('begin');
  await session.query("select from legs where grant_id = $1 and role = 'owner' for update", [grant]);
  await approve(stack, 'anna', 'C0ACME', grant);
  await untilWaitedFor(db, session);
  await settled(session.query('select from grants where id = $1 for update', [grant]));
  await session.query('rollback');
  await stack.bot.idle(10_000);
  expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.approved']);
  await carryOn(stack, grant);
});

test('who decides does not wait for the worker who settles a notice in the same place', async () => {
  const { db } = stack;
  const grant = await ask(stack);
  await quiet(stack);
  const worker = await db.session('superuser');
  await worker.query('begin');
  await worker.query("update lanes set token = token + 1 where destination = 'C0ACME'");
  await approve(stack, 'anna', 'C0ACME', grant);
  await stack.bot.idle(10_000);
  expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.approved']);
  await worker.query('rollback');
  await carryOn(stack, grant);
});
