import { expect, test } from 'vitest';
import { violationsOfMessage } from '../../sandbox/slack/block-rules.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { actions, button, confirm, input, long, many, mrkdwn, options, radio, select, text } from './blocks.ts';
import { option, plain, section } from './cast.ts';

const image = (over: JsonObject): JsonObject => ({
  type: 'image',
  image_url: 'https://x.test/a.png',
  alt_text: 'a',
  ...over,
});
const grouped = (...groups: JsonObject[]): JsonObject => ({
  type: 'static_select',
  action_id: 's',
  option_groups: groups,
});
const groupOf = (n: number, label = 'group'): JsonObject => ({ label: plain(label), options: [option(`v${n}`)] });

/** What is allowed at the limit, what is refused beyond it, and where. */
const ELEMENTS: [rule: string, allowed: JsonObject, refused: JsonObject, pointer: string][] = [
  [
    'button text: 75',
    actions(button({ text: plain(long(75)) })),
    actions(button({ text: plain(long(76)) })),
    '/blocks/0/elements/0/text/text',
  ],
  ['button text is plain', actions(button()), actions(button({ text: mrkdwn('x') })), '/blocks/0/elements/0/text/type'],
  [
    'button value: 2,000',
    actions(button({ value: long(2_000) })),
    actions(button({ value: long(2_001) })),
    '/blocks/0/elements/0/value',
  ],
  [
    'button style is primary or danger',
    actions(button({ style: 'danger' })),
    actions(button({ style: 'default' })),
    '/blocks/0/elements/0/style',
  ],
  [
    'action_id: 255',
    actions(button({ action_id: long(255) })),
    actions(button({ action_id: long(256) })),
    '/blocks/0/elements/0/action_id',
  ],
  [
    'block_id: 255',
    { ...section('x'), block_id: long(255) },
    { ...section('x'), block_id: long(256) },
    '/blocks/0/block_id',
  ],
  [
    'action ids are unique in a block',
    actions(button(), button({ action_id: 'other' })),
    actions(button(), button()),
    '/blocks/0/elements/1/action_id',
  ],
  [
    'confirm title: 100',
    actions(button({ confirm: confirm({ title: plain(long(100)) }) })),
    actions(button({ confirm: confirm({ title: plain(long(101)) }) })),
    '/blocks/0/elements/0/confirm/title/text',
  ],
  [
    'confirm text: 300',
    actions(button({ confirm: confirm({ text: mrkdwn(long(300)) }) })),
    actions(button({ confirm: confirm({ text: mrkdwn(long(301)) }) })),
    '/blocks/0/elements/0/confirm/text/text',
  ],
  [
    'confirm buttons: 30',
    actions(button({ confirm: confirm({ confirm: plain(long(30)) }) })),
    actions(button({ confirm: confirm({ deny: plain(long(31)) }) })),
    '/blocks/0/elements/0/confirm/deny/text',
  ],
  [
    'options: 100',
    input(select({ options: options(100) })),
    input(select({ options: options(101) })),
    '/blocks/0/element/options',
  ],
  ['options are not empty', input(select()), input(select({ options: [] })), '/blocks/0/element/options'],
  [
    'option text: 75',
    input(select({ options: [option('v', long(75))] })),
    input(select({ options: [option('v', long(76))] })),
    '/blocks/0/element/options/0/text/text',
  ],
  [
    'option description: 75',
    input(radio({ options: [{ ...option('v'), description: plain(long(75)) }] })),
    input(radio({ options: [{ ...option('v'), description: plain(long(76)) }] })),
    '/blocks/0/element/options/0/description/text',
  ],
  [
    'the initial option is one of the options',
    input(select({ initial_option: option('v1') })),
    input(select({ initial_option: option('v2') })),
    '/blocks/0/element/initial_option',
  ],
  [
    'the initial option matches to the letter',
    input(select({ initial_option: option('v1') })),
    input(select({ initial_option: option('v1', 'V1') })),
    '/blocks/0/element/initial_option',
  ],
  [
    'options or groups, not both',
    input(select()),
    input(select({ option_groups: [{ label: plain('g'), options: options(1) }] })),
    '/blocks/0/element',
  ],
  [
    'radio buttons: 10',
    input(radio({ options: options(10) })),
    input(radio({ options: options(11) })),
    '/blocks/0/element/options',
  ],
  [
    'checkboxes: 10',
    input({ ...radio({ options: options(10) }), type: 'checkboxes' }),
    input({ ...radio({ options: options(11) }), type: 'checkboxes' }),
    '/blocks/0/element/options',
  ],
  [
    'max_length: 3,000',
    input(text({ max_length: 3_000 })),
    input(text({ max_length: 3_001 })),
    '/blocks/0/element/max_length',
  ],
  [
    'min_length is not above max_length',
    input(text({ min_length: 5, max_length: 5 })),
    input(text({ min_length: 6, max_length: 5 })),
    '/blocks/0/element',
  ],
  ['an input’s label is plain text', input(text()), input(text(), { label: mrkdwn('x') }), '/blocks/0/label/type'],
  ['an unknown block is refused', section('x'), { type: 'marquee', text: plain('x') }, '/blocks/0'],
  [
    'an unknown element is refused',
    actions(button()),
    actions({ type: 'lever', action_id: 'x' }),
    '/blocks/0/elements/0',
  ],
  ['a misspelt field is refused', section('x'), { ...section('x'), acessory: button() }, '/blocks/0'],
  [
    'menu placeholder: 150',
    input(select({ placeholder: plain(long(150)) })),
    input(select({ placeholder: plain(long(151)) })),
    '/blocks/0/element/placeholder/text',
  ],
  [
    'text placeholder: 150',
    input(text({ placeholder: plain(long(150)) })),
    input(text({ placeholder: plain(long(151)) })),
    '/blocks/0/element/placeholder/text',
  ],
  [
    'option value: 75',
    input(select({ options: [option(long(75), 'v')] })),
    input(select({ options: [option(long(76), 'v')] })),
    '/blocks/0/element/options/0/value',
  ],
  [
    'option values are unique',
    input(select({ options: [option('v', 'one')] })),
    input(select({ options: [option('v', 'one'), option('v', 'two')] })),
    '/blocks/0/element',
  ],
  [
    'option groups: 100',
    input(grouped(...many(100, (n) => groupOf(n)))),
    input(grouped(...many(101, (n) => groupOf(n)))),
    '/blocks/0/element/option_groups',
  ],
  [
    'option group label: 75',
    input(grouped(groupOf(0, long(75)))),
    input(grouped(groupOf(0, long(76)))),
    '/blocks/0/element/option_groups/0/label/text',
  ],
  [
    'overflow options: 5',
    actions({ type: 'overflow', options: options(5) }),
    actions({ type: 'overflow', options: options(6) }),
    '/blocks/0/elements/0/options',
  ],
  [
    'overflow option url: 3,000',
    actions({ type: 'overflow', options: [{ ...option('v'), url: long(3_000) }] }),
    actions({ type: 'overflow', options: [{ ...option('v'), url: long(3_001) }] }),
    '/blocks/0/elements/0/options/0/url',
  ],
  [
    'button url: 3,000',
    actions(button({ url: long(3_000) })),
    actions(button({ url: long(3_001) })),
    '/blocks/0/elements/0/url',
  ],
  [
    'accessibility label: 75',
    actions(button({ accessibility_label: long(75) })),
    actions(button({ accessibility_label: long(76) })),
    '/blocks/0/elements/0/accessibility_label',
  ],
  [
    'input label: 2,000',
    input(text(), { label: plain(long(2_000)) }),
    input(text(), { label: plain(long(2_001)) }),
    '/blocks/0/label/text',
  ],
  [
    'input hint: 2,000',
    input(text(), { hint: plain(long(2_000)) }),
    input(text(), { hint: plain(long(2_001)) }),
    '/blocks/0/hint/text',
  ],
  [
    'context text: 3,000',
    { type: 'context', elements: [plain(long(3_000))] },
    { type: 'context', elements: [plain(long(3_001))] },
    '/blocks/0/elements/0/text',
  ],
  ['image url: 3,000', image({ image_url: long(3_000) }), image({ image_url: long(3_001) }), '/blocks/0/image_url'],
  ['image alt text: 2,000', image({ alt_text: long(2_000) }), image({ alt_text: long(2_001) }), '/blocks/0/alt_text'],
  [
    'image title: 2,000',
    image({ title: plain(long(2_000)) }),
    image({ title: plain(long(2_001)) }),
    '/blocks/0/title/text',
  ],
];

test.each(ELEMENTS)('%s', (_, allowed, refused, pointer) => {
  expect(violationsOfMessage([allowed])).toEqual([]);
  expect(violationsOfMessage([refused]).map((violation) => violation.pointer)).toContain(pointer);
});
