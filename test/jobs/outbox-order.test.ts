import { afterAll, beforeAll, expect, test } from 'vitest';
import { quiet } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { aChannel, names, note, notesIn, send, toldIn, untilTold, withoutDigests } from './mailroom.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterAll(() => stack.stop());

test('each channel hears what it is told in the order it was told, however much there is', async () => {
  const channels = [aChannel(stack), aChannel(stack), aChannel(stack)];
  const all = names(20);
  for (const name of all) await send(stack, ...channels.map((channel) => note(channel, name)));
  await quiet(stack);
  for (const channel of channels) expect(notesIn(stack, channel)).toEqual(all);
});

test('between two messages a channel rests for a second, which is all that Slack takes', async () => {
  const channel = aChannel(stack);
  await send(stack, ...names(5).map((name) => note(channel, name)));
  await quiet(stack);
  const took = (await toldIn(stack, channel)).map((each) => each.took ?? 0);
  const gaps = took.slice(1).map((at, i) => at - (took[i] ?? 0));
  expect(gaps).toHaveLength(4);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1); // measured where it is settled, just after the rest begins
});

test('a channel that Slack tells to wait waits as long as it is told, and another one is served meanwhile', async () => {
  const [told, other] = [aChannel(stack), aChannel(stack)];
  const limit = stack.slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 40 }, { channel: told });
  await send(stack, note(told, 'n1'), note(told, 'n2'), note(other, 'n1'));
  const [first, second] = await untilTold(stack, told, ([head]) => head?.attempts === 1);
  expect(first).toMatchObject({ state: 'waiting', error: 'rate_limited' });
  expect(first?.again).toBeGreaterThan(38);
  expect(second).toMatchObject({ state: 'waiting', attempts: 0 });
  await send(stack, note(other, 'n2'));
  await stack.slack.until(() => notesIn(stack, other).length === 2, 'both notices in the other channel');
  expect(limit.hits).toBe(1);

  limit.remove();
  expect(notesIn(stack, told)).toEqual([]);
  await stack.db.clock.advance(40_000);
  await quiet(stack);
  expect(notesIn(stack, told)).toEqual(['n1', 'n2']);
});

test('a Slack that says to wait is asked again after its time, as often as it says so, and nothing is lost', async () => {
  const channel = aChannel(stack);
  const limit = { kind: 'rate_limited', retryAfter: 30 } as const;
  const fault = stack.slack.fault('chat.postMessage', limit, { channel, times: 4 });
  await send(stack, ...names(3).map((name) => note(channel, name)));
  await quiet(stack);
  expect(fault.hits).toBe(4);
  const all = await toldIn(stack, channel);
  expect(all.map(({ attempts }) => attempts)).toEqual([5, 1, 1]);
  expect(all[0]?.took).toBeGreaterThanOrEqual(120);
  expect(notesIn(stack, channel)).toEqual(['n1', 'n2', 'n3']);
});

test('channels in which Slack does not answer hold up no other', async () => {
  const silent = names(7).map(() => aChannel(stack));
  const other = aChannel(stack);
  const hangs = silent.map((channel) => stack.slack.fault('chat.postMessage', { kind: 'hang' }, { channel, times: 1 }));
  // In one transaction, so that one bell rings for all of them; the last one is found while the others hang.
  await send(stack, ...silent.map((channel) => note(channel, 'n1')), note(other, 'n1'));
  await stack.slack.until(() => hangs.every((hang) => hang.hanging === 1), 'seven calls without an answer');
  await stack.slack.until(() => notesIn(stack, other).length === 1, 'the notice in the other channel');
  expect(hangs.map((hang) => hang.hanging)).toEqual(silent.map(() => 1));

  for (const hang of hangs) hang.release();
  await quiet(stack);
  for (const channel of silent) expect(notesIn(stack, channel)).toEqual(['n1']);
});

test('what comes into a channel during a call without an answer waits for its turn', async () => {
  const channel = aChannel(stack);
  const hang = stack.slack.fault('chat.postMessage', { kind: 'hang' }, { channel, times: 1 });
  await send(stack, note(channel, 'n1'));
  await stack.slack.until(() => hang.hanging === 1, 'a call without an answer');
  const other = aChannel(stack);
  await send(stack, note(channel, 'n2'), note(other, 'n1'));
  // Whoever delivered the later notice had looked at every channel.
  await stack.slack.until(() => notesIn(stack, other).length === 1, 'the notice in the other channel');
  expect(notesIn(stack, channel)).toEqual([]);
  hang.release();
  await quiet(stack);
  expect(notesIn(stack, channel)).toEqual(['n1', 'n2']);
});
