/** What a person enters into a form: what it starts as, how a choice is written down, what Slack's client refuses. */
import { elementsOf } from './block-rules.ts';
import { offeredOptions } from './element-rules.ts';
import { asNumber, asString, copy, type JsonObject, objectsIn } from './json.ts';
import { LIMITS } from './limits.ts';

/** Slack's `state.values`: block id, then action id. */
export type StateValues = { [blockId: string]: { [actionId: string]: JsonObject } };

/** What a person puts into a block: typed text, the value of an option, several of them; null empties it. */
export type Entry = string | string[] | null;
export type Entries = { [blockId: string]: Entry };

/** The options a block can be given now: its own, or those loaded for it. */
type Offered = (blockId: string, element: JsonObject) => JsonObject[];

interface Field {
  block: JsonObject;
  blockId: string;
  element: JsonObject;
  actionId: string;
}

const STATELESS = ['button', 'overflow', 'image'];

export const fieldsOf = (definition: JsonObject): Field[] =>
  objectsIn(definition.blocks).flatMap((block) =>
    elementsOf(block)
      .filter((element) => !STATELESS.includes(asString(element.type) ?? ''))
      .map((element) => ({
        block,
        blockId: asString(block.block_id) ?? '',
        element,
        actionId: asString(element.action_id) ?? '',
      })),
  );

const initial = (element: JsonObject): JsonObject => {
  const type = asString(element.type) ?? '';
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: copy(element.initial_option ?? null) };
    case 'checkboxes':
    case 'multi_static_select':
      return { type, selected_options: copy(element.initial_options ?? []) };
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null };
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null };
    default:
      return { type, value: element.initial_value ?? null };
  }
};

const put = (state: StateValues, { blockId, actionId }: Field, value: JsonObject): StateValues => ({
  ...state,
  [blockId]: { ...state[blockId], [actionId]: value },
});

export const initialState = (definition: JsonObject): StateValues =>
  fieldsOf(definition).reduce((state, field) => put(state, field, initial(field.element)), {} satisfies StateValues);

/** After an update: what was entered, where the same element is still there. */
export const keptState = (definition: JsonObject, before: StateValues): StateValues =>
  fieldsOf(definition).reduce<StateValues>((state, field) => {
    const entered = before[field.blockId]?.[field.actionId];
    const same = entered !== undefined && entered.type === field.element.type;
    return put(state, field, same ? entered : initial(field.element));
  }, {});

const NOT_OFFERED = 'that option is not offered';

const option = (value: string, offered: JsonObject[], force: boolean): JsonObject | undefined => {
  const found = offered.find((one) => one.value === value);
  if (found !== undefined) return copy(found);
  return force ? { text: { type: 'plain_text', text: value, emoji: true }, value } : undefined;
};

const single = (entry: Entry): string | undefined =>
  (Array.isArray(entry) ? entry[0] : (entry ?? undefined)) || undefined;
const several = (entry: Entry): string[] => (Array.isArray(entry) ? entry : entry === null ? [] : [entry]);

/** One entry as Slack writes it down, or a sentence why the client does not let a person do that. */
function written(element: JsonObject, entry: Entry, offered: JsonObject[], force: boolean): JsonObject | string {
  const type = asString(element.type) ?? '';
  const value = single(entry);
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons': {
      const chosen = value === undefined ? null : option(value, offered, force);
      return chosen === undefined ? NOT_OFFERED : { type, selected_option: chosen };
    }
    case 'checkboxes':
    case 'multi_static_select': {
      const chosen = several(entry).map((one) => option(one, offered, force));
      const known = chosen.filter((one) => one !== undefined);
      return known.length < chosen.length ? NOT_OFFERED : { type, selected_options: known };
    }
    case 'users_select':
      return { type, selected_user: value ?? null };
    case 'datepicker':
      return { type, selected_date: value ?? null };
    default:
      return { type, value: value ?? null };
  }
}

interface Filled {
  state: StateValues;
  /** By block id: what the client refuses to let the person enter. */
  refused: { [blockId: string]: string };
}

/** Throws when an entry names a block the form does not have: a test's mistake, not a person's. */
export function fill(
  definition: JsonObject,
  state: StateValues,
  entries: Entries,
  offered: Offered = (_, element) => offeredOptions(element),
  force = false,
): Filled {
  const fields = fieldsOf(definition);
  let next = state;
  const refused: Filled['refused'] = {};
  for (const [blockId, entry] of Object.entries(entries)) {
    const field = fields.find((one) => one.blockId === blockId);
    if (field === undefined) {
      throw new Error(
        `the form has no field ${blockId}; it has ${fields.map((one) => one.blockId).join(', ') || 'none'}`,
      );
    }
    const value = written(field.element, entry, offered(blockId, field.element), force);
    if (typeof value === 'string') refused[blockId] = value;
    else next = put(next, field, value);
  }
  return { state: next, refused };
}

const isEmpty = (value: JsonObject): boolean =>
  [value.value, value.selected_option, value.selected_user, value.selected_date].every(
    (one) => one === undefined || one === null,
  ) && objectsIn(value.selected_options).length === 0;

const URL_SHAPE = /^https?:\/\/\S+$/;
const EMAIL_SHAPE = /^[^\s@]+@[^\s@]+$/;

function textProblem(element: JsonObject, text: string): string | undefined {
  const min = asNumber(element.min_length) ?? 0;
  const max = asNumber(element.max_length) ?? LIMITS.plainTextInput;
  if (text.length < min) return `This must have at least ${min} characters.`;
  if (text.length > max) return `This must have at most ${max} characters.`;
  if (element.type === 'url_text_input' && !URL_SHAPE.test(text)) return 'This must be a web address.';
  if (element.type === 'email_text_input' && !EMAIL_SHAPE.test(text)) return 'This must be an e-mail address.';
  if (element.type === 'number_input' && !Number.isFinite(Number(text))) return 'This must be a number.';
  return undefined;
}

/** By block id: what keeps Slack's client from sending the form at all. */
export function problems(definition: JsonObject, state: StateValues): { [blockId: string]: string } {
  const found: { [blockId: string]: string } = {};
  for (const { block, blockId, element, actionId } of fieldsOf(definition)) {
    if (block.type !== 'input') continue;
    const value = state[blockId]?.[actionId] ?? {};
    if (isEmpty(value)) {
      if (block.optional !== true) found[blockId] = 'This field is required.';
      continue;
    }
    const problem = textProblem(element, asString(value.value) ?? '');
    if (typeof value.value === 'string' && problem !== undefined) found[blockId] = problem;
  }
  return found;
}
