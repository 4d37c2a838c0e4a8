import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, test } from 'vitest';
import { Block } from '../../../../sandbox/page/browser/blocks/block-list.tsx';
import { Element } from '../../../../sandbox/page/browser/blocks/elements.tsx';
import type { Hand } from '../../../../sandbox/page/browser/blocks/hand.ts';
import { RefusedBlocks } from '../../../../sandbox/page/browser/blocks/refused.ts';
import type { JsonObject } from '../../../../sandbox/slack/json.ts';
import { actions, button, confirm, input, modal, mrkdwn, radio, select, text } from '../../blocks.ts';
import { option, plain, section } from '../../cast.ts';
import { drawnBlocks, drawnViews, reader, type Tag, tagsNamed, viewOf } from './drawn.ts';

const described = (value: string, description: string): JsonObject => ({
  ...option(value, value.toUpperCase()),
  description: plain(description),
});

describe('a block says what it says', () => {
  test.each<[string, JsonObject, string]>([
    ['a text with marks', section('*a* &amp; b'), '<strong>a</strong> &amp; b'],
    ['a plain text, to the letter', { type: 'section', text: plain('*a* &amp;') }, '*a* &amp;amp;'],
    ['fields', { type: 'section', fields: [mrkdwn('*one*'), plain('two')] }, '<strong>one</strong>'],
    ['a header', { type: 'header', text: plain('Break-glass') }, '<h3 class="bk-header">Break-glass</h3>'],
    ['a divider', { type: 'divider' }, '<hr class="bk-divider"/>'],
    ['a context', { type: 'context', elements: [mrkdwn('_why_'), plain('you')] }, '<em>why</em>'],
    ['an accessory', { ...section('x'), accessory: button() }, '>Go</button>'],
  ])('%s', (_, block, html) => {
    expect(drawnBlocks(block).html).toContain(html);
  });

  test('all fields are there, in order', () => {
    expect(drawnBlocks({ type: 'section', fields: ['a', 'b', 'c'].map(plain) }).text).toBe('abc');
  });

  test.each<[string, JsonObject]>([
    ['as a block', { type: 'image', image_url: 'https://x.test/a.png', alt_text: 'A graph', title: plain('Title') }],
    [
      'in a context',
      { type: 'context', elements: [{ type: 'image', image_url: 'https://x.test/a.png', alt_text: 'A graph' }] },
    ],
    [
      'as an accessory',
      { ...section('x'), accessory: { type: 'image', image_url: 'https://x.test/a.png', alt_text: 'A graph' } },
    ],
  ])('a picture %s is told and never loaded', (_, block) => {
    const shown = drawnBlocks(block);
    expect(shown.text).toContain('A graph');
    expect(shown.html).not.toContain('x.test');
    expect(tagsNamed(shown, 'img')).toEqual([]);
  });
});

const only = (shown: ReturnType<typeof drawnBlocks>, name: string): Tag['attributes'] => {
  const [tag, ...more] = tagsNamed(shown, name);
  if (tag === undefined || more.length > 0) throw new Error(`not exactly one ${name} in ${shown.html}`);
  return tag.attributes;
};

describe('a button', () => {
  test.each([
    [{}, 'bk-button'],
    [{ style: 'primary' }, 'bk-button bk-primary'],
    [{ style: 'danger' }, 'bk-button bk-danger'],
  ])('has its style: %j', (over, style) => {
    expect(only(drawnBlocks(actions(button(over))), 'button')).toMatchObject({ type: 'button', class: style });
  });

  test('is called as the bot calls it', () => {
    expect(only(drawnBlocks(actions(button({ accessibility_label: 'Go there' }))), 'button')['aria-label']).toBe(
      'Go there',
    );
  });

  test('with an address is a link out of the page', () => {
    expect(only(drawnBlocks(actions(button({ url: 'https://x.test/' }))), 'a')).toMatchObject({
      href: 'https://x.test/',
      target: '_blank',
      rel: 'noopener noreferrer',
    });
  });

  test('with an address that is a script is no link', () => {
    expect(drawnBlocks(actions(button({ url: 'javascript:alert(1)' }))).html).not.toContain('javascript');
  });

  test('that asks first shows its question only when it is pressed', () => {
    expect(drawnBlocks(actions(button({ confirm: confirm() }))).text).toBe('Go');
  });
});

describe('an element says what it holds', () => {
  const field = (element: JsonObject) => drawnViews([viewOf(modal({ blocks: [input(element)] }))]);

  test.each<[string, JsonObject, object]>([
    ['static_select', select({ initial_option: option('v1') }), { role: 'combobox', value: 'v1' }],
    [
      'static_select with nothing',
      select({ placeholder: plain('Choose one') }),
      { placeholder: 'Choose one', value: '' },
    ],
    ['external_select', { type: 'external_select', action_id: 'e', initial_option: option('x', 'X') }, { value: 'X' }],
    [
      'users_select',
      { type: 'users_select', action_id: 'u', initial_user: 'U0ANN' },
      { role: 'combobox', value: 'Ann' },
    ],
    [
      'datepicker',
      { type: 'datepicker', action_id: 'd', initial_date: '2026-01-02' },
      { type: 'date', value: '2026-01-02' },
    ],
    [
      'plain_text_input',
      text({ initial_value: 'so <b>', placeholder: plain('Why') }),
      { value: 'so <b>', placeholder: 'Why' },
    ],
    [
      'url_text_input',
      { type: 'url_text_input', action_id: 'l', initial_value: 'https://x' },
      { inputmode: 'url', value: 'https://x' },
    ],
    [
      'email_text_input',
      { type: 'email_text_input', action_id: 'm', initial_value: 'a@x' },
      { inputmode: 'email', value: 'a@x' },
    ],
    [
      'number_input',
      { type: 'number_input', action_id: 'n', is_decimal_allowed: false, initial_value: '7' },
      { inputmode: 'decimal', value: '7' },
    ],
  ])('%s', (_, element, attributes) => {
    expect(only(field(element), 'input')).toMatchObject(attributes);
  });

  test('a text of several lines', () => {
    const shown = field(text({ multiline: true, initial_value: 'a\nb' }));
    expect(shown.html).toMatch(/<textarea[^>]*>a\nb<\/textarea>/);
  });

  test('radio buttons, with the chosen one and what they mean', () => {
    const options = [described('a', 'the first'), described('b', 'the second')];
    const shown = field(radio({ options, initial_option: described('b', 'the second') }));
    expect(tagsNamed(shown, 'input').map(({ attributes }) => 'checked' in attributes)).toEqual([false, true]);
    expect(shown.text).toContain('Athe firstBthe second');
  });

  test('checkboxes, with those that are ticked', () => {
    const shown = field({
      ...{ type: 'checkboxes', action_id: 'c', options: ['a', 'b', 'c'].map((one) => option(one)) },
      initial_options: [option('a'), option('c')],
    });
    expect(tagsNamed(shown, 'input').map(({ attributes }) => 'checked' in attributes)).toEqual([true, false, true]);
  });

  test('a menu of several, with those that are chosen and a way to take them back', () => {
    const shown = field({
      ...{ type: 'multi_static_select', action_id: 'm', options: [option('a'), option('b')] },
      initial_options: [option('b')],
    });
    expect(tagsNamed(shown, 'button').map(({ attributes }) => attributes['aria-label'])).toContain('Remove b');
  });

  test('three dots, closed', () => {
    const dots = only(drawnBlocks(actions({ type: 'overflow', action_id: 'o', options: [option('a')] })), 'button');
    expect(dots).toMatchObject({ 'aria-label': 'More actions', 'aria-expanded': 'false' });
  });

  test.each([
    [{ max_length: 10 }, '10 characters left'],
    [{ max_length: 10, initial_value: 'abc' }, '7 characters left'],
    [{ max_length: 10, initial_value: '123456789' }, '1 character left'],
    [{ max_length: 3, initial_value: 'abcde' }, '2 characters too many'],
    [{ max_length: 3000 }, '3,000 characters left'],
    [{ min_length: 15 }, 'At least 15 characters'],
    [{ min_length: 5, max_length: 9, initial_value: 'abc' }, '2 characters more needed'],
    [{ min_length: 5, initial_value: 'abcde' }, null],
    [{}, null],
  ])('how much may still be typed: %j', (over, said) => {
    const shown = field(text(over));
    if (said === null) expect(shown.html).not.toContain('bk-room');
    else expect(shown.html).toMatch(new RegExp(`<p class="bk-room" id="[^"]+-room">${said}</p>`));
  });
});

const nobody: Hand = {
  ...{ readOnly: true, held: () => ({}), press: async () => {}, type: () => {}, enter: async () => {} },
  ...{ entered: () => false, load: async () => ({ options: [] }), problem: () => undefined },
};

describe('what Slack refuses, the page refuses', () => {
  test.each<[string, JsonObject, string]>([
    ['a block it does not know', { type: 'carousel' }, '/blocks/0: unsupported type: carousel'],
    ['an element it does not know', actions({ type: 'lever' }), '/blocks/0/elements/0: unsupported type: lever'],
    ['an element where it may not stand', actions(text()), 'unsupported type: plain_text_input'],
    ['a text that is too long', { type: 'header', text: plain('x'.repeat(151)) }, '/blocks/0/text/text: must be less'],
    ['a property it does not have', { type: 'divider', color: 'red' }, 'invalid additional property: color'],
    ['a section of nothing', { type: 'section' }, 'missing required field: text or fields'],
  ])('%s', (_, block, why) => {
    expect(() => drawnBlocks(block)).toThrow(RefusedBlocks);
    expect(() => drawnBlocks(block)).toThrow(why);
  });

  test('every violation is named', () => {
    expect(() => drawnBlocks({ type: 'carousel' }, { type: 'marquee' })).toThrow(/carousel.*; .*marquee/);
  });

  test('a modal with a field and no way to send it', () => {
    const { submit: _, ...definition } = modal({ blocks: [input(text())] });
    expect(() => drawnViews([viewOf(definition)])).toThrow(RefusedBlocks);
  });

  test('a block and an element outside the tables throw, were the rules to let them through', () => {
    const block = { type: 'constructor' };
    const draw = (of: Parameters<typeof h>[0], props: object) => () => renderToString(h(of, props));
    expect(draw(() => h(Block, { block, reader, hand: nobody }), {})).toThrow('no way to show a block');
    expect(draw(() => h(Element, { element: block, block, reader, hand: nobody, naming: { id: 'x' } }), {})).toThrow(
      'no way to show an element',
    );
  });
});
