import { describe, expect, test, vi } from 'vitest';
import { encoded } from '../../sandbox/slack/deliver.ts';
import { boltApp, card, client, localSlack } from './cast.ts';

describe('what else is sent', () => {
  test('the same payload can come twice, to the letter', async () => {
    const slack = await localSlack();
    const triggers: string[] = [];
    await boltApp(slack, (app) =>
      app.command('/breakglass', async ({ ack, body }) => {
        triggers.push(body.trigger_id);
        await ack();
      }),
    );
    await slack.as('U0ANN').command('/breakglass');
    expect(await slack.redeliver()).toMatchObject({ ack: { kind: 'acked' } });
    expect(triggers).toHaveLength(2);
    expect(new Set(triggers).size).toBe(1);
  });

  test('events carry retry headers when they are retried', async () => {
    const slack = await localSlack();
    const seen: unknown[] = [];
    await boltApp(slack, (app) =>
      app.event('user_change', async ({ event, body, context }) => {
        seen.push([event.user.id, event.user.deleted, body.event_id, context.retryNum, context.retryReason]);
      }),
    );
    slack.updateUser('U0BOB', { deleted: true });
    const first = await slack.userChange('U0BOB');
    await slack.redeliver(first, { num: 1, reason: 'http_timeout' });
    const id = first.body.event_id;
    await vi.waitFor(() => expect(seen).toHaveLength(2), 20_000);
    expect(seen).toEqual([
      ['U0BOB', true, id, undefined, undefined],
      ['U0BOB', true, id, 1, 'http_timeout'],
    ]);
  });

  test.each([
    ['signed rightly, a post gets through', {}, 200],
    ['without a signature it does not', { sign: false as const }, 401],
    ['nor with a wrong one', { sign: 'wrong' as const }, 401],
    ['nor when it is older than five minutes', { timestampSkewSeconds: -301 }, 401],
    [
      'nor with a content type Slack does not send',
      { contentType: 'application/x-www-form-urlencoded; charset=utf-8' },
      400,
    ],
  ])('%s', async (_, options, status) => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.command('/breakglass', ({ ack }) => ack()));
    await slack.as('U0ANN').command('/breakglass');
    const { text } = encoded('command', slack.lastDelivery.body);
    expect(await slack.post(text, options)).toMatchObject({ status });
  });

  test('an object is posted in the encoding of its kind', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.action('approve', ({ ack }) => ack()));
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'card', blocks: card() });
    await slack.as('U0ANN').click({ channel: 'C0GENERAL', ts }, 'approve');
    expect(await slack.post(slack.lastDelivery.body)).toMatchObject({ status: 200 });
  });
});
