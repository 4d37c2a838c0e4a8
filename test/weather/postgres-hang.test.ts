import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, quiet } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { approveInVain, carryOn, expectClearLines, readiness, timed, troubles } from './postgres-trouble.ts';
import { type Wire, wire } from './postgres-wire.ts';

let stack: TestStack;
let between: Wire;
/** The step at which the network falls silent. */
let silentAt = '';
beforeAll(async () => {
  between = await wire();
  stack = await startTestStack({
    databaseUrl: (direct) => between.through(direct),
    reach: (point) => {
      if (point !== silentAt) return;
      silentAt = '';
      between.swallow();
    },
  });
});
afterAll(async () => {
  between.cut();
  await stack.stop();
  await between.stop();
});

test('of a network that swallows everything people and probes hear in time; when it is back, so is the bot, by itself', async () => {
  const grant = await ask(stack);
  await quiet(stack);
  expect(await readiness(stack)).toMatchObject({ status: 200 });
  const from = stack.log.length;
  silentAt = 'does the database take work: before commit';
  const answers = await Promise.all([1, 2, 3].map(() => readiness(stack)));
  for (const { status, ms } of answers) {
    expect(status).toBe(503);
    expect(ms).toBeLessThan(4_000);
  }
  const asked = await timed(() => approveInVain(stack, 'anna', 'C0ACME', grant));
  expect(asked).toMatchObject({ error: undefined });
  expect(asked.ms).toBeLessThan(5_000);
  between.mend();
  await expect.poll(async () => (await readiness(stack)).status, { timeout: 15_000 }).toBe(200);
  await carryOn(stack, grant);
  const said = troubles(stack, from).map(({ msg }) => msg);
  // Once by those who meet it, and once more by those whose connection from before is given up later.
  for (const line of new Set(said)) expect(said.filter((each) => each === line).length).toBeLessThan(3);
  expectClearLines(troubles(stack, from));
});
