/** Slack's markup as a reader sees it: what `<…>` refers to, for whoever shows it, and all of it in plain text. */

export interface Reader {
  /** IANA zone in which dates are shown; without one, a date's fallback is. */
  zone?: string | undefined;
  /** The name behind an id of a person, channel or group; the id itself unless told. */
  nameOf?: ((id: string) => string | undefined) | undefined;
}

/** Entities become the characters they stand for. */
export const unescaped = (text: string): string =>
  text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

/** What `<…>` refers to. Every text in it is as a reader sees it, without entities. */
export type Reference =
  /** A name as it is shown: `@Ann Operator`, `#ops`, `@here`. */
  | { kind: 'mention'; name: string }
  /** `at` in milliseconds; null where what stands there is no moment. */
  | { kind: 'date'; at: number | null; format: string; address: string | null; fallback: string }
  | { kind: 'link'; address: string; label: string | null };

const REFERENCE = /<([^<>]+)>/y;

/** The `<…>` that begins at this place of a text, if there is one. */
export function referenceAt(text: string, index: number): { inside: string; end: number } | undefined {
  REFERENCE.lastIndex = index;
  const inside = REFERENCE.exec(text)?.[1];
  return inside === undefined ? undefined : { inside, end: REFERENCE.lastIndex };
}

type NameOf = Reader['nameOf'];

/** Reads what stands between `<` and `>`. */
export function referenceIn(inside: string, nameOf?: NameOf): Reference {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : unescaped(inside.slice(bar + 1));
  const named = (id: string) => nameOf?.(id) ?? label ?? id;
  switch (target[0]) {
    case '@':
    case '#':
      return { kind: 'mention', name: `${target[0]}${named(target.slice(1))}` };
    case '!':
      return special(target.slice(1), label, named);
    default:
      return { kind: 'link', address: unescaped(target), label };
  }
}

function special(body: string, label: string | null, named: (id: string) => string): Reference {
  const [name = '', argument = '', format = '', address] = body.split('^');
  if (name === 'date') {
    const at = new Date(Number(argument || Number.NaN) * 1000).getTime();
    return {
      kind: 'date',
      at: Number.isNaN(at) ? null : at,
      format: unescaped(format),
      address: address === undefined ? null : unescaped(address),
      fallback: label ?? '',
    };
  }
  if (body.startsWith('subteam^')) {
    const group = named(body.slice('subteam^'.length));
    return { kind: 'mention', name: group.startsWith('@') ? group : `@${group}` };
  }
  return { kind: 'mention', name: `@${name}` };
}

type DateStyle = Intl.DateTimeFormatOptions;
const DATE: DateStyle = { year: 'numeric', month: 'long', day: 'numeric' };
const NUMBERS: DateStyle = { year: 'numeric', month: '2-digit', day: '2-digit' };
const TOKENS: { [token: string]: DateStyle } = {
  date_num: NUMBERS,
  date_slash: NUMBERS,
  date_long: { ...DATE, weekday: 'long' },
  date_long_pretty: { ...DATE, weekday: 'long' },
  date: DATE,
  date_pretty: DATE,
  date_short: { ...DATE, month: 'short' },
  date_short_pretty: { ...DATE, month: 'short' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
};

const shown = (at: number, style: DateStyle, zone: string | undefined, locale = 'en-US') =>
  new Intl.DateTimeFormat(locale, { ...style, timeZone: zone }).format(at);

const DAY_MS = 24 * 60 * 60_000;

/** The day at noon UTC by the calendar of the zone, in whole days: what differs by one is the next day. */
const dayNumber = (at: number, zone: string | undefined): number =>
  Math.round(Date.parse(`${shown(at, NUMBERS, zone, 'sv-SE')}T12:00:00Z`) / DAY_MS);

/** `today` and its neighbours, for the tokens that end in `_pretty`. */
function near(at: number, now: number, zone: string | undefined): string | undefined {
  const days = dayNumber(at, zone) - dayNumber(now, zone);
  return days === 0 ? 'today' : days === 1 ? 'tomorrow' : days === -1 ? 'yesterday' : undefined;
}

/**
 * A date in Slack's format, e.g. `{date_short_pretty} at {time}`. Without a zone it is the machine's; without `now` no
 * day is called today. Throws on a token that Slack does not know.
 */
export const dateText = (at: number, format: string, zone: string | undefined, now?: number): string =>
  format.replace(/\{(\w+)\}/g, (whole, token: string) => {
    const style = Object.hasOwn(TOKENS, token) ? TOKENS[token] : undefined;
    if (style === undefined) throw new Error(`Slack knows no date token ${whole}`);
    const pretty = now !== undefined && token.endsWith('_pretty') ? near(at, now, zone) : undefined;
    return pretty ?? shown(at, style, zone, token === 'date_num' ? 'sv-SE' : 'en-US');
  });

function spelledOut(reference: Reference, zone: string | undefined): string {
  switch (reference.kind) {
    case 'mention':
      return reference.name;
    case 'date':
      return zone === undefined || reference.at === null
        ? reference.fallback
        : dateText(reference.at, reference.format, zone);
    case 'link':
      return reference.label === null ? reference.address : `${reference.label} (${reference.address})`;
  }
}

/** What `<…>` refers to is spelled out; entities become the characters they stand for. */
export const readMrkdwn = (text: string, { zone, nameOf }: Reader = {}): string =>
  text
    .split(/<([^<>]+)>/)
    .map((part, index) => (index % 2 === 1 ? spelledOut(referenceIn(part, nameOf), zone) : unescaped(part)))
    .join('');
