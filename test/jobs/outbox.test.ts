import type * as NodeCron from 'node-cron';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { backoff } from '../../src/jobs/settle.ts';
import { quiet } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  aChannel,
  names,
  note,
  notesIn,
  noticesIn,
  send,
  toldIn,
  tried,
  untilTold,
  withoutDigests,
} from './mailroom.ts';

// No schedule ever strikes in this file: what happens, happens because somebody rang.
vi.mock('node-cron', async (load) => {
  const { createTask, ...others } = await load<typeof NodeCron>();
  const silent: typeof createTask = (expression, work, options) => {
    const task = createTask(expression, work, options);
    task.start = () => {};
    return task;
  };
  return { ...others, createTask: silent };
});

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterAll(() => stack.stop());

const untilSaid = (channel: string, count: number) =>
  stack.slack.until(() => notesIn(stack, channel).length === count, `${count} notices`, { timeoutMs: 5_000 });

test('a notice is told as soon as it is committed, without waiting for a schedule', async () => {
  for (const name of names(4)) {
    const channel = aChannel(stack);
    await send(stack, note(channel, name));
    await untilSaid(channel, 1);
  }
});

test('a notice that waits is told when its time comes, without anybody ringing', async () => {
  const channel = aChannel(stack);
  await send(stack, note(channel, 'n1'), note(channel, 'n2'));
  await untilSaid(channel, 2); // after the second that the channel rests
  stack.slack.fault('chat.postMessage', { kind: 'error_before' }, { channel, times: 1 });
  await stack.db.clock.advance(2_000);
  await send(stack, note(channel, 'n3'));
  await untilSaid(channel, 3); // after a pause for the failure
});

test('a bot that lost its listening connection makes another, and looks at what it missed', async () => {
  const channel = aChannel(stack);
  for (const heard of [aChannel(stack), aChannel(stack)]) {
    await send(stack, note(heard, 'n1'));
    await untilSaid(heard, 1);
  }
  const cut = await stack.db.query(
    'superuser',
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'breakglass listener'`,
  );
  expect(cut).toHaveLength(1);
  await send(stack, note(channel, 'n1'));
  await untilSaid(channel, 1);
  const other = aChannel(stack);
  await send(stack, note(other, 'n1'));
  await untilSaid(other, 1);
});

test('a bot that starts delivers what waits from before, in its order', async () => {
  const channel = aChannel(stack);
  const outage = stack.slack.fault('chat.postMessage', { kind: 'error_before' }, { channel });
  await send(stack, note(channel, 'n1'), note(channel, 'n2'));
  await untilTold(stack, channel, tried);
  await stack.bot.stop();
  outage.remove();
  const other = aChannel(stack);
  await send(stack, note(channel, 'n3'), note(other, 'n1'));
  expect([notesIn(stack, channel), notesIn(stack, other)]).toEqual([[], []]);
  await stack.restart();
  await untilSaid(other, 1); // nobody has rung since
  await quiet(stack);
  expect(notesIn(stack, channel)).toEqual(['n1', 'n2', 'n3']);
});

test('a message says of which notice it is', async () => {
  const channel = aChannel(stack);
  await send(stack, note(channel, 'n1'));
  await untilSaid(channel, 1);
  const [told] = await toldIn(stack, channel);
  expect(noticesIn(stack, channel)).toEqual([{ notice: told?.id }]);
  expect(stack.slack.messages(channel)[0]?.metadata?.event_type).toBe('breakglass_notice');
});

test('the pause after a failure doubles from one second to five minutes', () => {
  const longest = (attempts: number) => backoff(attempts, () => 1);
  expect([0, 1, 2, 3, 4].map(longest)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  expect([8, 9, 10, 50, 5_000].map(longest)).toEqual([256_000, 300_000, 300_000, 300_000, 300_000]);
});

test('half of each pause is left to chance, so that not everybody comes back at once', () => {
  for (const attempts of [0, 5, 30]) {
    const full = backoff(attempts, () => 1);
    expect(backoff(attempts, () => 0)).toBe(full / 2);
    expect(backoff(attempts, () => 0.5)).toBe(full * 0.75);
  }
  expect(new Set(names(20).map(() => backoff(5))).size).toBeGreaterThan(1);
});
