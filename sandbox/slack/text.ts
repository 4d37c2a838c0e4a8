/** Messages and modals as readable text for a terminal. */
import { offeredOptions } from './element-rules.ts';
import { asObject, asString, type JsonObject, objectsIn } from './json.ts';
import type { Message } from './messages.ts';
import type { OpenView } from './modals.ts';
import { type Reader, readMrkdwn } from './mrkdwn.ts';

export type { Reader } from './mrkdwn.ts';
export { readMrkdwn } from './mrkdwn.ts';

const words = (object: JsonObject | undefined, reader: Reader): string => {
  const text = asString(object?.text) ?? '';
  return object?.type === 'mrkdwn' ? readMrkdwn(text, reader) : text;
};

const label = (object: JsonObject, field: string, reader: Reader): string => words(asObject(object[field]), reader);

const indented = (text: string, by = '  '): string => text.replace(/^/gm, by);

/** What a field holds: as entered, else as it starts. */
function held(element: JsonObject, state: JsonObject | undefined, reader: Reader): string {
  const option = asObject(state?.selected_option ?? element.initial_option);
  if (option !== undefined) return label(option, 'text', reader);
  const several = objectsIn(state?.selected_options ?? element.initial_options);
  if (several.length > 0) return several.map((one) => label(one, 'text', reader)).join(', ');
  const plain = [state?.value, state?.selected_user, state?.selected_date];
  const initial = [element.initial_value, element.initial_user, element.initial_date];
  return [...plain, ...initial].map((one) => asString(one)).find((one) => one !== undefined) ?? '';
}

function choices(element: JsonObject, state: JsonObject | undefined, reader: Reader): string {
  const chosen = [
    state?.selected_option ?? element.initial_option ?? null,
    ...objectsIn(state?.selected_options ?? element.initial_options),
  ];
  const values = chosen.map((one) => asObject(one)?.value);
  return offeredOptions(element)
    .map((option) => `(${values.includes(option.value ?? null) ? 'x' : ' '}) ${label(option, 'text', reader)}`)
    .join('\n');
}

function element(one: JsonObject, reader: Reader, state?: JsonObject): string {
  const shown = held(one, state, reader) || (asObject(one.placeholder) ? `${label(one, 'placeholder', reader)}` : '');
  switch (one.type) {
    case 'button':
      // Where a button opens an address, whoever reads has to be told which.
      return `[${label(one, 'text', reader)}]${asString(one.url) === undefined ? '' : ` ${asString(one.url)}`}`;
    case 'image':
      return `(image: ${asString(one.alt_text)})`;
    case 'overflow':
      return `[… ${offeredOptions(one)
        .map((option) => label(option, 'text', reader))
        .join(' | ')}]`;
    case 'radio_buttons':
    case 'checkboxes':
      return choices(one, state, reader);
    case 'static_select':
    case 'multi_static_select':
    case 'external_select':
    case 'users_select':
    case 'datepicker':
      return `[${shown} ▾]`;
    case 'plain_text_input':
    case 'url_text_input':
    case 'email_text_input':
    case 'number_input':
      return `[${shown}]`;
    default:
      throw new Error(`no way to show an element of type ${asString(one.type)}`);
  }
}

type StateOf = (block: JsonObject, one: JsonObject) => JsonObject | undefined;

function section(block: JsonObject, reader: Reader, stateOf: StateOf): string {
  const fields = objectsIn(block.fields).map((field) => indented(words(field, reader)));
  const accessory = asObject(block.accessory);
  const text = asObject(block.text);
  return [
    ...(text === undefined ? [] : [words(text, reader)]),
    ...fields,
    ...(accessory === undefined ? [] : [element(accessory, reader, stateOf(block, accessory))]),
  ].join('\n');
}

function input(block: JsonObject, reader: Reader, stateOf: StateOf): string {
  const one = asObject(block.element) ?? {};
  const optional = block.optional === true ? ' (optional)' : '';
  const hint = asObject(block.hint) === undefined ? [] : [indented(label(block, 'hint', reader))];
  return [
    `${label(block, 'label', reader)}${optional}:`,
    indented(element(one, reader, stateOf(block, one))),
    ...hint,
  ].join('\n');
}

const NO_STATE: StateOf = () => undefined;

/** One block; throws on a type it does not know, so that nothing is left out in silence. */
export function renderBlock(block: JsonObject, reader: Reader = {}, stateOf: StateOf = NO_STATE): string {
  switch (block.type) {
    case 'section':
      return section(block, reader, stateOf);
    case 'header':
      return `== ${label(block, 'text', reader)} ==`;
    case 'divider':
      return '--------';
    case 'context':
      return objectsIn(block.elements)
        .map((one) => (one.type === 'image' ? element(one, reader) : words(one, reader)))
        .map((text) => indented(text, '· '))
        .join('\n');
    case 'actions':
      return objectsIn(block.elements)
        .map((one) => element(one, reader, stateOf(block, one)))
        .join(' ');
    case 'image':
      return `(image: ${asString(block.alt_text)})`;
    case 'input':
      return input(block, reader, stateOf);
    default:
      throw new Error(`no way to show a block of type ${asString(block.type)}`);
  }
}

/** Blocks are what Slack shows; the text stands in when there are none. */
export const renderMessage = (
  { text, blocks, files = [] }: Pick<Message, 'text' | 'blocks' | 'files'>,
  reader: Reader = {},
): string =>
  [
    blocks.length > 0 ? blocks.map((block) => renderBlock(block, reader)).join('\n') : readMrkdwn(text, reader),
    ...files.map(({ name }) => `[file ${name}]`),
  ].join('\n');

/** A modal with what has been entered so far. */
export function renderView({ definition, state }: Pick<OpenView, 'definition' | 'state'>, reader: Reader = {}): string {
  const stateOf: StateOf = (block, one) => state[asString(block.block_id) ?? '']?.[asString(one.action_id) ?? ''];
  const blocks = objectsIn(definition.blocks).map((block) => renderBlock(block, reader, stateOf));
  const buttons = ['close', 'submit'].flatMap((field) =>
    asObject(definition[field]) === undefined ? [] : [`[${label(definition, field, reader)}]`],
  );
  return [
    `┌ ${label(definition, 'title', reader)}`,
    ...blocks,
    ...(buttons.length > 0 ? [`└ ${buttons.join(' ')}`] : []),
  ].join('\n');
}
