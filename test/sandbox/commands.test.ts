import { once } from 'node:events';
import { createServer } from 'node:http';
import type { SlashCommand } from '@slack/bolt';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startLocalSlack } from '../../sandbox/slack/index.ts';
import { boltApp, localSlack, OPTIONS, section } from './cast.ts';

describe('slash commands', () => {
  test('arrive in a real Bolt app as Slack sends them', async () => {
    const slack = await localSlack();
    const seen: SlashCommand[] = [];
    await boltApp(slack, (app) =>
      app.command('/breakglass', async ({ ack, body }) => {
        seen.push(body);
        await ack();
      }),
    );
    const outcome = await slack.as('U0ANN').command('/breakglass', 'status acme', { channel: 'C0GENERAL' });
    expect(outcome).toEqual({ kind: 'acked', response: undefined });
    expect(seen).toEqual([
      {
        token: expect.any(String),
        team_id: 'T0HOME',
        team_domain: 'home',
        channel_id: 'C0GENERAL',
        channel_name: 'general',
        user_id: 'U0ANN',
        user_name: 'ann',
        command: '/breakglass',
        text: 'status acme',
        api_app_id: 'A0APP',
        is_enterprise_install: 'false',
        response_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/response\//),
        trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{32}$/),
      },
    ]);
  });

  test('private places hide their names', async () => {
    const slack = await localSlack();
    const names: string[] = [];
    await boltApp(slack, (app) =>
      app.command('/breakglass', async ({ ack, body }) => {
        names.push(body.channel_name);
        await ack();
      }),
    );
    await slack.as('U0ANN').command('/breakglass', '', { channel: 'C0SECRET' });
    await slack.as('U0ANN').command('/breakglass');
    expect(names).toEqual(['privategroup', 'directmessage']);
  });

  test('an acknowledgement’s text is shown to the person alone', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.command('/breakglass', ({ ack }) => ack('not you')));
    const outcome = await slack.as('U0ANN').command('/breakglass', '', { channel: 'C0GENERAL' });
    expect(outcome).toEqual({ kind: 'acked', response: { text: 'not you' } });
    expect(slack.as('U0ANN').sees('C0GENERAL')).toMatchObject([{ text: 'not you', ephemeralTo: 'U0ANN' }]);
    expect(slack.as('U0BOB').sees('C0GENERAL')).toEqual([]);
  });

  test('an acknowledgement can speak to the channel', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) =>
      app.command('/breakglass', ({ ack }) => ack({ text: 'hello all', response_type: 'in_channel' })),
    );
    await slack.as('U0ANN').command('/breakglass', '', { channel: 'C0GENERAL' });
    expect(slack.as('U0BOB').sees('C0GENERAL')).toMatchObject([{ text: 'hello all' }]);
  });

  test('an acknowledgement with blocks Slack can not show is an error the person sees', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.command('/breakglass', ({ ack }) => ack({ blocks: [section('')] })));
    const ann = slack.as('U0ANN');
    expect(await ann.command('/breakglass')).toMatchObject({ kind: 'bad_ack', error: 'invalid_blocks' });
    expect(ann.notices).toEqual(['/breakglass failed with the error "invalid_blocks"']);
  });

  test('an acknowledgement that comes too late is operation_timeout', async () => {
    const slack = await localSlack({ ackTimeoutMs: 30 });
    await boltApp(slack, (app) => app.command('/breakglass', async () => {}));
    const ann = slack.as('U0ANN');
    expect(await ann.command('/breakglass')).toEqual({ kind: 'timeout' });
    expect(ann.notices).toEqual(['/breakglass failed with the error "operation_timeout"']);
  });

  test('three seconds is how long an acknowledgement may take, unless told otherwise', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const mute = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void mute.close());
    await once(mute, 'listening');
    const address = mute.address();
    const { ackTimeoutMs: _, ...defaults } = OPTIONS;
    const slack = await startLocalSlack(defaults);
    onTestFinished(() => slack.stop());
    slack.addUser({ id: 'U0ANN' });
    slack.pointAt(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
    const arrived = once(mute, 'request');
    let outcome: unknown;
    const told = slack
      .as('U0ANN')
      .command('/breakglass')
      .then((kind) => {
        outcome = kind;
      });
    await arrived;
    vi.advanceTimersByTime(2_999);
    expect(outcome).toBeUndefined();
    vi.advanceTimersByTime(1);
    await told;
    expect(outcome).toEqual({ kind: 'timeout' });
  });

  test('a command nobody listens to is Bolt’s 404', async () => {
    const slack = await localSlack();
    await boltApp(slack, () => {}, 20);
    expect(await slack.as('U0ANN').command('/other')).toEqual({ kind: 'http', status: 404 });
  });

  test('without a bot nobody answers', async () => {
    const slack = await localSlack();
    expect(await slack.as('U0ANN').command('/breakglass')).toMatchObject({ kind: 'unreachable' });
    slack.pointAt('http://127.0.0.1:1/slack/events');
    expect(await slack.as('U0ANN').command('/breakglass')).toMatchObject({ kind: 'unreachable' });
  });

  test('a command is typed in a channel one is in', async () => {
    const slack = await localSlack();
    await expect(slack.as('U0BOB').command('/breakglass', '', { channel: 'C0SECRET' })).rejects.toThrow('is not in');
  });
});
