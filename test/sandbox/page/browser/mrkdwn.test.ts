import { describe, expect, test } from 'vitest';
import { type Permalink, permalinkIn } from '../../../../sandbox/page/browser/blocks/permalink.ts';
import type { Way } from '../../../../sandbox/page/browser/blocks/reader.ts';
import { drawnBlocks, drawnMarkup, tagsNamed } from './drawn.ts';

/** The lines that a text without quotes and blocks of code is shown in. */
const lines = (html: string) => `<div class="bk-lines">${html}</div>`;

describe('marks', () => {
  test.each([
    ['*bold*', '<strong>bold</strong>'],
    ['_italic_', '<em>italic</em>'],
    ['~gone~', '<s>gone</s>'],
    ['`code`', '<code>code</code>'],
    ['*bold _and italic_*', '<strong>bold <em>and italic</em></strong>'],
    ['(*bold*), _italic_.', '(<strong>bold</strong>), <em>italic</em>.'],
    ['*a* *b*', '<strong>a</strong> <strong>b</strong>'],
    ['*a* b*', '<strong>a</strong> b*'],
    ['`*not bold*`', '<code>*not bold*</code>'],
    ['`a &lt;b&gt;`', '<code>a &lt;b></code>'],
    ['` a `', '<code> a </code>'],
    ['*an `inner*` end*', '<strong>an <code>inner*</code> end</strong>'],
    ['*<@U0ANN> asks*', '<strong><span class="bk-mention">@Ann</span> asks</strong>'],
    ['*Ä*, _é_', '<strong>Ä</strong>, <em>é</em>'],
  ])('%s', (text, html) => {
    expect(drawnMarkup(text).html).toBe(lines(html));
  });

  test.each([
    ['in the middle of a word', 'snake_case_name 2*3*4 a~b~c d*e* f_g_ h~i~ j`k`'],
    ['where the closing one stands in a word', '*a*b _a_b'],
    ['with a space on its inside', '* a * _ b_ ~c ~'],
    ['doubled', '**a** __b__ ~~c~~ **d* *e**'],
    ['around nothing', '** __ ~~ ``'],
    ['that nothing closes', '*a _b ~c `d'],
    ['across two lines', '*a\nb* `c\nd`'],
  ])('a mark %s is a character', (_, text) => {
    expect(drawnMarkup(text).html).toBe(lines(text));
  });

  test('a mark in a reference closes nothing', () => {
    expect(drawnMarkup('*see <https://x.test/*|a*b> now*').html).toContain('</a> now</strong>');
  });

  test('lines keep their ends and their spaces', () => {
    expect(drawnMarkup('a\n\n  b').html).toBe(lines('a\n\n  b'));
  });
});

describe('quotes and blocks of code', () => {
  test.each([
    ['> a\n> *b*\nc', '<blockquote class="bk-quote">a\n<strong>b</strong></blockquote><div class="bk-lines">c</div>'],
    ['&gt; a', '<blockquote class="bk-quote">a</blockquote>'],
    ['a\n>>> b\nc', '<div class="bk-lines">a</div><blockquote class="bk-quote">b\nc</blockquote>'],
    ['a > b', '<div class="bk-lines">a > b</div>'],
    ['```*a*\n  &lt;b```', '<pre class="bk-code">*a*\n  &lt;b</pre>'],
    ['a\n```\nb\n```\nc', '<div class="bk-lines">a</div><pre class="bk-code">b</pre><div class="bk-lines">c</div>'],
    ['```<@U0ANN>```', '<pre class="bk-code"><span class="bk-mention">@Ann</span></pre>'],
    ['```never closed', '<div class="bk-lines">```never closed</div>'],
  ])('%s', (text, html) => {
    expect(drawnMarkup(text).html).toBe(html);
  });
});

describe('a permalink of the workspace', () => {
  const address = 'https://home.slack.com/archives/C0SECURITY/p1795277387764000';
  const link = `<${address}?thread_ts=1.2&amp;cid=C0|the card>`;
  const wayTo = ({ channel, ts }: Permalink): Way => ({ href: `/?as=ann&channel=${channel}&message=${ts}`, open() {} });

  test('leads to the message on this page, never to Slack', () => {
    const shown = drawnMarkup(link, { wayTo });
    expect(tagsNamed(shown, 'a').map(({ attributes: { href } }) => href)).toEqual([
      '/?as=ann&channel=C0SECURITY&message=1795277387.764000',
    ]);
    expect(shown.text).toBe('the card');
  });

  test('also behind a date and a button', () => {
    const dated = drawnMarkup(`<!date^0^{date}^${address}|then>`, { wayTo });
    const pressed = drawnBlocks({
      type: 'actions',
      elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'Open' }, url: address }],
    });
    expect([dated.html, pressed.html].join()).not.toContain('slack.com');
    expect(tagsNamed(dated, 'a')).toHaveLength(1);
  });

  test('is words where no way leads there', () => {
    const shown = drawnMarkup(link);
    expect([tagsNamed(shown, 'a'), shown.text]).toEqual([[], 'the card']);
  });

  test.each([
    'https://slack.com.example.com/archives/C0SECURITY/p1795277387764000',
    'https://home.slack.com/archives/C0SECURITY',
    'https://home.slack.com/team/U0ANN',
    'https://evil-slack.com/archives/C0SECURITY/p1795277387764000',
  ])('%s is none', (other) => {
    expect(permalinkIn(other)).toBeUndefined();
  });
});

describe('links', () => {
  test.each([
    ['<https://x.test/?a=1&amp;b=2|a ticket>', 'https://x.test/?a=1&b=2', 'a ticket'],
    ['<http://x.test>', 'http://x.test', 'http://x.test'],
    ['<mailto:a@x.test|a &amp; b>', 'mailto:a@x.test', 'a & b'],
  ])('%s leads out of the page and takes nothing along', (text, href, words) => {
    const shown = drawnMarkup(text);
    expect(tagsNamed(shown, 'a')).toEqual([
      { name: 'a', attributes: { href, target: '_blank', rel: 'noopener noreferrer' } },
    ]);
    expect(shown.text).toBe(words);
  });

  test.each([
    '<javascript:alert(1)|press me>',
    '<JAVASCRIPT:alert(1)>',
    '<\tjavascript:alert(1)>',
    '<data:text/html,x>',
    '<vbscript:x|y>',
    '<file:///etc/passwd>',
    '<//x.test>',
    '<b>',
    '<img src=x onerror=alert(1)>',
  ])('%s is no link, and shown as it was sent', (text) => {
    const shown = drawnMarkup(text);
    expect(tagsNamed(shown, 'a')).toEqual([]);
    expect(shown.text).toBe(text);
  });

  test('a date leads only where a link would', () => {
    const dated = (address: string) => tagsNamed(drawnMarkup(`<!date^0^{date}^${address}|x>`), 'a').length;
    expect([dated('https://x.test/'), dated('javascript:alert(1)')]).toEqual([1, 0]);
  });
});

describe('mentions', () => {
  test.each([
    ['<@U0ANN>', '@Ann'],
    ['<@U0WHO>', '@U0WHO'],
    ['<@U0WHO|somebody>', '@somebody'],
    ['<#C0OPS>', '#ops'],
    ['<!subteam^S0OPS>', '@ops-team'],
    ['<!here>', '@here'],
    ['<!channel|channel>', '@channel'],
  ])('%s', (text, name) => {
    expect(drawnMarkup(text).html).toBe(lines(`<span class="bk-mention">${name}</span>`));
  });

  test('what was escaped is none', () => {
    expect(drawnMarkup('&lt;@U0ANN&gt; &amp;amp;').text).toBe('<@U0ANN> &amp;');
    expect(tagsNamed(drawnMarkup('&lt;@U0ANN&gt;'), 'span')).toEqual([]);
  });
});

/** Half past eleven at night in London, on the first day of 2026. */
const LATE = Date.parse('2026-01-01T23:30:00Z') / 1000;

describe('dates', () => {
  test.each([
    ['Europe/London', '2026-01-01 23:30'],
    ['America/New_York', '2026-01-01 18:30'],
    ['Asia/Tokyo', '2026-01-02 08:30'],
  ])('are shown in the zone of the reader: %s', (zone, text) => {
    expect(drawnMarkup(`<!date^${LATE}^{date_num} {time}|x>`, { zone }).text).toBe(text);
  });

  test('without a zone, in the machine’s own', () => {
    const shown = drawnMarkup(`<!date^${LATE}^{date_num} {time}|x>`, { zone: undefined }).text;
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(shown).toBe(drawnMarkup(`<!date^${LATE}^{date_num} {time}|x>`, { zone: own }).text);
  });

  test('carry the exact moment, and the whole date for who looks closer', () => {
    expect(tagsNamed(drawnMarkup(`<!date^${LATE}^{time}|x>`, { zone: 'Europe/London' }), 'time')).toEqual([
      {
        name: 'time',
        attributes: { datetime: '2026-01-01T23:30:00.000Z', title: 'Thursday, January 1, 2026, 23:30:00' },
      },
    ]);
  });

  test.each([
    ['Europe/London', '2026-01-01T00:00:00Z', 'today at 23:30'],
    ['Europe/London', '2026-01-02T00:00:00Z', 'yesterday at 23:30'],
    ['Europe/London', '2025-12-31T23:59:59Z', 'tomorrow at 23:30'],
    ['Europe/London', '2026-01-03T00:00:00Z', 'Jan 1, 2026 at 23:30'],
    ['Asia/Tokyo', '2026-01-01T14:59:59Z', 'tomorrow at 08:30'],
    ['Asia/Tokyo', '2026-01-01T15:00:00Z', 'today at 08:30'],
    ['America/New_York', '2026-01-02T04:59:59Z', 'today at 18:30'],
    ['America/New_York', '2026-01-02T05:00:00Z', 'yesterday at 18:30'],
  ])('are near by the calendar of %s at %s', (zone, now, text) => {
    const shown = drawnMarkup(`<!date^${LATE}^{date_short_pretty} at {time}|x>`, { zone, now: new Date(now) });
    expect(shown.text).toBe(text);
  });

  test('are near also across a change of the clocks', () => {
    const shown = (at: string, now: string) =>
      drawnMarkup(`<!date^${Date.parse(at) / 1000}^{date_pretty}|x>`, { now: new Date(now) }).text;
    expect(shown('2026-03-28T23:30:00Z', '2026-03-29T22:30:00Z')).toBe('yesterday');
    expect(shown('2026-10-25T23:30:00Z', '2026-10-24T21:59:00Z')).toBe('October 26, 2026');
  });

  test('are never near where the token does not say so', () => {
    expect(drawnMarkup(`<!date^${LATE}^{date_short}|x>`).text).toBe('Jan 2, 2026');
  });

  test.each(['<!date^soon^{date}|some day>', '<!date^99999999999999^{date}|some day>', '<!date|some day>'])(
    '%s is no moment: its fallback shows',
    (text) => expect(drawnMarkup(text).text).toBe('some day'),
  );

  test('with a token that Slack does not know throw', () => {
    expect(() => drawnMarkup('<!date^0^{weekday}|x>')).toThrow('{weekday}');
    expect(() => drawnMarkup('<!date^0^{constructor}|x>')).toThrow('{constructor}');
  });
});
