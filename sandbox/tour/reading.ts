import { type Message, type Reader, renderMessage, renderView } from '../slack/index.ts';
import type { JsonObject } from '../slack/json.ts';
import { asObject, asString, objectsIn } from '../slack/json.ts';

/** Everybody in the transcript reads dates in this zone. */
export const ZONE = 'UTC';

/** A message as its readers take it in: without markup, each fact on one line. */
export const read = (message: Pick<Message, 'text' | 'blocks'>, reader: Reader): string =>
  withoutMarkup(renderMessage(message, reader));

export const readView = (view: Parameters<typeof renderView>[0], reader: Reader): string =>
  withoutMarkup(renderView(view, reader));

const withoutMarkup = (text: string): string =>
  text
    .replace(/^ *\*([^*\n]+)\*\n +/gm, '$1: ')
    .replace(/\*([^*\n]+)\*/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/^== (.*) ==$/gm, '$1')
    .replaceAll('\u200b', '');

/** A moment as a card shows it. */
export function shownMoment(at: Date): string {
  const date = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: ZONE }).format(at);
  const time = new Intl.DateTimeFormat('en-US', { timeStyle: 'short', hourCycle: 'h23', timeZone: ZONE }).format(at);
  return `${date} at ${time}`;
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
