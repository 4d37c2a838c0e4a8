import { actionsLike, anything, BEGINNING, isTrailName, type TrailWish, type When } from '../../domain/trail.ts';
import type { Kind } from '../../domain/words.ts';
import { typed } from '../text.ts';

/** What somebody typed behind `audit`. */
export interface SaidWish {
  wish: TrailWish;
  /** Somebody who was mentioned: Slack knows how they are called. */
  user: string | null;
  /** They said which kind, be it every one. */
  kindSaid: boolean;
}

const example = 'Say it like this: audit acme by @olivia since 7d action approved.';
const wrong = (what: string, expected: string) => ({ mistake: `I don't understand "${typed(what, 60)}". ${expected}` });

type Part = 'tenant' | 'person' | 'since' | 'until' | 'action' | 'kind';
/** How a part of the filter is called, in whatever way it comes to mind. */
const keywords: ReadonlyMap<string, Part> = new Map([
  ...(['tenant', 'on'] as const).map((word) => [word, 'tenant'] as const),
  ...(['by', 'person', 'who'] as const).map((word) => [word, 'person'] as const),
  ...(['since', 'from'] as const).map((word) => [word, 'since'] as const),
  ...(['until', 'to'] as const).map((word) => [word, 'until'] as const),
  ...(['action', 'kind'] as const).map((word) => [word, word] as const),
]);

/** Reads `acme by @olivia since 7d until 2026-01-05 action approved kind support`, in any order. */
export function wishFrom(text: string): SaidWish | { mistake: string } {
  const words = text.trim().split(/\s+/).filter(Boolean);
  let said: SaidWish = { wish: anything, user: null, kindSaid: false };
  const given = new Set<string>();
  for (let at = 0; at < words.length; ) {
    const word = words[at] ?? '';
    const keyword = keywords.get(word.toLowerCase());
    const what = keyword ?? (at === 0 ? 'tenant' : undefined);
    if (what === undefined) return wrong(word, example);
    const value = keyword ? words[at + 1] : word;
    if (value === undefined || keywords.has(value.toLowerCase()))
      return wrong(word, `A value has to follow it. ${example}`);
    if (given.has(what)) return wrong(word, `That was said before. ${example}`);
    const more = read[what](value, said);
    if ('mistake' in more) return more;
    given.add(what);
    said = more;
    at += keyword ? 2 : 1;
  }
  return said;
}

type Read = (value: string, said: SaidWish) => SaidWish | { mistake: string };
const withWish = (said: SaidWish, more: Partial<TrailWish>): SaidWish => ({ ...said, wish: { ...said.wish, ...more } });

const read: Readonly<Record<Part, Read>> = {
  tenant: (value, said) => withWish(said, { tenant: value.toLowerCase() }),
  person: (value, said) => {
    const [, user] = /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/.exec(value) ?? /^([UW][A-Z0-9]{4,})$/.exec(value) ?? [];
    if (user) return { ...said, user };
    if (isTrailName(value)) return withWish(said, { person: value });
    return wrong(value, 'Mention the person with @, or press Filter and choose them.');
  },
  since: (value, said) => {
    const since = whenFrom(value, 'begins');
    return since ? withWish(said, { since }) : wrong(value, moments);
  },
  until: (value, said) => {
    const until = whenFrom(value, 'ends');
    return until ? withWish(said, { until }) : wrong(value, moments);
  },
  action: (value, said) => {
    const action = value.toLowerCase();
    if (actionsLike(action).length > 0) return withWish(said, { action });
    return wrong(value, 'There is no such action. Examples: approved, access.denied, tenant.');
  },
  kind: (value, said) => {
    const kind = kindWords.get(value.toLowerCase().replaceAll(/[-_]/g, ''));
    if (kind === undefined) return wrong(value, 'A kind is break-glass, support or all.');
    return { ...withWish(said, { kind }), kindSaid: true };
  },
};

const moments = 'A time is 30m, 12h, 7d, 2w or 1y ago, today, yesterday, ever, 2026-01-05 or 2026-01-05T09:30 in UTC.';
const kindWords: ReadonlyMap<string, Kind | null> = new Map([
  ['breakglass', 'break_glass'],
  ['support', 'support_access'],
  ['supportaccess', 'support_access'],
  ...(['all', 'any', 'every'] as const).map((word) => [word, null] as const),
]);

const minutes: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440, w: 10_080, y: 525_600 };

/** A moment as people write it. A day that is an end is meant to its end. */
export function whenFrom(text: string, as: 'begins' | 'ends'): When | null {
  const word = text.toLowerCase();
  const [, count, unit = ''] = /^(\d{1,5})([mhdwy])$/.exec(word) ?? [];
  const minutesEach = minutes[unit];
  if (count && minutesEach) return { minutesAgo: Number(count) * minutesEach };
  const later = as === 'ends' ? 1 : 0;
  if (word === 'ever' && as === 'begins') return BEGINNING;
  if (word === 'today') return { daysAgo: 0 - later };
  if (word === 'yesterday') return { daysAgo: 1 - later };
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:t(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)z?)?$/.exec(word) ?? [];
  if (!day) return null;
  const at = new Date(`${day}T${time ?? '00:00'}Z`);
  // 2026-02-30 is no day, and not the second of March.
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day) return null;
  return { at: time ? at : new Date(at.getTime() + later * 86_400_000) };
}
