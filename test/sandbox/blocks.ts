/** Makers of blocks for the tests of the rules. */
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { option, plain } from './cast.ts';

export const long = (length: number) => 'x'.repeat(length);
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
export const button = (over: JsonObject = {}): JsonObject => ({
  type: 'button',
  action_id: 'go',
  text: plain('Go'),
  ...over,
});
export const actions = (...elements: JsonObject[]): JsonObject => ({ type: 'actions', elements });
export const input = (element: JsonObject, over: JsonObject = {}): JsonObject => ({
  type: 'input',
  block_id: 'field',
  label: plain('Field'),
  element,
  ...over,
});
export const modal = (over: JsonObject = {}): JsonObject => ({
  type: 'modal',
  title: plain('Title'),
  submit: plain('Send'),
  blocks: [],
  ...over,
});
export const confirm = (over: JsonObject = {}): JsonObject => ({
  title: plain('Sure?'),
  text: mrkdwn('Really?'),
  ...over,
});
export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
export const options = (count: number) => many(count, (n) => option(`v${n}`));

export const select = (over: JsonObject = {}): JsonObject => ({
  type: 'static_select',
  action_id: 's',
  options: options(2),
  ...over,
});
export const text = (over: JsonObject = {}): JsonObject => ({ type: 'plain_text_input', action_id: 't', ...over });
export const radio = (over: JsonObject = {}): JsonObject => ({
  type: 'radio_buttons',
  action_id: 'r',
  options: options(2),
  ...over,
});
