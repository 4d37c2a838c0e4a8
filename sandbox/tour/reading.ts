import type { Answer } from '../service.ts';
import { type Message, type OpenView, type Reader, renderMessage, renderView } from '../slack/index.ts';
import { asObject, asString, isObject, type Json, type JsonObject, objectsIn } from '../slack/json.ts';

/** Everybody in the transcript reads dates in this zone. */
export const ZONE = 'UTC';

/** A message as its readers take it in: without marks for bold and the like, each fact on one line. */
export const read = (
  { text, blocks, files = [] }: Pick<Message, 'text' | 'blocks' | 'files'>,
  reader: Reader,
): string => renderMessage({ text: withoutMarks(text), blocks: blocks.map(unmarked), files }, reader);

export const readView = ({ definition, state }: Pick<OpenView, 'definition' | 'state'>, reader: Reader): string =>
  renderView({ definition: unmarked(definition), state }, reader);

/** Only where Slack would obey the marks: in plain text they are what somebody typed. */
function unmarked(object: JsonObject): JsonObject {
  const text = object.type === 'mrkdwn' ? { text: withoutMarks(asString(object.text) ?? '') } : {};
  const inside = Object.entries(object).map(([key, value]): [string, Json] => [key, unmarkedValue(value)]);
  return { ...Object.fromEntries(inside), ...text };
}

function unmarkedValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(unmarkedValue);
  return isObject(value) ? unmarked(value) : value;
}

const withoutMarks = (mrkdwn: string): string =>
  mrkdwn
    .replace(/^\*([^*\n]+)\*\n(?=[^•\n]*$)/, '$1: ')
    .replace(/\*([^*\n]+)\*/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1');

/** A moment as a card shows it. */
export function shownMoment(at: Date): string {
  const date = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: ZONE }).format(at);
  const time = new Intl.DateTimeFormat('en-US', { timeStyle: 'short', hourCycle: 'h23', timeZone: ZONE }).format(at);
  return `${date} at ${time}`;
}

/** What a service is told: `yes, granted, until …`, `no, missing_scopes: create_platform_owner`. */
export function readAnswer({ decision, reason, until, missing }: Answer): string {
  const ends = until === null ? '' : `, until ${shownMoment(until)} ${ZONE}`;
  const lacks = missing.length === 0 ? '' : `: ${missing.join(', ')}`;
  return `${decision ? 'yes' : 'no'}, ${reason}${lacks}${ends}`;
}

export interface Button {
  label: string;
  action: string;
  value: string;
}

/** The buttons of a message, in the order in which they stand there. */
export const buttonsOf = ({ blocks }: Pick<Message, 'blocks'>): Button[] =>
  blocks
    .flatMap((block) => [
      ...objectsIn(block.elements),
      ...[asObject(block.accessory)].filter((one) => one !== undefined),
    ])
    .filter(({ type }) => type === 'button')
    .map((button) => ({
      label: plainText(button, 'text'),
      action: asString(button.action_id) ?? '',
      value: asString(button.value) ?? '',
    }));

export const plainText = (object: JsonObject, field: string): string => asString(asObject(object[field])?.text) ?? '';
