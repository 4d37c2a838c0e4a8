/** What each kind of field holds, and what Slack's client lets a person put into it. */
import { describe, expect, test } from 'vitest';
import { violationsOfView } from '../../sandbox/slack/block-rules.ts';
import { type Entry, fill, initialState, keptState, problems } from '../../sandbox/slack/form.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { option, plain } from './cast.ts';

const view = (element: JsonObject, over: JsonObject = {}): JsonObject => ({
  type: 'modal',
  title: plain('Form'),
  submit: plain('Send'),
  blocks: [
    { type: 'input', block_id: 'field', label: plain('Field'), element: { action_id: 'field', ...element }, ...over },
  ],
});

const options = [option('a'), option('b')];

const KINDS: [type: string, element: JsonObject, entry: Entry, held: JsonObject, empty: JsonObject][] = [
  ['plain_text_input', {}, 'hello', { value: 'hello' }, { value: null }],
  ['url_text_input', {}, 'https://x.test', { value: 'https://x.test' }, { value: null }],
  ['email_text_input', {}, 'a@x.test', { value: 'a@x.test' }, { value: null }],
  ['number_input', { is_decimal_allowed: false }, '7', { value: '7' }, { value: null }],
  ['static_select', { options }, 'b', { selected_option: option('b') }, { selected_option: null }],
  ['radio_buttons', { options }, 'b', { selected_option: option('b') }, { selected_option: null }],
  ['checkboxes', { options }, ['a', 'b'], { selected_options: options }, { selected_options: [] }],
  ['multi_static_select', { options }, ['a'], { selected_options: [option('a')] }, { selected_options: [] }],
  ['users_select', {}, 'U0ANN', { selected_user: 'U0ANN' }, { selected_user: null }],
  ['datepicker', {}, '2026-01-31', { selected_date: '2026-01-31' }, { selected_date: null }],
];

describe.each(KINDS)('%s', (type, over, entry, held, empty) => {
  const definition = view({ type, ...over });
  const state = initialState(definition);

  test('is a field Slack has', () => {
    expect(violationsOfView(definition)).toEqual([]);
  });

  test('starts empty, holds what is entered, can be emptied again', () => {
    expect(state).toEqual({ field: { field: { type, ...empty } } });
    const filled = fill(definition, state, { field: entry });
    expect(filled).toEqual({ state: { field: { field: { type, ...held } } }, refused: {} });
    expect(fill(definition, filled.state, { field: null }).state).toEqual(state);
  });

  test('must be filled unless it is optional', () => {
    expect(problems(definition, state)).toEqual({ field: 'This field is required.' });
    expect(problems(view({ type, ...over }, { optional: true }), state)).toEqual({});
    expect(problems(definition, fill(definition, state, { field: entry }).state)).toEqual({});
  });
});

describe('a field starts with', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['its initial text', { type: 'plain_text_input', initial_value: 'x' }, { value: 'x' }],
    [
      'its initial option',
      { type: 'static_select', options, initial_option: option('b') },
      { selected_option: option('b') },
    ],
    ['its initial options', { type: 'checkboxes', options, initial_options: options }, { selected_options: options }],
    ['its initial user', { type: 'users_select', initial_user: 'U0ANN' }, { selected_user: 'U0ANN' }],
    ['its initial date', { type: 'datepicker', initial_date: '2026-01-31' }, { selected_date: '2026-01-31' }],
  ])('%s', (_, element, held) => {
    expect(initialState(view(element)).field?.field).toMatchObject(held);
  });
});

test.each([
  ['url_text_input', 'x.test', 'This must be a web address.'],
  ['email_text_input', 'ann', 'This must be an e-mail address.'],
  ['number_input', 'seven', 'This must be a number.'],
  ['plain_text_input', 'x'.repeat(3_001), 'This must have at most 3000 characters.'],
])('%s does not take %s', (type, entry, problem) => {
  const definition = view({ type });
  expect(problems(definition, fill(definition, initialState(definition), { field: entry }).state)).toEqual({
    field: problem,
  });
});

test.each(['static_select', 'radio_buttons', 'checkboxes', 'multi_static_select', 'external_select'])(
  '%s takes only what is offered, unless forced',
  (type) => {
    const definition = view({ type, options });
    const state = initialState(definition);
    expect(fill(definition, state, { field: 'c' })).toEqual({
      state,
      refused: { field: 'that option is not offered' },
    });
    expect(JSON.stringify(fill(definition, state, { field: 'c' }, undefined, true).state)).toContain('"value":"c"');
  },
);

test('options in groups are offered too', () => {
  const grouped = { type: 'static_select', option_groups: [{ label: plain('G'), options }] };
  const definition = view(grouped);
  expect(violationsOfView(definition)).toEqual([]);
  expect(fill(definition, initialState(definition), { field: 'b' }).refused).toEqual({});
});

test('an entry for a field the form does not have is the test’s mistake', () => {
  const definition = view({ type: 'plain_text_input' });
  expect(() => fill(definition, {}, { other: 'x' })).toThrow('the form has no field other; it has field');
});

test('an update keeps what was entered unless the field changed its kind', () => {
  const before = { field: { field: { type: 'plain_text_input', value: 'kept' } } };
  expect(keptState(view({ type: 'plain_text_input' }), before)).toEqual(before);
  expect(keptState(view({ type: 'static_select', options }), before)).toEqual({
    field: { field: { type: 'static_select', selected_option: null } },
  });
  expect(keptState(view({ type: 'plain_text_input', action_id: 'renamed' }), before)).toEqual({
    field: { renamed: { type: 'plain_text_input', value: null } },
  });
});
