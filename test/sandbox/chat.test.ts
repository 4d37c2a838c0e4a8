import { describe, expect, test } from 'vitest';
import { client, localSlack, OPTIONS, refusal, section } from './cast.ts';

describe('tokens', () => {
  test('a call without a token is not_authed', async () => {
    const slack = await localSlack();
    const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await response.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  test.each([
    ['an unknown token is invalid_auth', 'xoxb-other', 'invalid_auth'],
    ['an app token can not do a bot token’s work', OPTIONS.appToken, 'not_allowed_token_type'],
  ])('%s', async (_, token, error) => {
    const slack = await localSlack();
    expect(await refusal(client(slack, {}, token).auth.test())).toBe(error);
  });

  test('a revoked token says so', async () => {
    const slack = await localSlack();
    slack.revoke();
    expect(await refusal(client(slack).auth.test())).toBe('token_revoked');
  });

  test('a scope the token lacks is named', async () => {
    const slack = await localSlack({ scopes: ['chat:write'] });
    await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'hello' });
    const refused = client(slack).users.info({ user: 'U0ANN' });
    await expect(refused).rejects.toMatchObject({ data: { error: 'missing_scope', needed: 'users:read' } });
  });

  test('auth.test tells who the bot is', async () => {
    const slack = await localSlack();
    expect(await client(slack).auth.test()).toMatchObject({ ok: true, team_id: 'T0HOME', user_id: 'U0BOT' });
  });

  test('a method Slack does not have is unknown_method', async () => {
    const slack = await localSlack();
    expect(await refusal(client(slack).apiCall('chat.shout'))).toBe('unknown_method');
  });
});

describe('chat.postMessage', () => {
  test('keeps text, blocks and metadata, and returns a ts of its own', async () => {
    const slack = await localSlack();
    const metadata = { event_type: 'notice', event_payload: { id: 'n1' } };
    const posted = await client(slack).chat.postMessage({
      channel: 'C0GENERAL',
      text: 'fallback',
      blocks: [section('hello')],
      metadata,
    });
    expect(posted.ts).toMatch(/^\d{10}\.\d{6}$/);
    expect(slack.message('C0GENERAL', posted.ts ?? '')).toMatchObject({
      user: 'U0BOT',
      text: 'fallback',
      blocks: [{ ...section('hello'), block_id: expect.any(String) }],
      metadata,
      edited: undefined,
    });
  });

  test('timestamps are unique and ordered even when the clock stands still', async () => {
    const slack = await localSlack({ now: () => 1_700_000_000_000, pacing: false });
    const web = client(slack);
    const posts = await Promise.all([1, 2, 3].map((n) => web.chat.postMessage({ channel: 'C0GENERAL', text: `${n}` })));
    const stamps = posts.map((post) => post.ts);
    expect(new Set(stamps).size).toBe(3);
    expect(slack.messages('C0GENERAL').map((message) => message.ts)).toEqual([...stamps].sort());
  });

  test('JSON bodies are taken as well as forms', async () => {
    const slack = await localSlack();
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${OPTIONS.botToken}` },
      body: JSON.stringify({ channel: 'C0GENERAL', text: 'x', blocks: [section('hello')] }),
    });
    expect(await response.json()).toMatchObject({ ok: true, message: { blocks: [section('hello')] } });
  });

  test('a person’s id is the direct message with them', async () => {
    const slack = await localSlack();
    const posted = await client(slack).chat.postMessage({ channel: 'U0ANN', text: 'psst' });
    expect(posted.channel).toBe(slack.as('U0ANN').dm());
    expect(slack.as('U0ANN').sees(slack.as('U0ANN').dm())).toHaveLength(1);
  });

  test.each([
    ['an unknown channel does not exist', { channel: 'C0NOWHERE', text: 'x' }, 'channel_not_found'],
    ['a public channel without the bot is not_in_channel', { channel: 'C0PUBLIC', text: 'x' }, 'not_in_channel'],
    [
      'a private channel without the bot does not exist for it',
      { channel: 'C0PRIVATE', text: 'x' },
      'channel_not_found',
    ],
    ['an archived channel takes nothing', { channel: 'C0OLD', text: 'x' }, 'is_archived'],
    ['neither text nor blocks is no_text', { channel: 'C0GENERAL', text: '' }, 'no_text'],
    ['text over 40,000 characters is too long', { channel: 'C0GENERAL', text: 'x'.repeat(40_001) }, 'msg_too_long'],
  ])('%s', async (_, args, error) => {
    const slack = await localSlack();
    slack.addChannel({ id: 'C0PUBLIC', bot: false });
    slack.addChannel({ id: 'C0PRIVATE', bot: false, is_private: true });
    slack.addChannel({ id: 'C0OLD', is_archived: true });
    expect(await refusal(client(slack).chat.postMessage(args))).toBe(error);
    expect(slack.messages(args.channel)).toEqual([]);
  });

  test('metadata without a payload is refused', async () => {
    const slack = await localSlack();
    const metadata = JSON.stringify({ event_type: 'notice' });
    const refused = client(slack).apiCall('chat.postMessage', { channel: 'C0GENERAL', text: 'x', metadata });
    expect(await refusal(refused)).toBe('invalid_metadata_format');
  });
});

describe('chat.getPermalink', () => {
  test('gives the address of a message that stands, and needs no scope', async () => {
    const slack = await localSlack({ scopes: ['chat:write'] });
    const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'hello' });
    const { permalink } = await client(slack).chat.getPermalink({ channel: 'C0GENERAL', message_ts: ts });
    expect(permalink).toBe(`https://${OPTIONS.team.domain}.slack.com/archives/C0GENERAL/p${ts.replace('.', '')}`);
  });

  test.each([
    ['a message that is not there', 'C0GENERAL', 'message_not_found'],
    ['a channel that is not there', 'C0NOWHERE', 'channel_not_found'],
  ])('of %s there is none', async (_, channel, error) => {
    const slack = await localSlack();
    expect(await refusal(client(slack).chat.getPermalink({ channel, message_ts: '1.000001' }))).toBe(error);
  });
});

describe('chat.update and chat.delete', () => {
  test('an update changes the message in place', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'a', blocks: [section('one')] });
    const before = slack.message('C0GENERAL', ts);
    await web.chat.update({ channel: 'C0GENERAL', ts, text: 'b', blocks: [section('two')] });
    expect(slack.messages('C0GENERAL')).toMatchObject([{ ts, text: 'b', blocks: [section('two')], revision: 1 }]);
    expect(before).toMatchObject({ text: 'a' });
  });

  test('text without blocks takes the blocks away and shows as edited', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'a', blocks: [section('one')] });
    await web.chat.update({ channel: 'C0GENERAL', ts, text: 'b' });
    expect(slack.message('C0GENERAL', ts)).toMatchObject({ text: 'b', blocks: [], edited: { user: 'U0BOT' } });
  });

  test('metadata stays when an update does not mention it', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const metadata = { event_type: 'notice', event_payload: { id: 'n1' } };
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'a', metadata });
    await web.chat.update({ channel: 'C0GENERAL', ts, text: 'b' });
    expect(slack.message('C0GENERAL', ts)).toMatchObject({ text: 'b', metadata });
  });

  test('a deleted message is gone', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'a' });
    await web.chat.delete({ channel: 'C0GENERAL', ts });
    expect(slack.messages('C0GENERAL')).toEqual([]);
    expect(await refusal(web.chat.update({ channel: 'C0GENERAL', ts, text: 'b' }))).toBe('message_not_found');
  });

  test('somebody else’s message can not be touched', async () => {
    const slack = await localSlack();
    const { ts } = slack.as('U0ANN').say('C0GENERAL', 'mine');
    const web = client(slack);
    expect(await refusal(web.chat.update({ channel: 'C0GENERAL', ts, text: 'b' }))).toBe('cant_update_message');
    expect(await refusal(web.chat.delete({ channel: 'C0GENERAL', ts }))).toBe('cant_delete_message');
  });

  test('an ephemeral message can not be updated', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const sent = await web.chat.postEphemeral({ channel: 'C0GENERAL', user: 'U0ANN', text: 'psst' });
    const refused = web.chat.update({ channel: 'C0GENERAL', ts: sent.message_ts ?? '', text: 'b' });
    expect(await refusal(refused)).toBe('message_not_found');
  });

  test('nothing changes in an archived channel', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'a' });
    slack.updateChannel('C0GENERAL', { is_archived: true });
    expect(await refusal(web.chat.update({ channel: 'C0GENERAL', ts, text: 'b' }))).toBe('is_inactive');
  });
});

describe('who sees what', () => {
  test('an ephemeral message is seen by its person alone', async () => {
    const slack = await localSlack();
    await client(slack).chat.postEphemeral({ channel: 'C0GENERAL', user: 'U0ANN', text: 'psst' });
    expect(slack.as('U0ANN').sees('C0GENERAL')).toMatchObject([{ text: 'psst', ephemeralTo: 'U0ANN' }]);
    expect(slack.as('U0ANN').ephemerals).toHaveLength(1);
    expect(slack.as('U0BOB').sees('C0GENERAL')).toEqual([]);
  });

  test('an ephemeral message needs its person in the channel', async () => {
    const slack = await localSlack();
    const refused = client(slack).chat.postEphemeral({ channel: 'C0SECRET', user: 'U0BOB', text: 'psst' });
    expect(await refusal(refused)).toBe('user_not_in_channel');
  });

  test('who is not in a channel can not look into it', async () => {
    const slack = await localSlack();
    expect(() => slack.as('U0BOB').sees('C0SECRET')).toThrow('U0BOB is not in C0SECRET');
  });
});
