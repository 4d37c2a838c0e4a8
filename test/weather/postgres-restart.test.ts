import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../sandbox/slack/index.ts';
import { troubleSentence } from '../../src/slack/views/refusals.ts';
import { as, ask, openForm } from '../journeys/verbs.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { type PrivateServer, privateServer } from './postgres-server.ts';
import { carryOn, expectClearLines, logged, readiness, troubles } from './postgres-trouble.ts';
import { type Wire, wire } from './postgres-wire.ts';

let server: PrivateServer;
let stack: TestStack;
let between: Wire;
beforeAll(async () => {
  [server, between] = await Promise.all([privateServer(), wire()]);
  stack = await startTestStack({ db: server, databaseUrl: (direct) => between.through(direct) });
});
afterAll(async () => {
  await stack.stop();
  await between.stop();
});

const ready = () => expect.poll(async () => (await readiness(stack)).status, { timeout: 20_000 }).toBe(200);

/** Presses Approve on a card that was there before the trouble, and expects one sentence. */
async function approveInVain(card: Message): Promise<void> {
  const anna = as(stack, 'anna');
  const told = anna.ephemerals.length;
  await anna.clickStale(card, 'approve');
  const answer = await stack.slack.until(() => anna.ephemerals[told], 'an answer to Anna', { timeoutMs: 10_000 });
  expect(answer.text).toBe(troubleSentence);
}

test('PostgreSQL is restarted in the middle of a decision, then comes up as a standby, then is promoted: the bot stays, and is there when it is', async () => {
  const grant = await ask(stack);
  const places = ['C0ACME', 'C0SECURITY', as(stack, 'olivia').dm()];
  const [card] = await stack.slack.until(() => {
    const cards = places.flatMap((place) => stack.slack.messages(place));
    return cards.length === places.length && cards;
  }, 'the cards');
  if (!card) throw new Error('There is no card.');
  const from = stack.log.length;

  const session = await server.session('superuser');
  await session.query('begin');
  await session.query('select from grants where id = $1 for update', [grant]);
  const decided = approveInVain(card);
  await untilWaitedFor(server, session);
  await server.stop();
  await decided;
  expect((await readiness(stack)).status).toBe(503);
  await (await openForm(stack, 'olivia')).close({ all: true });
  await server.start();
  await ready();
  await logged(stack, 'listening to the database again', from);

  await server.stop();
  const promote = await server.startAsStandby();
  try {
    expect((await readiness(stack)).status).toBe(503);
    await approveInVain(card);
    // A standby lets nobody listen: each try ends its connection before the next.
    const opened = between.opened;
    await expect.poll(() => between.opened, { timeout: 15_000 }).toBeGreaterThan(opened + 5);
    const lines = await server.query(
      'superuser',
      "select from pg_stat_activity where application_name = 'breakglass listener'",
    );
    expect(lines.length).toBeLessThan(2);
  } finally {
    await promote();
  }
  await ready();
  await carryOn(stack, grant);
  const said = troubles(stack, from).map(({ msg }) => msg);
  // Two outages, however long they last and however often is tried.
  for (const line of new Set(said)) expect(said.filter((each) => each === line).length).toBeLessThan(4);
  expectClearLines(troubles(stack, from));
});
