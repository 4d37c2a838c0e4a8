import { violationsOfMessage, violationsOfView } from '../../sandbox/slack/block-rules.ts';
import { asString, isObject, type Json, type JsonObject } from '../../sandbox/slack/json.ts';
import { LIMITS } from '../../sandbox/slack/limits.ts';

/** As it would go over the wire. */
export const wire = (value: unknown): Json => {
  const sent: Json = JSON.parse(JSON.stringify(value));
  return sent;
};

const objectsWithin = (value: Json): JsonObject[] => {
  if (Array.isArray(value)) return value.flatMap(objectsWithin);
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsWithin)] : [];
};

export interface Words {
  markup: boolean;
  text: string;
}

/** Every text in a message or a modal, and whether Slack reads it as mrkdwn. A message's own `text` is. */
export function wordsOf(shown: unknown): Words[] {
  const sent = wire(shown);
  const objects = objectsWithin(sent).filter(({ type }) => type === 'mrkdwn' || type === 'plain_text');
  const own = isObject(sent) ? asString(sent.text) : undefined;
  return [
    ...(own === undefined ? [] : [{ markup: true, text: own }]),
    ...objects.map(({ type, text }) => ({ markup: type === 'mrkdwn', text: asString(text) ?? '' })),
  ];
}

/** What Slack, or the bot's own margin below Slack's limits, would object to. */
export function objectionsTo(shown: { text: string; blocks: readonly unknown[] }): string[] {
  const blocks = wire(shown.blocks);
  const size = JSON.stringify(blocks).length;
  return [
    ...violationsOfMessage(blocks).map(({ pointer, message }) => `${pointer} ${message}`),
    ...(size < 12_000 ? [] : [`blocks of ${size} characters together`]),
    ...(shown.text.length > 0 && shown.text.length <= 4_000 ? [] : [`a text of ${shown.text.length} characters`]),
    ...laxTexts(shown),
  ];
}

export function objectionsToView(view: unknown): string[] {
  const bytes = Buffer.byteLength(JSON.stringify(view));
  return [
    ...violationsOfView(wire(view)).map(({ pointer, message }) => `${pointer} ${message}`),
    ...(bytes < LIMITS.viewBytes ? [] : [`a view of ${bytes} bytes`]),
    ...laxTexts(view),
  ];
}

/** Texts that Slack would read more into than what is written: emoji names, bare addresses, `#channel`. */
const laxTexts = (shown: unknown): string[] =>
  objectsWithin(wire(shown)).flatMap(({ type, emoji, verbatim, text }) => {
    const lax = (type === 'plain_text' && emoji !== false) || (type === 'mrkdwn' && verbatim !== true);
    return lax ? [`${type} that is read freely: ${asString(text)}`] : [];
  });

const token =
  /<([^<>]*)>|&(?:amp|lt|gt);|&|<|>|:[\p{L}\p{N}\p{M}_+'-]+:|[*~`]|_|\n|\p{Cc}|[\u202a-\u202e\u2066-\u2069]/giu;

/**
 * What Slack would not show as the characters they are, in the order written; written from Slack's documentation and
 * not from the bot's escaping. Where it is not documented, the reading is the one that makes more of the text: a mark
 * counts even beside invisible characters, and only an underscore within a word counts for nothing.
 */
export const markupOf = ({ markup, text }: Words): string[] =>
  [...text.matchAll(token)].flatMap((match) => {
    const [found, inside] = match;
    const before = text.slice(0, match.index);
    if (/[^\n\t\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/u.test(found)) return ['steering character'];
    if (!markup) return [];
    const atLineStart = /(^|\n)[\s\u200b]*$/.test(before);
    if (inside !== undefined) return [reference(inside)];
    if (found === '&gt;' || found === '>') return atLineStart ? ['quote'] : found === '>' ? ['stray >'] : [];
    if (found.startsWith('&')) return found === '&' ? ['stray &'] : [];
    if (found === '_') {
      const within = /[a-z0-9]$/i.test(before) && /^[a-z0-9]/i.test(text.slice(match.index + 1));
      return within ? [] : ['mark _'];
    }
    if (found.startsWith(':')) return [`emoji ${found}`];
    return [found === '\n' ? 'line' : found === '<' ? 'stray <' : `mark ${found}`];
  });

/** What stands in angle brackets: who, where, a date, or a link with its site. */
function reference(inside: string): string {
  const [target = ''] = inside.split('|');
  if (/^[@#]/.test(target)) return `mention ${target}`;
  if (target.startsWith('!')) return target.startsWith('!date^') ? 'date' : `special ${target}`;
  return URL.canParse(target) ? `link ${new URL(target).origin}` : `stray <${inside}>`;
}

/** Everything in a message or modal that is more than characters. */
export const markupIn = (shown: unknown): string[] => wordsOf(shown).flatMap(markupOf);
