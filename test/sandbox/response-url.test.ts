import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { boltApp, client, localSlack, plain, section } from './cast.ts';

const card = [
  section('Approve?'),
  { type: 'actions' as const, elements: [{ type: 'button' as const, action_id: 'approve', text: plain('Approve') }] },
];

async function withUrl() {
  let now = 1_700_000_000_000;
  const slack = await localSlack({ now: () => now });
  slack.addChannel({ id: 'C0NOBOT', members: ['U0ANN'], bot: false });
  await boltApp(slack, (app) => {
    app.command('/breakglass', ({ ack }) => ack());
    app.action('approve', ({ ack }) => ack());
  });
  const respond = async (body: JsonObject, url = String(slack.lastDelivery.body.response_url)) => {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, body: await response.json() };
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, ann: slack.as('U0ANN'), respond, pass };
}

describe('after a command', () => {
  test('the answer goes to the person alone, even where the bot is not a member', async () => {
    const { ann, respond } = await withUrl();
    await ann.command('/breakglass', '', { channel: 'C0NOBOT' });
    expect(await respond({ text: 'done' })).toEqual({ status: 200, body: { ok: true } });
    expect(ann.ephemerals).toMatchObject([{ text: 'done', channel: 'C0NOBOT' }]);
  });

  test('the answer can go to the channel', async () => {
    const { slack, ann, respond } = await withUrl();
    await ann.command('/breakglass', '', { channel: 'C0GENERAL' });
    await respond({ text: 'done', response_type: 'in_channel' });
    expect(slack.as('U0BOB').sees('C0GENERAL')).toMatchObject([{ text: 'done' }]);
  });

  test('five answers, no more', async () => {
    const { ann, respond } = await withUrl();
    await ann.command('/breakglass');
    for (let i = 0; i < 5; i += 1) expect(await respond({ text: `${i}` })).toMatchObject({ status: 200 });
    expect(await respond({ text: 'x' })).toEqual({ status: 404, body: { ok: false, error: 'used_url' } });
    expect(ann.ephemerals).toHaveLength(5);
  });

  test('half an hour, no longer', async () => {
    const { ann, respond, pass } = await withUrl();
    await ann.command('/breakglass');
    pass(30 * 60_000 + 1);
    expect(await respond({ text: 'x' })).toEqual({ status: 404, body: { ok: false, error: 'expired_url' } });
  });

  test('an address that was never given is not one', async () => {
    const { slack, respond } = await withUrl();
    const url = `${slack.apiUrl.replace('/api/', '')}/response/guess`;
    expect(await respond({ text: 'x' }, url)).toMatchObject({ status: 404 });
  });

  test('blocks are held to the limits', async () => {
    const { ann, respond } = await withUrl();
    await ann.command('/breakglass');
    expect(await respond({ blocks: [section('')] })).toMatchObject({ status: 400, body: { error: 'invalid_blocks' } });
  });

  test('what arrived is on record, and faults strike here too', async () => {
    const { slack, ann, respond } = await withUrl();
    await ann.command('/breakglass');
    slack.fault('response_url', { kind: 'error_before' }, { times: 1 });
    expect(await respond({ text: 'x' })).toMatchObject({ status: 500 });
    expect(slack.calls('response_url')).toMatchObject([{ args: { text: 'x' }, fault: 'error_before' }]);
  });
});

describe('after a press on a message', () => {
  async function pressed() {
    const cast = await withUrl();
    const { ts = '' } = await client(cast.slack).chat.postMessage({ channel: 'C0GENERAL', text: 'card', blocks: card });
    await cast.ann.click({ channel: 'C0GENERAL', ts }, 'approve');
    return { ...cast, ts };
  }

  test('the original can be replaced', async () => {
    const { slack, respond, ts } = await pressed();
    await respond({ text: 'approved', replace_original: true });
    expect(slack.messages('C0GENERAL')).toMatchObject([{ ts, text: 'approved', blocks: [] }]);
  });

  test('the original can be deleted', async () => {
    const { slack, respond } = await pressed();
    await respond({ delete_original: true });
    expect(slack.messages('C0GENERAL')).toEqual([]);
  });

  test('otherwise it stays and the answer is the person’s', async () => {
    const { slack, ann, respond } = await pressed();
    await respond({ text: 'not you' });
    expect(slack.messages('C0GENERAL')).toHaveLength(2);
    expect(ann.ephemerals).toMatchObject([{ text: 'not you' }]);
  });
});
