import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../sandbox/slack/json.ts';
import { actions, button, input, modal, radio, select, text } from '../../blocks.ts';
import { option, plain, section } from '../../cast.ts';
import { drawnViews, type Tag, tagsNamed, viewOf } from './drawn.ts';

const called = (tags: readonly Tag[], label: string) =>
  tags.filter(({ attributes }) => attributes['aria-label'] === label);
const whole = modal({
  close: plain('Not now'),
  blocks: [input(text(), { hint: plain('Say it') }), input(radio(), { block_id: 'other', optional: true })],
});

describe('a window', () => {
  test('is called by its title, and has an X and the buttons that the bot named', () => {
    const shown = drawnViews([viewOf(whole)]);
    const [dialog] = tagsNamed(shown, 'dialog');
    const [title] = tagsNamed(shown, 'h2');
    expect(dialog?.attributes['aria-labelledby']).toBe(title?.attributes.id);
    expect(shown.text).toMatch(/^Title×.*Not nowSend$/);
    expect(called(shown.tags, 'Close')).toHaveLength(1);
    expect(tagsNamed(shown, 'button').map(({ attributes }) => attributes.type)).toEqual(['button', 'button', 'submit']);
  });

  test('without submit only says something', () => {
    const { submit: _, ...says } = modal({ blocks: [section('Wait')] });
    const shown = drawnViews([viewOf(says)]);
    expect(shown.text).toBe('Title×WaitClose');
    expect(tagsNamed(shown, 'button').map(({ attributes }) => attributes.type)).toEqual(['button', 'button']);
  });

  test('that can be sent and names no way back has one', () => {
    expect(drawnViews([viewOf(modal({ blocks: [section('x')] }))]).text).toMatch(/CancelSend$/);
  });

  test('shows what the sandbox has of it, not how it began', () => {
    const definition = modal({ blocks: [input(text({ initial_value: 'before' }))] });
    const state = { field: { t: { type: 'plain_text_input', value: 'after' } } };
    expect(tagsNamed(drawnViews([viewOf(definition, state)]), 'input')[0]?.attributes.value).toBe('after');
  });

  test('starts anew where the sandbox has something of another type', () => {
    const definition = modal({ blocks: [input(text({ initial_value: 'before' }))] });
    const state = { field: { t: { type: 'static_select', selected_option: option('x') } } };
    expect(tagsNamed(drawnViews([viewOf(definition, state)]), 'input')[0]?.attributes.value).toBe('before');
  });

  test('of those below the top one is not seen', () => {
    const classes = tagsNamed(drawnViews([{ ...viewOf(whole), id: 'V0' }, viewOf(whole)]), 'dialog');
    expect(classes.map(({ attributes }) => /\bbk-below\b/.test(attributes.class ?? ''))).toEqual([true, false]);
  });
});

describe('a field', () => {
  const field = (element: JsonObject, over: JsonObject = {}) =>
    drawnViews([viewOf(modal({ blocks: [input(element, over)] }))]);

  test.each([
    ['a text', text()],
    ['a menu', select()],
    ['a date', { type: 'datepicker', action_id: 'd' }],
  ])('%s has a label of its own, and its hint', (_, element) => {
    const shown = field(element, { hint: plain('Say it') });
    const [control] = tagsNamed(shown, 'input');
    expect(tagsNamed(shown, 'label')[0]?.attributes.for).toBe(control?.attributes.id);
    expect(shown.html).toContain(`id="${control?.attributes['aria-describedby']}">Say it</div>`);
    expect(control?.attributes['aria-required']).toBe('true');
  });

  test('several controls are a group with a legend', () => {
    const shown = field(radio());
    expect(tagsNamed(shown, 'fieldset')[0]?.attributes).toMatchObject({ role: 'radiogroup', 'aria-required': 'true' });
    expect(shown.html).toContain('<legend class="bk-label">Field</legend>');
    expect(new Set(tagsNamed(shown, 'input').map(({ attributes }) => attributes.name)).size).toBe(1);
  });

  test('that may stay empty says so', () => {
    const shown = field(text(), { optional: true });
    expect(shown.text).toContain('Field (optional)');
    expect(tagsNamed(shown, 'input')[0]?.attributes).not.toHaveProperty('aria-required');
  });
});

describe('a window that is only watched', () => {
  const everything = modal({
    blocks: [
      input(text()),
      input(text({ multiline: true }), { block_id: 'b' }),
      input(radio(), { block_id: 'c' }),
      input(select(), { block_id: 'd' }),
      input({ type: 'checkboxes', action_id: 'x', options: [option('a')] }, { block_id: 'e' }),
      input({ type: 'datepicker', action_id: 'x' }, { block_id: 'f' }),
      input(
        { type: 'multi_static_select', action_id: 'x', options: [option('a')], initial_options: [option('a')] },
        { block_id: 'g' },
      ),
      actions(button(), { type: 'overflow', action_id: 'o', options: [option('a')] }),
    ],
  });

  test('lets nobody type or press', () => {
    const controls = tagsNamed(drawnViews([viewOf(everything)], true), 'input', 'textarea', 'button');
    expect(controls.length).toBeGreaterThan(12);
    expect(controls.filter(({ attributes }) => !('disabled' in attributes))).toEqual([]);
  });

  test('lets everything be typed and pressed otherwise', () => {
    const controls = tagsNamed(drawnViews([viewOf(everything)]), 'input', 'textarea', 'button');
    expect(controls.filter(({ attributes }) => 'disabled' in attributes)).toEqual([]);
  });

  test('is open without being modal; the others the browser opens as modals', () => {
    const isOpen = (readOnly: boolean) =>
      'open' in (tagsNamed(drawnViews([viewOf(everything)], readOnly), 'dialog')[0]?.attributes ?? {});
    expect([isOpen(true), isOpen(false)]).toEqual([true, false]);
  });
});
