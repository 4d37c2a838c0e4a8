import { describe, expect, test } from 'vitest';
import type { Json } from '../../sandbox/slack/index.ts';
import { long, many } from './blocks.ts';
import { client, localSlack, refusal, section } from './cast.ts';

describe('over the wire', () => {
  test('invalid blocks are refused with the place and the reason', async () => {
    const slack = await localSlack();
    const refused = client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'x', blocks: [section(long(3_001))] });
    await expect(refused).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: {
          messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
        },
      },
    });
  });

  test('blocks together have at most 13,000 characters, their JSON included', async () => {
    const slack = await localSlack();
    const full = many(4, () => section(long(3_000)));
    const rest = 13_000 - JSON.stringify([...full, section('')]).length;
    const post = (last: number) =>
      client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'x', blocks: [...full, section(long(last))] });
    expect(await post(rest)).toMatchObject({ ok: true });
    expect(await refusal(post(rest + 1))).toBe('msg_blocks_too_long');
  });

  test('blocks that are no JSON are invalid_blocks_format', async () => {
    const slack = await localSlack();
    const refused = client(slack).apiCall('chat.postMessage', { channel: 'C0GENERAL', text: 'x', blocks: '[{' });
    expect(await refusal(refused)).toBe('invalid_blocks_format');
  });

  test('an update is held to the same limits', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0GENERAL', text: 'a' });
    const blocks: Json[] = many(51, () => section('x'));
    const refused = web.apiCall('chat.update', { channel: 'C0GENERAL', ts, text: 'b', blocks });
    expect(await refusal(refused)).toBe('invalid_blocks');
  });
});
