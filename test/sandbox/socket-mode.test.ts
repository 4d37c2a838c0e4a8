import { App, SocketModeReceiver } from '@slack/bolt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { LocalSlack } from '../../sandbox/slack/index.ts';
import { asObject, asString, type JsonObject, parseJson } from '../../sandbox/slack/json.ts';
import { client, localSlack, OPTIONS, silent } from './cast.ts';

/** A bare connection that keeps what it gets and answers as told. */
async function connection(slack: LocalSlack, answer: (message: JsonObject) => JsonObject | undefined = () => ({})) {
  const { url = '' } = await client(slack, {}, OPTIONS.appToken).apps.connections.open();
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  const got: JsonObject[] = [];
  const hello = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      const message = asObject(parseJson(String(data))) ?? {};
      got.push(message);
      if (message.type === 'hello') return resolve();
      const payload = answer(message);
      if (payload !== undefined) socket.send(JSON.stringify({ envelope_id: message.envelope_id, payload }));
    });
  });
  await hello;
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { socket, got, closed };
}

describe('connections', () => {
  test('need the app token', async () => {
    const slack = await localSlack();
    await expect(client(slack).apps.connections.open()).rejects.toMatchObject({
      data: { error: 'not_allowed_token_type' },
    });
  });

  test('need a fresh ticket each', async () => {
    const slack = await localSlack();
    const { url = '' } = await client(slack, {}, OPTIONS.appToken).apps.connections.open();
    const enter = () =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        onTestFinished(() => socket.terminate());
        socket.on('open', () => resolve('open'));
        socket.on('error', () => resolve('refused'));
      });
    expect(await enter()).toBe('open');
    expect(await enter()).toBe('refused');
  });

  test('say hello and take payloads in turn', async () => {
    const slack = await localSlack();
    const first = await connection(slack);
    const second = await connection(slack);
    expect(second.got).toMatchObject([{ type: 'hello', num_connections: 2, connection_info: { app_id: 'A0APP' } }]);
    for (let i = 0; i < 4; i += 1) await slack.as('U0ANN').command('/breakglass', String(i));
    const texts = ({ got }: typeof first) => got.slice(1).map(({ payload }) => asString(asObject(payload)?.text));
    expect([texts(first), texts(second)]).toEqual([
      ['0', '2'],
      ['1', '3'],
    ]);
  });

  test('carry envelopes, answered with the same id and a payload', async () => {
    const slack = await localSlack();
    const { got } = await connection(slack, () => ({ text: 'hello' }));
    const ann = slack.as('U0ANN');
    expect(await ann.command('/breakglass')).toEqual({ kind: 'acked', response: { text: 'hello' } });
    expect(got[1]).toMatchObject({
      type: 'slash_commands',
      envelope_id: expect.any(String),
      accepts_response_payload: true,
    });
    await slack.event({ type: 'user_change' }, { num: 2, reason: 'http_timeout' });
    expect(got[2]).toMatchObject({
      type: 'events_api',
      retry_attempt: 2,
      retry_reason: 'http_timeout',
      payload: { type: 'event_callback' },
    });
  });

  test('that do not answer in time are operation_timeout', async () => {
    const slack = await localSlack({ ackTimeoutMs: 30 });
    await connection(slack, () => undefined);
    expect(await slack.as('U0ANN').command('/breakglass')).toEqual({ kind: 'timeout' });
  });

  test('that break while they should answer are unreachable', async () => {
    const slack = await localSlack({ ackTimeoutMs: 2_000 });
    const { closed } = await connection(slack, () => {
      slack.sockets.cut();
      return undefined;
    });
    expect(await slack.as('U0ANN').command('/breakglass')).toMatchObject({ kind: 'unreachable' });
    await closed;
    expect(slack.sockets.count).toBe(0);
  });

  test('are told to reconnect, and the rest carries on', async () => {
    const slack = await localSlack();
    const first = await connection(slack);
    const second = await connection(slack);
    slack.sockets.disconnect('refresh_requested', 0);
    await slack.as('U0ANN').command('/breakglass');
    expect(first.got[1]).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' });
    first.socket.close();
    await slack.until(() => slack.sockets.count === 1, 'the first connection to go');
    expect(await slack.as('U0ANN').command('/breakglass')).toMatchObject({ kind: 'acked' });
    expect(second.got.length).toBeGreaterThan(1);
  });

  test('are at most ten', async () => {
    const slack = await localSlack();
    for (let i = 0; i < 10; i += 1) await connection(slack);
    const { url = '' } = await client(slack, {}, OPTIONS.appToken).apps.connections.open();
    const socket = new WebSocket(url);
    onTestFinished(() => socket.terminate());
    const message = await new Promise<string>((resolve) => socket.on('message', (data) => resolve(String(data))));
    expect(parseJson(message)).toEqual({ type: 'disconnect', reason: 'too_many_websockets' });
    expect(slack.sockets.count).toBe(10);
  });
});

test('a real Bolt app works over Socket Mode', async () => {
  const slack = await localSlack({ ackTimeoutMs: 2_000 });
  const receiver = new SocketModeReceiver({
    appToken: OPTIONS.appToken,
    logger: silent,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const app = new App({
    token: OPTIONS.botToken,
    receiver,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  app.command('/breakglass', async ({ ack, client: web, body }) => {
    await ack('opening');
    await web.chat.postMessage({ channel: body.channel_id, text: `hello ${body.text}` });
  });
  await app.start();
  onTestFinished(() => receiver.client.disconnect());
  const ann = slack.as('U0ANN');
  expect(await ann.command('/breakglass', 'there', { channel: 'C0GENERAL' })).toEqual({
    kind: 'acked',
    response: { text: 'opening' },
  });
  await slack.until(
    () =>
      slack
        .as('U0BOB')
        .sees('C0GENERAL')
        .some(({ text }) => text === 'hello there'),
    'the greeting',
  );
});
