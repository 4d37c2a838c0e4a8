import type { MrkdwnElement, PlainTextElement } from '@slack/types';

/** Inside mrkdwn, nothing in this is a mention, a link or an entity any more. */
const escapeEntities = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Cuts to a length without halving a character, and says that it did. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > length - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Text that Slack shows as it is: no markup, no emoji names. */
export const plain = (text: string, length = 3000): PlainTextElement => ({
  type: 'plain_text',
  text: cut(text, length) || ' ',
  emoji: false,
});

/** Text of ours, with markup. What a person typed goes through `typed` first. */
export const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });

/**
 * A typed value inside mrkdwn: one line, escaped, and cut after escaping so that no entity is halved.
 * Bold, italic, strike and code marks are kept from pairing up by a zero-width space before each.
 */
export function typed(text: string, length = 300): string {
  const line = [...text.replace(/\s+/g, ' ')].map((character) =>
    '*_~`'.includes(character) ? `\u200b${character}` : escapeEntities(character),
  );
  let kept = '';
  for (const piece of line) {
    if (kept.length + piece.length > length - 1) return `${kept}…`;
    kept += piece;
  }
  return kept;
}

/** `T0HOME:U0OPS` as a mention. */
export const mention = (account: string | undefined): string => {
  const user = account?.split(':').at(-1) ?? '';
  return /^[UW][A-Z0-9]+$/.test(user) ? `<@${user}>` : 'somebody';
};

/** A moment, in each reader's own time zone. */
export function moment(at: Date, format = '{date_short_pretty} at {time}'): string {
  const utc = at.toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${Math.floor(at.getTime() / 1000)}^${format}|${utc} UTC>`;
}

/** 90 -> `1 h 30 min`. */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? `${hours} h` : '', rest > 0 || hours === 0 ? `${rest} min` : ''].filter(Boolean).join(' ');
}

export const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
