import type { BlockAction, ButtonAction } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { pressable } from '../../sandbox/slack/index.ts';
import { boltApp, card, client, localSlack, option, plain } from './cast.ts';

describe('buttons', () => {
  test('arrive with the message as it stands, the person’s own team and the installation’s', async () => {
    const slack = await localSlack();
    const seen: BlockAction[] = [];
    await boltApp(slack, (app) =>
      app.action<BlockAction>('approve', async ({ ack, body }) => {
        seen.push(body);
        await ack();
      }),
    );
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'card', blocks: card() });
    const outcome = await slack.as('U0EVE').click({ channel: 'C0GENERAL', ts }, 'approve');
    expect(outcome).toEqual({ kind: 'acked', response: undefined, confirm: undefined });
    expect(seen).toMatchObject([
      {
        type: 'block_actions',
        team: { id: 'T0HOME', domain: 'home' },
        user: { id: 'U0EVE', username: 'eve', name: 'eve', team_id: 'T0ACME' },
        enterprise: null,
        is_enterprise_install: false,
        api_app_id: 'A0APP',
        channel: { id: 'C0GENERAL', name: 'general' },
        container: { type: 'message', message_ts: ts, channel_id: 'C0GENERAL', is_ephemeral: false },
        message: { type: 'message', ts, user: 'U0BOT', text: 'card', blocks: card() },
        actions: [{ type: 'button', action_id: 'approve', block_id: 'decide', value: 'g1', text: plain('Approve') }],
      },
    ]);
  });

  test('with a confirmation are pressed after saying yes', async () => {
    const slack = await localSlack();
    const values: unknown[] = [];
    await boltApp(slack, (app) =>
      app.action<BlockAction<ButtonAction>>('deny', async ({ ack, action }) => {
        values.push(action.value);
        await ack();
      }),
    );
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'card', blocks: card() });
    const where = { channel: 'C0GENERAL', ts };
    const ann = slack.as('U0ANN');
    expect(await ann.click(where, 'deny', { confirm: false })).toMatchObject({ kind: 'cancelled' });
    expect(values).toEqual([]);
    expect(await ann.click(where, 'deny')).toMatchObject({ kind: 'acked', confirm: { title: plain('Sure?') } });
    expect(values).toEqual(['g1']);
  });

  test('that are not there any more can not be pressed, but a stale client can', async () => {
    const slack = await localSlack();
    const values: unknown[] = [];
    await boltApp(slack, (app) =>
      app.action<BlockAction<ButtonAction>>('approve', async ({ ack, action }) => {
        values.push(action.value);
        await ack();
      }),
    );
    const web = client(slack);
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'card', blocks: card() });
    const captured = slack.message('C0GENERAL', ts);
    await web.chat.update({ channel: 'C0GENERAL', ts, text: 'done' });
    const ann = slack.as('U0ANN');
    await expect(ann.click({ channel: 'C0GENERAL', ts }, 'approve')).rejects.toThrow('has no approve to press');
    if (captured === undefined) throw new Error('nothing captured');
    expect(await ann.clickStale(captured, 'approve')).toMatchObject({ kind: 'acked' });
    expect(await ann.clickRaw({ action_id: 'approve', value: 'forged' }, { channel: 'C0GENERAL', ts })).toMatchObject({
      kind: 'acked',
    });
    expect(values).toEqual(['g1', 'forged']);
  });

  test('in a channel one is not in can only be pressed by force', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.action('approve', ({ ack }) => ack()));
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0SECRET', text: 'card', blocks: card() });
    const bob = slack.as('U0BOB');
    await expect(bob.click({ channel: 'C0SECRET', ts }, 'approve')).rejects.toThrow('U0BOB is not in C0SECRET');
    expect(await bob.click({ channel: 'C0SECRET', ts }, 'approve', { force: true })).toMatchObject({ kind: 'acked' });
  });

  test('in somebody else’s ephemeral message can not be pressed', async () => {
    const slack = await localSlack();
    const sent = await client(slack).chat.postEphemeral({
      channel: 'C0GENERAL',
      user: 'U0ANN',
      text: 'x',
      blocks: card(),
    });
    const where = { channel: 'C0GENERAL', ts: sent.message_ts ?? '' };
    await expect(slack.as('U0BOB').click(where, 'approve')).rejects.toThrow("U0BOB can't see");
  });

  test('of an ephemeral message arrive without the message, as at Slack', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.action('approve', ({ ack }) => ack()));
    const sent = await client(slack).chat.postEphemeral({
      channel: 'C0GENERAL',
      user: 'U0ANN',
      text: 'x',
      blocks: card(),
    });
    await slack.as('U0ANN').click({ channel: 'C0GENERAL', ts: sent.message_ts ?? '' }, 'approve');
    expect(slack.lastDelivery.body).toMatchObject({ container: { is_ephemeral: true } });
    expect(slack.lastDelivery.body).not.toHaveProperty('message');
  });
});

describe('menus and look-alikes', () => {
  const menu = {
    type: 'actions' as const,
    elements: [{ type: 'overflow' as const, action_id: 'more', options: [option('end'), option('revoke')] }],
  };

  test('a menu sends the option chosen, and only one it has', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.action('more', ({ ack }) => ack()));
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'x', blocks: [menu] });
    const ann = slack.as('U0ANN');
    await ann.click({ channel: 'C0GENERAL', ts }, 'more', { choose: 'revoke' });
    expect(slack.lastDelivery.body).toMatchObject({
      actions: [{ type: 'overflow', selected_option: option('revoke') }],
    });
    await expect(ann.click({ channel: 'C0GENERAL', ts }, 'more', { choose: 'x' })).rejects.toThrow('does not offer x');
  });

  test('of several buttons with one action id, one has to be named', async () => {
    const slack = await localSlack();
    await boltApp(slack, (app) => app.action('approve', ({ ack }) => ack()));
    const [text, first] = card('g1');
    const [, second] = card('g2');
    if (text === undefined || first === undefined || second === undefined) throw new Error('no card');
    const blocks = [text, first, { ...second, block_id: 'other' }];
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'x', blocks });
    const ann = slack.as('U0ANN');
    await expect(ann.click({ channel: 'C0GENERAL', ts }, 'approve')).rejects.toThrow('has 2 elements approve');
    await ann.click({ channel: 'C0GENERAL', ts }, 'approve', { value: 'g2' });
    expect(slack.lastDelivery.body).toMatchObject({ actions: [{ value: 'g2', block_id: 'other' }] });
  });

  test('what can be pressed is known', () => {
    expect(pressable(card())).toEqual(['approve', 'deny']);
  });
});
