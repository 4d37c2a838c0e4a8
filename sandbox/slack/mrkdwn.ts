/** Slack's markup as a reader sees it, in plain text. */

export interface Reader {
  /** IANA zone in which dates are shown; without one, a date's fallback is. */
  zone?: string | undefined;
  /** The name behind an id of a person, channel or group; the id itself unless told. */
  nameOf?: ((id: string) => string | undefined) | undefined;
}

const unescaped = (text: string): string => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

type DateStyle = Intl.DateTimeFormatOptions;
const DATE: DateStyle = { year: 'numeric', month: 'long', day: 'numeric' };
const TOKENS: { [token: string]: DateStyle } = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date_slash: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date_long: { ...DATE, weekday: 'long' },
  date_long_pretty: { ...DATE, weekday: 'long' },
  date: DATE,
  date_pretty: DATE,
  date_short: { ...DATE, month: 'short' },
  date_short_pretty: { ...DATE, month: 'short' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
};

function dateText(seconds: number, format: string, zone: string): string {
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => {
    const style = TOKENS[token];
    if (style === undefined) throw new Error(`Slack knows no date token ${whole}`);
    const locale = token === 'date_num' ? 'sv-SE' : 'en-US';
    return new Intl.DateTimeFormat(locale, { ...style, timeZone: zone }).format(seconds * 1000);
  });
}

function special(body: string, label: string | undefined, { zone }: Reader): string {
  const [name = '', seconds, format = ''] = body.split('^');
  if (name === 'date')
    return zone === undefined ? unescaped(label ?? '') : dateText(Number(seconds), unescaped(format), zone);
  if (name.startsWith('subteam')) return label === undefined ? `@${format}` : unescaped(label);
  return `@${name}`;
}

function reference(inside: string, reader: Reader): string {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : inside.slice(bar + 1);
  const id = target.slice(1);
  const name = reader.nameOf?.(id) ?? (label === undefined ? id : unescaped(label));
  switch (target[0]) {
    case '@':
      return `@${name}`;
    case '#':
      return `#${name}`;
    case '!':
      return target.startsWith('!subteam^') ? group(target, label, reader) : special(target.slice(1), label, reader);
    default:
      return label === undefined ? unescaped(target) : `${unescaped(label)} (${unescaped(target)})`;
  }
}

function group(target: string, label: string | undefined, { nameOf }: Reader): string {
  const id = target.slice('!subteam^'.length);
  const name = nameOf?.(id) ?? (label === undefined ? id : unescaped(label));
  return name.startsWith('@') ? name : `@${name}`;
}

/** What `<…>` refers to is spelled out; entities become the characters they stand for. */
export const readMrkdwn = (text: string, reader: Reader = {}): string =>
  text
    .split(/(<[^<>]+>)/)
    .map((part, index) => (index % 2 === 1 ? reference(part.slice(1, -1), reader) : unescaped(part)))
    .join('');
