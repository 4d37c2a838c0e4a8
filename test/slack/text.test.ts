import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  channelMention,
  cut,
  cutMrkdwn,
  duration,
  link,
  list,
  mention,
  moment,
  mrkdwn,
  plain,
  typed,
} from '../../src/slack/text.ts';
import { markupOf } from './views-markup.ts';
import { text, tricks } from './views-texts.ts';

describe('a typed value inside mrkdwn', () => {
  test.each([
    ['', ''],
    ['INC-42', 'INC-42'],
    ['Tom & Jerry', 'Tom &amp; Jerry'],
    ['a < b > c', 'a &lt; b &gt; c'],
    ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
    ['<@U0SAM>', '&lt;@U0SAM&gt;'],
    ['two\nlines\r\n\tand\u2028more', 'two lines and more'],
    ['*b* _i_ ~s~ `c`', '∗b∗ ˍiˍ ∼s∼ ˋcˋ'],
    ['channel_not_found', 'channel_not_found'],
    ['_a_b_', 'ˍa_bˍ'],
    ['a__b', 'aˍˍb'],
    ['é_é', 'éˍé'],
    ['\u200b*b\u200b*', '\u200b∗b\u200b∗'],
    ['> quote', '› quote'],
    [' >>> quote', ' ››› quote'],
    ['a > b', 'a &gt; b'],
    [':tada:', ':\u200btada:'],
    ['at 12:30 and 14:00', 'at 12:30 and 14:00'],
    ['https://evil.example', 'https://evil.example'],
    ['\u202eevil', '\ufffdevil'],
    ['\u2066evil\u2069', '\ufffdevil\ufffd'],
    ['\u001b[31mred\u0007\u0085', '\ufffd[31mred\ufffd\ufffd'],
    [':tada: and :fire', ':\u200btada: and :\u200bfire'],
    ['12:30 or :', '12:30 or :'],
    ['עזרה', 'עזרה'],
    ['👩‍🚒', '👩‍🚒'],
  ])('%j is written as %j', (from, to) => {
    expect(typed(from)).toBe(to);
  });

  test('has nothing that Slack would make more of, whatever was typed', () => {
    fc.assert(
      fc.property(text(1000), (from) => {
        expect(markupOf({ markup: true, text: typed(from, 6000) })).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(tricks)('%j is cut at every length without halving an entity, a pair or a mark', (trick) => {
    const whole = trick.repeat(4);
    for (let length = 1; length < 60; length += 1) {
      const short = typed(whole, length);
      expect(short.length).toBeLessThanOrEqual(length);
      expect(markupOf({ markup: true, text: short })).toEqual([]);
      expect(short).not.toMatch(/\p{Cs}/u);
    }
  });

  test('that fits exactly is not cut', () => {
    expect(typed('x'.repeat(300))).toBe('x'.repeat(300));
    expect(typed('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
    expect(typed('&'.repeat(60), 300)).toBe('&amp;'.repeat(60));
    expect(typed('&'.repeat(61), 300)).toBe(`${'&amp;'.repeat(59)}…`);
  });
});

describe('cutting', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['🚒🚒', 4, '🚒🚒'],
    ['🚒🚒', 3, '🚒…'],
    ['🚒🚒', 2, '…'],
  ])('%j to %d units is %j', (from, length, to) => {
    expect(cut(from, length)).toBe(to);
    expect(cutMrkdwn(from, length)).toBe(to);
  });

  test('mrkdwn loses a mention, a link, a date or an entity whole', () => {
    for (const piece of ['<@U0SAM>', '<https://tickets.example.com/1|INC-1>', moment(new Date(0)), '&amp;']) {
      for (let length = 1; length < piece.length + 2; length += 1)
        expect(cutMrkdwn(`a${piece}bc`, length)).toMatch(/^a?…$/);
      expect(cutMrkdwn(`a${piece}bc`, piece.length + 2)).toBe(`a${piece}…`);
    }
  });
});

test('plain text is shown as it is, without emoji names and without characters that steer it', () => {
  expect(plain(':tada: <!here> *b*')).toEqual({ type: 'plain_text', text: ':tada: <!here> *b*', emoji: false });
  expect(plain('a\r\nb\rc\td').text).toBe('a\nb\nc\td');
  expect(plain('\u202e\u001b[0m').text).toBe('\ufffd\ufffd[0m');
  expect(plain('')).toMatchObject({ text: ' ' });
  expect(plain('abcd', 3)).toMatchObject({ text: 'ab…' });
});

test('mrkdwn of ours links nothing on its own', () => {
  expect(mrkdwn('*a*')).toEqual({ type: 'mrkdwn', text: '*a*', verbatim: true });
});

describe('a mention', () => {
  test.each([
    ['T0HOME:U0OPS', '<@U0OPS>'],
    ['slack:T0HOME:U0OPS', '<@U0OPS>'],
    ['E0GRID:W0BOSS', '<@W0BOSS>'],
    ['U0OPS', '<@U0OPS>'],
  ])('of %j is %j', (account, shown) => {
    expect(mention(account)).toBe(shown);
  });

  test.each([
    undefined,
    '',
    'T0HOME:',
    'system:outbox',
    'u0ops',
    'U0OPS>',
    'U0OPS|<!here>',
    'T0HOME:U0OPS\n',
    '!channel',
    'S0OPS',
    'C0SEC',
    'oidc:https://id.example.com#U0SAM',
    'oidc:https://id.example.com#a:U0SAM',
    'anything:T0HOME:U0SAM',
  ])('of %j, who is no Slack account, is nobody', (account) => {
    expect(mention(account)).toBe('somebody');
  });

  test.each([
    ['C0SEC', '<#C0SEC>'],
    ['G0PRIVATE', '<#G0PRIVATE>'],
    ['D0DIRECT', '<#D0DIRECT>'],
    ['C0SEC|<!here>', 'a channel'],
    ['!channel', 'a channel'],
    ['', 'a channel'],
  ])('of the channel %j is %j', (channel, shown) => {
    expect(channelMention(channel)).toBe(shown);
  });
});

test('a link shows what was typed and leads where we say', () => {
  expect(link('https://t.example/?a=1&b=2', 'INC-1')).toBe('<https://t.example/?a=1&amp;b=2|INC-1>');
  expect(link('https://t.example/1', typed('a|b>c'))).toBe('<https://t.example/1|a¦b&gt;c>');
});

test('moments, times and lists are in words that people use', () => {
  expect(moment(new Date(Date.UTC(2026, 0, 5, 9, 0, 59, 999)))).toBe(
    '<!date^1767603659^{date_short_pretty} at {time}|2026-01-05 09:00 UTC>',
  );
  expect([0, 1, 59, 60, 61, 90, 1440].map(duration)).toEqual([
    '0 min',
    '1 min',
    '59 min',
    '1 h',
    '1 h 1 min',
    '1 h 30 min',
    '24 h',
  ]);
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(list)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});
