import type { MrkdwnElement, PlainTextElement } from '@slack/types';

/** Inside mrkdwn, nothing in this is a mention, a link or an entity any more. */
const escapeEntities = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Control characters and those that turn the direction of what follows are seen as a mark, not obeyed. */
const legible = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** Cuts to a length without halving a character, and says that it did. */
export const cut = (text: string, length: number): string => cutBetween(text, text, length);

/** Cuts mrkdwn to a length: no entity, mention, link or date is halved, and no underscore left at the end of a word. */
export const cutMrkdwn = (text: string, length: number): string =>
  cutBetween(text, text.match(/<[^<>]*>|&(?:amp|lt|gt);|_?./gsu) ?? [], length);

function cutBetween(text: string, pieces: Iterable<string>, length: number): string {
  if (text.length <= length) return text;
  let kept = '';
  for (const piece of pieces) {
    if (kept.length + piece.length > length - 1) break;
    kept += piece;
  }
  return `${kept}…`;
}

/** As a text counts in the blocks that are sent: a quote and a backslash take the room of two. */
export const sentLength = (text: string): number => JSON.stringify(text).length - 2;

/** Text that Slack shows as it is: no markup, no emoji names. */
export const plain = (text: string, length = 3000): PlainTextElement => ({
  type: 'plain_text',
  text: cut(legible(text), length) || ' ',
  emoji: false,
});

/** Text of ours, with markup. What a person typed goes through `typed` first. */
export const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });

/**
 * Slack has no escape for these, and invisible characters beside them make marks work where they otherwise would not:
 * what is certain is a character that looks alike and means nothing.
 */
const lookalikes: Readonly<Record<string, string>> = { '*': '\u2217', _: '\u02cd', '~': '\u223c', '`': '\u02cb' };

/**
 * A typed value inside mrkdwn: one line, without marks, quotes, emoji names (also none that a colon of ours would end)
 * and entities, and cut after escaping. An
 * underscore within a word is no mark and stays.
 */
export function typed(text: string, length = 300): string {
  const line = legible(text.replace(/\s+/g, ' '))
    .replace(/[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, (mark) => lookalikes[mark] ?? mark)
    .replace(/^[ >]+/, (start) => start.replaceAll('>', '\u203a'))
    .replace(/:(?=[^\s:]+:)|(?<!\d(?=:\d)):(?=[^\s:/]+$)/gu, ':\u200b');
  return cutMrkdwn(escapeEntities(line), length);
}

/** A link whose words were typed; the address is ours. */
export const link = (address: string, words: string): string =>
  `<${escapeEntities(address)}|${words.replaceAll('|', '¦')}>`;

/** `T0HOME:U0OPS`, or the user alone, as a mention; a name from anywhere else mentions nobody. */
export function mention(account: string | undefined): string {
  const [, user] = /^(?:slack:)?(?:[TE][A-Z0-9]+:)?([UW][A-Z0-9]+)$/.exec(account ?? '') ?? [];
  return user ? `<@${user}>` : 'somebody';
}

/** `C0SEC` as a mention of the channel. */
export const channelMention = (channel: string): string =>
  /^[CDG][A-Z0-9]+$/.test(channel) ? `<#${channel}>` : 'a channel';

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
