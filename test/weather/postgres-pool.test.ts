import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { troubleSentence } from '../../src/slack/views/refusals.ts';
import { openDatabase } from '../../src/store/database.ts';
import { as, ask, auditOf, cardIn, openForm, quiet } from '../journeys/verbs.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { carryOn, readiness, timed } from './postgres-trouble.ts';

let stack: TestStack;
let grant: string;
beforeAll(async () => {
  stack = await startTestStack();
});
beforeEach(async () => {
  grant = await ask(stack);
  await quiet(stack);
});
afterAll(() => stack.stop());

test('every connection waits for one row: people and probes hear in time, a form opens, nothing is half done; and then all goes on', async () => {
  const { db, slack } = stack;
  const session = await db.session('superuser');
  await session.query('begin');
  await session.query('select from grants where id = $1 for update', [grant]);
  const card = await cardIn(stack, 'C0ACME', grant);
  const anna = as(stack, 'anna');
  const told = anna.ephemerals.length;
  const clicks = Array.from({ length: 12 }, () => anna.clickStale(card, 'approve'));
  await untilWaitedFor(db, session);
  expect((await readiness(stack)).ms).toBeLessThan(4_000);
  await (await openForm(stack, 'olivia')).close({ all: true });
  await Promise.all(clicks);
  const waited = await timed(() =>
    slack.until(() => anna.ephemerals.length === told + 12, 'every click to be answered'),
  );
  expect(waited).toMatchObject({ error: undefined });
  expect(anna.ephemerals.slice(told).map(({ text }) => text)).toEqual(Array(12).fill(troubleSentence));
  expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
  await session.query('rollback');
  expect((await readiness(stack)).status).toBe(200);
  await carryOn(stack, grant);
});

test('whoever finds no connection free is told within two seconds, and the next who finds one works', async () => {
  const small = openDatabase({ url: stack.db.url('app'), connections: 1 });
  const session = await stack.db.session('superuser');
  await session.query('begin');
  await session.query('lock table policies in access exclusive mode');
  const slow = small.acrossTenants('a test', (tx) => tx.policy.count()).catch(() => 'slow');
  await untilWaitedFor(stack.db, session);
  const { error, ms } = await timed(() => small.acrossTenants('a test', async () => true));
  expect(error).toBeInstanceOf(Error);
  expect(ms).toBeLessThan(2_900);
  expect(await slow).toBe('slow');
  await session.query('rollback');
  expect(await small.acrossTenants('a test', async () => true)).toBe(true);
  await small.close();
  await carryOn(stack, grant);
});
