/** What a person has entered that the sandbox may not know of yet. It wins over what the sandbox says. */
import { offeredOptions } from '../../../slack/element-rules.ts';
import { fieldsOf, initialState, type StateValues } from '../../../slack/form.ts';
import { asObject, asString, type JsonObject, objectsIn } from '../../../slack/json.ts';
import type { Entries, Entry } from '../../wire.ts';
import type { Held } from './hand.ts';

/** By block and action: what is held there, with the type of the element that it was entered into. */
export type Edits = Readonly<Record<string, Held>>;

const idsOf = (block: JsonObject, element: JsonObject): [string, string] => [
  asString(block.block_id) ?? '',
  asString(element.action_id) ?? '',
];
const keyOf = (block: JsonObject, element: JsonObject) => JSON.stringify(idsOf(block, element));

/** One entry as Slack writes it down. `option` is what was chosen, where the element does not offer it itself. */
function writtenDown(element: JsonObject, entry: Entry, option?: JsonObject): Held {
  const type = asString(element.type) ?? '';
  const value = Array.isArray(entry) ? (entry[0] ?? null) : entry;
  const offered = offeredOptions(element);
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: value === null ? null : (option ?? null) };
    case 'checkboxes':
    case 'multi_static_select': {
      const values = Array.isArray(entry) ? entry : [];
      return { type, selected_options: values.flatMap((one) => offered.find((each) => each.value === one) ?? []) };
    }
    case 'users_select':
      return { type, selected_user: value };
    case 'datepicker':
      return { type, selected_date: value };
    default:
      return { type, value };
  }
}

export const withEdit = (
  edits: Edits,
  block: JsonObject,
  element: JsonObject,
  entry: Entry,
  option?: JsonObject,
): Edits => ({
  ...edits,
  [keyOf(block, element)]: writtenDown(element, entry, option),
});

/** What the element holds: as entered here, else as the sandbox has it, else as it starts. */
export function heldIn(state: StateValues, edits: Edits, block: JsonObject, element: JsonObject): Held {
  const [blockId, actionId] = idsOf(block, element);
  const fits = (held: Held | undefined) => (held?.type === element.type ? held : undefined);
  const start = initialState({ blocks: [block] })[blockId]?.[actionId];
  return fits(edits[keyOf(block, element)]) ?? fits(state[blockId]?.[actionId]) ?? start ?? {};
}

/** Forgets what was entered into an element that is gone, so that one which comes later starts anew. */
export function stillThere(edits: Edits, definition: JsonObject): Edits {
  const types = new Map(fieldsOf(definition).map(({ block, element }) => [keyOf(block, element), element.type]));
  const kept = Object.entries(edits).filter(([key, { type }]) => types.get(key) === type);
  return kept.length === Object.keys(edits).length ? edits : Object.fromEntries(kept);
}

function entryOf(held: Held): Entry {
  if (held.selected_options !== undefined) {
    return objectsIn(held.selected_options).flatMap((option) => asString(option.value) ?? []);
  }
  const single = [asObject(held.selected_option)?.value, held.selected_user, held.selected_date, held.value];
  return single.map((one) => asString(one)).find((one) => one !== undefined) ?? null;
}

/** Everything the form holds, by block. */
export function entriesOf(definition: JsonObject, state: StateValues, edits: Edits): Entries {
  const entries: Entries = {};
  for (const { block, blockId, element } of fieldsOf(definition)) {
    // A block has one entry: that of its first element.
    entries[blockId] ??= entryOf(heldIn(state, edits, block, element));
  }
  return entries;
}
