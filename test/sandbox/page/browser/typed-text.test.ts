/** Whatever is typed anywhere comes out as text. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../sandbox/slack/json.ts';
import { tricks } from '../../../slack/views-texts.ts';
import { drawnBlocks, drawnViews, type Tag, viewOf } from './drawn.ts';

const hostile = fc.constantFrom(
  ...tricks,
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</textarea></dialog></p>',
  '<!--',
  '<![CDATA[',
  '&lt;b&gt; &amp;amp; &#60;b&#62; &nbsp;',
  'javascript:alert(1)',
  '\u0000\u0001\u007f\u2028\ufeff\ud800',
  '<!date^0^{date}|x> <@U0ANN> <https://x.test|y>',
);
const typed = (max: number) =>
  fc
    .oneof(
      hostile,
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.array(fc.oneof(hostile, fc.string())).map((all) => all.join('')),
    )
    .map((text) => text.slice(0, max) || 'x');

const OURS = new Set(
  (
    'div span p h2 h3 hr strong em s code pre blockquote a time button dialog form label fieldset legend input textarea ' +
    'ul li'
  )
    .split(' ')
    .filter(Boolean),
);
const SAFE =
  /^(?:aria-[a-z]+|autocomplete|checked|class|data-block|datetime|disabled|for|href|id|inputmode|name|novalidate|open|placeholder|rel|role|rows|spellcheck|tabindex|target|title|type|value)$/;

const foreign = (tags: readonly Tag[]): Tag[] =>
  tags.filter(
    ({ name, attributes }) =>
      !OURS.has(name) ||
      Object.keys(attributes).some((attribute) => !SAFE.test(attribute)) ||
      (attributes.href !== undefined && !/^(?:https?|mailto):/i.test(attributes.href)),
  );

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
const option = (text: string, value: string) => ({ text: plain(text), value, description: plain(text) });

/** A message with the same words wherever plain text may stand. */
const everywhere = (text: string): JsonObject[] => [
  { type: 'header', text: plain(text) },
  { type: 'section', text: plain(text), fields: [plain(text), plain(text)] },
  { type: 'context', elements: [plain(text), { type: 'image', image_url: text, alt_text: text }] },
  { type: 'image', image_url: text, alt_text: text, title: plain(text) },
  {
    type: 'actions',
    elements: [
      { type: 'button', action_id: text, text: plain(text), value: text, url: text, accessibility_label: text },
      { type: 'static_select', action_id: 's', placeholder: plain(text), options: [option(text, 'v')] },
      { type: 'radio_buttons', action_id: 'r', options: [option(text, 'v')] },
      { type: 'checkboxes', action_id: 'c', options: [option(text, 'v')] },
    ],
  },
];

const input = (id: string, text: string, element: JsonObject): JsonObject => ({
  ...{ type: 'input', block_id: id, optional: true, label: plain(text), hint: plain(text) },
  element: { action_id: id, ...element },
});

const form = (text: string): JsonObject => ({
  ...{
    type: 'modal',
    title: plain(text.slice(0, 24)),
    submit: plain(text.slice(0, 24)),
    close: plain(text.slice(0, 24)),
  },
  blocks: [
    input('line', text, { type: 'plain_text_input', initial_value: text, placeholder: plain(text) }),
    input('area', text, { type: 'plain_text_input', initial_value: text, multiline: true }),
    input('menu', text, { type: 'static_select', options: [option(text, 'v')], initial_option: option(text, 'v') }),
    input('several', text, {
      ...{ type: 'multi_static_select', options: [option(text, 'v')], initial_options: [option(text, 'v')] },
    }),
    input('user', text, { type: 'users_select', initial_user: text }),
  ],
});

const inAttributes = (tags: readonly Tag[]) =>
  tags.map(({ attributes }) => Object.values(attributes).join('\n')).join('\n');

describe('plain text', () => {
  test('in a message makes no element and is there to the letter', () => {
    fc.assert(
      fc.property(typed(75), (text) => {
        const shown = drawnBlocks(...everywhere(text));
        expect(foreign(shown.tags)).toEqual([]);
        expect(shown.text.startsWith(text.repeat(6))).toBe(true);
        expect(inAttributes(shown.tags)).toContain(text);
      }),
      { numRuns: 300 },
    );
  });

  test('in a window makes no element and is there to the letter', () => {
    fc.assert(
      fc.property(typed(75), (text) => {
        const shown = drawnViews([viewOf(form(text))]);
        expect(foreign(shown.tags)).toEqual([]);
        expect(shown.text).toContain(text);
        expect(shown.tags.filter(({ attributes }) => attributes.value === text).length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });
});

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const marked = (text: string) => drawnBlocks({ type: 'section', text: { type: 'mrkdwn', text } });

describe('mrkdwn', () => {
  test('makes no element that is not ours, whatever is sent', () => {
    fc.assert(
      fc.property(typed(3000), (text) => {
        expect(foreign(marked(text).tags)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('is there to the letter when it is escaped and has no marks', () => {
    fc.assert(
      fc.property(typed(500), (text) => {
        const unmarked = text.replace(/[*_~`]/g, '').replace(/^[ >]+/gm, '') || 'x';
        expect(marked(escaped(unmarked).slice(0, 3000)).text).toBe(unmarked);
      }),
      { numRuns: 500 },
    );
  });
});
