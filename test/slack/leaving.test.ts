import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { addressesOf, startTestStack } from '../support/stack.ts';

/** A payload that nobody knows, signed as Slack does. */
const ssl = { ssl_check: '1', token: 'x' };

test('a bot that leaves says that it is not ready, and still answers who has not looked yet, asking them to go', async () => {
  const stack = await startTestStack();
  onTestFinished(() => stack.stop());
  const { slack, bot } = stack;
  const { apiUrl, slackUrl } = addressesOf(bot);
  expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
  const check = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'ssl_check=1',
  };
  const kept = await fetch(slackUrl, check);
  expect(kept.headers.get('connection')).not.toBe('close');

  const left = bot.stop(2_000);
  const ready = await fetch(`${apiUrl}/readyz`);
  expect({ status: ready.status, body: await ready.json() }).toEqual({
    status: 503,
    body: { status: 'not ready', missing: ['stopping'] },
  });
  expect((await slack.post(ssl)).status).toBe(200);
  const asked = await fetch(slackUrl, check);
  expect(asked.headers.get('connection')).toBe('close');
  await left;
  await expect(slack.post(ssl)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test.each(['slackPort', 'apiPort'] as const)(
  'half a request on the %s holds up no stop',
  async (port) => {
    const stack = await startTestStack();
    onTestFinished(() => stack.stop());
    const socket = connect(stack.bot[port] ?? 0, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    await new Promise<void>((resolve) => {
      socket.write('POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\nhalf', () => resolve());
    });
    await stack.bot.stop();
  },
  30_000,
);
