import { actionsLike, isTrailName, type TrailFilter, type TrailWish } from '../../domain/trail.ts';
import { asWord, kinds } from '../../domain/words.ts';

/** Where somebody is in a trail: what they look for, and the row before which they go on. */
export interface TrailPlace {
  wish: TrailWish;
  before: string | null;
}

/** As a button carries it: times are those that were meant when the page was made. */
export function placeValue(
  wish: TrailWish,
  { from, to }: Pick<TrailFilter, 'from' | 'to'>,
  before: string | null,
): string {
  const { tenant, person, action, kind } = wish;
  const said = { tenant, person, action, kind, from: from?.toISOString(), to: to?.toISOString(), before };
  const place = new URLSearchParams(
    Object.entries(said).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : [])),
  );
  return place.toString() || 'all';
}

const shapes: Readonly<Record<string, (value: string) => boolean>> = {
  tenant: (value) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(value),
  person: isTrailName,
  action: (value) => actionsLike(value).length > 0,
  kind: (value) => asWord(kinds, value) !== undefined,
  from: isMoment,
  to: isMoment,
  before: (value) => /^\d{1,18}$/.test(value),
};

function isMoment(value: string): boolean {
  const at = new Date(value);
  return !Number.isNaN(at.getTime()) && at.toISOString() === value;
}

/** Where a button leads. Anybody can make a value up: one that is none of ours leads nowhere. */
export function placeIn(value: unknown): TrailPlace | null {
  if (typeof value !== 'string' || value === '') return null;
  const said = new Map(value === 'all' ? [] : [...new URLSearchParams(value)]);
  if (![...said].every(([name, each]) => Object.hasOwn(shapes, name) && shapes[name]?.(each))) return null;
  if (value !== 'all' && new URLSearchParams([...said]).toString() !== value) return null;
  const get = (name: string) => said.get(name) ?? null;
  const moment = (name: string) => (said.has(name) ? { at: new Date(get(name) ?? '') } : null);
  return {
    wish: {
      ...{ tenant: get('tenant'), person: get('person'), action: get('action') },
      ...{ kind: asWord(kinds, get('kind')) ?? null, since: moment('from'), until: moment('to') },
    },
    before: get('before'),
  };
}
