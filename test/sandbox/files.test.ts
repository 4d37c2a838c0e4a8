import { describe, expect, test } from 'vitest';
import { client, localSlack, refusal } from './cast.ts';

const bytes = Buffer.from('id,at\r\n1,now\r\n');
const announced = { filename: 'audit.csv', length: bytes.length };
type Slack = Awaited<ReturnType<typeof localSlack>>;

/** The first two of Slack's three steps. */
async function uploaded(slack: Slack, body: Uint8Array = bytes) {
  const { upload_url: url = '', file_id: id = '' } = await client(slack).files.getUploadURLExternal(announced);
  const { status } = await fetch(url, { method: 'POST', body: new Uint8Array(body) });
  return { id, url, status };
}
const complete = (slack: Slack, id: string, channel_id: string) =>
  client(slack).files.completeUploadExternal({ files: [{ id, title: 'Audit' }], channel_id, initial_comment: 'Here' });

describe('a file', () => {
  test('comes in three steps, and stands in the conversation with its comment', async () => {
    const slack = await localSlack();
    const { channel } = await client(slack).conversations.open({ users: 'U0ANN' });
    const { id, status } = await uploaded(slack);
    expect(status).toBe(200);
    expect(await complete(slack, id, channel?.id ?? '')).toMatchObject({ ok: true, files: [{ id, title: 'Audit' }] });
    const message = slack.messages(channel?.id ?? '').at(-1);
    expect(message).toMatchObject({
      text: 'Here',
      files: [{ id, name: 'audit.csv', title: 'Audit', size: bytes.length }],
    });
    expect(slack.file(id)).toEqual(bytes);
  });

  test('is for a conversation: a person is none here', async () => {
    const slack = await localSlack();
    const { id } = await uploaded(slack);
    expect(await refusal(complete(slack, id, 'U0ANN'))).toBe('invalid_arguments');
    expect(await refusal(complete(slack, id, 'C0NOWHERE'))).toBe('channel_not_found');
  });

  test('is given out once, and not before it is there', async () => {
    const slack = await localSlack();
    const { channel } = await client(slack).conversations.open({ users: 'U0ANN' });
    const { file_id: early = '' } = await client(slack).files.getUploadURLExternal(announced);
    expect(await refusal(complete(slack, early, channel?.id ?? ''))).toBe('file_not_found');
    const { id } = await uploaded(slack);
    await complete(slack, id, channel?.id ?? '');
    expect(await refusal(complete(slack, id, channel?.id ?? ''))).toBe('file_not_found');
    expect(await refusal(complete(slack, 'F0NOTHING', channel?.id ?? ''))).toBe('file_not_found');
  });

  test('has as many bytes as were announced, once', async () => {
    const slack = await localSlack();
    expect((await uploaded(slack, Buffer.from('short'))).status).toBe(400);
    const { url } = await uploaded(slack);
    expect((await fetch(url, { method: 'POST', body: new Uint8Array(bytes) })).status).toBe(400);
    expect((await fetch(`${url}x`, { method: 'POST', body: new Uint8Array(bytes) })).status).toBe(400);
  });

  test.each([
    { ...announced, length: 0 },
    { ...announced, filename: '' },
  ])('is announced whole: not %j', async (wrong) => {
    const slack = await localSlack();
    expect(await refusal(client(slack).files.getUploadURLExternal(wrong))).toBe('invalid_arguments');
  });

  test('is too large beyond a gigabyte', async () => {
    const slack = await localSlack();
    const huge = { ...announced, length: 1024 ** 3 + 1 };
    expect(await refusal(client(slack).files.getUploadURLExternal(huge))).toBe('file_upload_size_restricted');
  });

  test('needs its scopes', async () => {
    const slack = await localSlack({ scopes: ['chat:write'] });
    expect(await refusal(client(slack).files.getUploadURLExternal(announced))).toBe('missing_scope');
    expect(await refusal(client(slack).conversations.open({ users: 'U0ANN' }))).toBe('missing_scope');
  });
});
