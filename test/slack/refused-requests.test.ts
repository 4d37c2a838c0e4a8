import { connect } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const refusals = () => stack.log.filter(({ msg }) => msg === 'a request that is not from Slack was refused');
const command = { command: '/breakglass', text: '' };

test('why a request was refused is logged, without anything that was in it, and not again for every further one', async () => {
  await stack.slack.post(command, { sign: 'wrong' });
  await stack.slack.post(command, { timestampSkewSeconds: -3_600 });
  await stack.slack.post(command, { timestampSkewSeconds: 3_600 });
  await stack.slack.post(command, { sign: false });
  for (let count = 0; count < 20; count += 1) await stack.slack.post(command, { sign: 'wrong' });
  expect(refusals().map(({ why, times }) => [why, times])).toEqual([
    ['wrong_signature', 1],
    ['old', 1],
    ['ahead', 1],
    ['no_signature', 1],
  ]);
  expect(Object.keys(refusals()[0] ?? {}).sort()).toEqual(['level', 'msg', 'time', 'times', 'why']);
});

test.each(['GET', 'POST'])(
  'whoever is refused and sends on without end by %s is cut off',
  async (method) => {
    const socket = connect(stack.bot.slackPort ?? 0, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.resume();
    socket.write(`${method} /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 90000000000\r\n\r\n`);
    const chunk = Buffer.alloc(64 * 1024);
    const send = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', send);
    send();
    await new Promise((resolve) => socket.once('close', resolve));
  },
  9_000,
); // sooner than anybody who is merely slow
