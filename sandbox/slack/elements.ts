/** Finding an element on the screen and writing down what was done with it. */
import { elementsOf } from './block-rules.ts';
import { offeredOptions } from './element-rules.ts';
import { asString, compact, copy, type JsonObject, objectsIn } from './json.ts';

export interface Pick {
  /** When several elements share the action id: the one with this value. */
  value?: string;
  /** … or the one in this block. */
  block?: string;
  /** The value to choose, for a menu. */
  choose?: string;
}

interface Found {
  element: JsonObject;
  /** The entry of `actions` that Slack sends for it, without `action_ts`. */
  action: JsonObject;
}

function chosen(element: JsonObject, choose: string | undefined): JsonObject {
  if (element.type === 'button') return {};
  const option = offeredOptions(element).find((one) => one.value === choose);
  if (option === undefined) throw new Error(`${asString(element.action_id)} does not offer ${choose ?? 'nothing'}`);
  return element.type === 'checkboxes' ? { selected_options: [copy(option)] } : { selected_option: copy(option) };
}

const actionOf = (element: JsonObject, blockId: string, choose: string | undefined): JsonObject =>
  compact({
    type: element.type,
    block_id: blockId,
    action_id: element.action_id,
    text: element.text,
    value: element.value,
    style: element.style,
    url: element.url,
    confirm: element.confirm,
    placeholder: element.placeholder,
    ...chosen(element, choose),
  });

/** Throws when there is no such element, or when it is not clear which one is meant. */
export function findElement(blocks: JsonObject[], actionId: string, pick: Pick, where: string): Found {
  const all = blocks
    .filter((block) => block.type !== 'input')
    .flatMap((block) => elementsOf(block).map((element) => ({ blockId: asString(block.block_id) ?? '', element })))
    .filter(({ element }) => element.type !== 'image');
  const matching = all.filter(
    ({ blockId, element }) =>
      element.action_id === actionId &&
      (pick.value === undefined || element.value === pick.value) &&
      (pick.block === undefined || blockId === pick.block),
  );
  const [found] = matching;
  if (found === undefined) {
    const there = all.map(({ element }) => asString(element.action_id)).join(', ') || 'nothing';
    throw new Error(`${where} has no ${actionId} to press; it has ${there}`);
  }
  if (matching.length > 1)
    throw new Error(`${where} has ${matching.length} elements ${actionId}; say which by value or block`);
  return { element: found.element, action: actionOf(found.element, found.blockId, pick.choose) };
}

/** Action ids that can be pressed, in order: what buttons a card has now. */
export const pressable = (blocks: JsonObject[]): string[] =>
  blocks
    .filter((block) => block.type !== 'input')
    .flatMap((block) => elementsOf(block))
    .flatMap((element) => (element.type === 'image' ? [] : (asString(element.action_id) ?? [])));

export const blocksOf = (definition: JsonObject): JsonObject[] => objectsIn(definition.blocks);
