import { describe, expect, test } from 'vitest';
import { type Edits, entriesOf, heldIn, stillThere, withEdit } from '../../../../sandbox/page/browser/blocks/edits.ts';
import { initialState } from '../../../../sandbox/slack/form.ts';
import { asObject, type JsonObject, objectsIn } from '../../../../sandbox/slack/json.ts';
import { input, modal, radio, select, text } from '../../blocks.ts';
import { option } from '../../cast.ts';

const none: Edits = {};
const elementOf = (block: JsonObject) => asObject(block.element) ?? {};
const held = (edits: Edits, block: JsonObject, state = initialState({ blocks: [block] })) =>
  heldIn(state, edits, block, elementOf(block));
const edited = (block: JsonObject, entry: string | string[] | null, given?: JsonObject) =>
  withEdit(none, block, elementOf(block), entry, given);

describe('what a field holds', () => {
  const block = input(text({ initial_value: 'start' }));

  test('is what was entered here, then what the sandbox has, then how it starts', () => {
    const server = { field: { t: { type: 'plain_text_input', value: 'server' } } };
    expect(held(edited(block, 'here'), block, server).value).toBe('here');
    expect(held(none, block, server).value).toBe('server');
    expect(held(none, block, {}).value).toBe('start');
  });

  test('can be nothing, whatever the sandbox has', () => {
    expect(held(edited(block, null), block).value).toBeNull();
  });

  test('is nothing that was entered into an element of another type, block or action', () => {
    const edits = edited(block, 'here');
    for (const other of [
      input({ type: 'email_text_input', action_id: 't' }),
      input(text(), { block_id: 'other' }),
      input(text({ action_id: 'other' })),
    ]) {
      expect(held(edits, other).value).toBeNull();
    }
  });
});

describe('when the bot changes the view', () => {
  const block = input(text());
  const edits = edited(block, 'here');

  test('what was entered stays while its element is there', () => {
    const after = modal({ blocks: [input(select(), { block_id: 'new' }), input(text({ max_length: 9 }))] });
    expect(stillThere(edits, after)).toBe(edits);
  });

  test.each([
    ['block', []],
    ['action', [input(text({ action_id: 'other' }))]],
    ['type', [input({ type: 'url_text_input', action_id: 't' })]],
  ])('it is forgotten with its %s, also for one that comes later', (_, blocks) => {
    expect(stillThere(edits, modal({ blocks }))).toEqual({});
  });
});

describe('what is sent', () => {
  const several = { type: 'multi_static_select', action_id: 'm', options: ['a', 'b', 'c'].map((one) => option(one)) };
  const boxes = { type: 'checkboxes', action_id: 'c', options: [option('a'), option('b')] };
  const external = { type: 'external_select', action_id: 'e' };

  test.each<[string, JsonObject, string | string[] | null, JsonObject | undefined, unknown]>([
    ['a text', text(), 'so', undefined, 'so'],
    ['an empty one', text(), null, undefined, null],
    ['a choice', select(), 'v1', option('v1'), 'v1'],
    ['a choice taken back', select({ initial_option: option('v1') }), null, undefined, null],
    ['a radio button', radio(), 'v0', option('v0'), 'v0'],
    ['what was looked up', external, 'x', option('x', 'X'), 'x'],
    ['several, as they were chosen', several, ['c', 'a'], undefined, ['c', 'a']],
    ['none of several', boxes, [], undefined, []],
    ['a person', { type: 'users_select', action_id: 'u' }, 'U0ANN', undefined, 'U0ANN'],
    ['a date', { type: 'datepicker', action_id: 'd' }, '2026-01-02', undefined, '2026-01-02'],
  ])('%s', (_, element, entry, given, sent) => {
    const block = input(element);
    const definition = modal({ blocks: [block] });
    expect(entriesOf(definition, initialState(definition), edited(block, entry, given))).toEqual({ field: sent });
  });

  test('is everything, also what nobody touched', () => {
    const definition = modal({
      blocks: [
        input(select({ initial_option: option('v1') }), { block_id: 'menu' }),
        input({ ...boxes, initial_options: [option('b')] }, { block_id: 'boxes' }),
        input(text(), { block_id: 'empty' }),
        input(text(), { block_id: 'typed' }),
      ],
    });
    const typed = objectsIn(definition.blocks)[3] ?? {};
    expect(entriesOf(definition, initialState(definition), edited(typed, 'x'))).toEqual({
      ...{ menu: 'v1', boxes: ['b'], empty: null, typed: 'x' },
    });
  });

  test('what was looked up keeps its words', () => {
    const block = input(external);
    expect(held(edited(block, 'x', option('x', 'Ex')), block).selected_option).toEqual(option('x', 'Ex'));
  });
});
