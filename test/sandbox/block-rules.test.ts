import { describe, expect, test } from 'vitest';
import {
  violationsOfErrors,
  violationsOfMessage,
  violationsOfOptions,
  violationsOfView,
} from '../../sandbox/slack/block-rules.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { actions, button, input, long, many, modal, mrkdwn, options, text } from './blocks.ts';
import { plain, section } from './cast.ts';

/** What is allowed at the limit, what is refused beyond it, and where. */
const BLOCKS: [rule: string, allowed: JsonObject, refused: JsonObject, pointer: string][] = [
  ['section text: 3,000', section(long(3_000)), section(long(3_001)), '/blocks/0/text/text'],
  ['mrkdwn text is not empty', section('x'), section(''), '/blocks/0/text/text'],
  ['a section has text or fields', section('x'), { type: 'section' }, '/blocks/0'],
  [
    'section fields: 10',
    { type: 'section', fields: many(10, () => mrkdwn('x')) },
    { type: 'section', fields: many(11, () => mrkdwn('x')) },
    '/blocks/0/fields',
  ],
  [
    'section field: 2,000',
    { type: 'section', fields: [mrkdwn(long(2_000))] },
    { type: 'section', fields: [mrkdwn(long(2_001))] },
    '/blocks/0/fields/0/text',
  ],
  [
    'header: 150',
    { type: 'header', text: plain(long(150)) },
    { type: 'header', text: plain(long(151)) },
    '/blocks/0/text/text',
  ],
  [
    'a header is plain text',
    { type: 'header', text: plain('x') },
    { type: 'header', text: mrkdwn('x') },
    '/blocks/0/text/type',
  ],
  [
    'context elements: 10',
    { type: 'context', elements: many(10, () => mrkdwn('x')) },
    { type: 'context', elements: many(11, () => mrkdwn('x')) },
    '/blocks/0/elements',
  ],
  [
    'a context holds no button',
    { type: 'context', elements: [mrkdwn('x')] },
    { type: 'context', elements: [button()] },
    '/blocks/0/elements/0',
  ],
  [
    'actions elements: 25',
    actions(...many(25, (n) => button({ action_id: `a${n}` }))),
    actions(...many(26, (n) => button({ action_id: `a${n}` }))),
    '/blocks/0/elements',
  ],
  ['actions hold no text input', actions(button()), actions(text()), '/blocks/0/elements/0'],
];

describe('blocks', () => {
  test.each(BLOCKS)('%s', (_, allowed, refused, pointer) => {
    expect(violationsOfMessage([allowed])).toEqual([]);
    expect(violationsOfMessage([refused]).map((violation) => violation.pointer)).toContain(pointer);
  });

  test('a message has at most 50 blocks, a modal 100', () => {
    expect(violationsOfMessage(many(50, () => section('x')))).toEqual([]);
    expect(violationsOfMessage(many(51, () => section('x')))).toMatchObject([{ pointer: '/blocks' }]);
    expect(violationsOfView(modal({ blocks: many(100, () => section('x')) }))).toEqual([]);
    expect(violationsOfView(modal({ blocks: many(101, () => section('x')) }))).toMatchObject([
      { pointer: '/view/blocks' },
    ]);
  });

  test('block ids are unique in a message', () => {
    const twice = [section('x'), section('y')].map((block) => ({ ...block, block_id: 'same' }));
    expect(violationsOfMessage(twice)).toMatchObject([{ pointer: '/blocks/1/block_id' }]);
  });

  test('the same action id in two blocks is fine, as it is at Slack', () => {
    expect(violationsOfMessage([actions(button()), actions(button())])).toEqual([]);
  });
});

describe('modals', () => {
  const VIEWS: [rule: string, allowed: JsonObject, refused: JsonObject, pointer: string][] = [
    ['title: 24', { title: plain(long(24)) }, { title: plain(long(25)) }, '/view/title/text'],
    ['submit: 24', { submit: plain(long(24)) }, { submit: plain(long(25)) }, '/view/submit/text'],
    ['close: 24', { close: plain(long(24)) }, { close: plain(long(25)) }, '/view/close/text'],
    ['title is plain text', {}, { title: mrkdwn('x') }, '/view/title/type'],
    ['callback_id: 255', { callback_id: long(255) }, { callback_id: long(256) }, '/view/callback_id'],
    [
      'private_metadata: 3,000',
      { private_metadata: long(3_000) },
      { private_metadata: long(3_001) },
      '/view/private_metadata',
    ],
    ['external_id: 255', { external_id: long(255) }, { external_id: long(256) }, '/view/external_id'],
    ['only modals are opened', {}, { type: 'home' }, '/view/type'],
  ];

  test.each(VIEWS)('%s', (_, allowed, refused, pointer) => {
    expect(violationsOfView(modal(allowed))).toEqual([]);
    expect(violationsOfView(modal(refused)).map((violation) => violation.pointer)).toContain(pointer);
  });

  test('inputs need a submit', () => {
    const { submit: _, ...without } = modal({ blocks: [input(text())] });
    expect(violationsOfView(without)).toMatchObject([{ pointer: '/view', message: 'missing required field: submit' }]);
  });
});

describe('loaded options', () => {
  test('at most 100, and either options or groups', () => {
    expect(violationsOfOptions({ options: options(100) })).toEqual([]);
    expect(violationsOfOptions({ options: [] })).toEqual([]);
    expect(violationsOfOptions({ options: options(101) })).toMatchObject([{ pointer: '/options' }]);
    expect(violationsOfOptions({})).not.toEqual([]);
  });
});

test('an error under a field has at most 2,000 characters', () => {
  const view = modal({ blocks: [input(text())] });
  expect(violationsOfErrors({ field: long(2_000) }, view)).toEqual([]);
  expect(violationsOfErrors({ field: long(2_001) }, view)).toMatchObject([{ pointer: '/errors/field' }]);
});
