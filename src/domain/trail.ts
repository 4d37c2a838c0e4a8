import { type AuditAction, auditActions } from './audit.ts';
import type { GrantId, Kind, Scope } from './words.ts';

/** One fact of the audit trail, as somebody reads it who looks. */
export interface TrailRow {
  /** The row's number in the audit: a whole number in decimal digits. */
  id: string;
  at: Date;
  action: string;
  /** `slack:T0HOME:U0OPS`, `key:documents`, `system:clock`. */
  actor: string;
  details: Readonly<Record<string, unknown>>;
  /** The tenant's key; null for what concerns none or all. */
  tenant: string | null;
}

/** The same, whole, as it is taken away. */
export interface TrailEntry extends TrailRow {
  tenantId: string | null;
  grant: GrantId | null;
  /** Of the grant that the row is about. */
  scope: Scope | null;
  /** Who asked for that grant, as the audit names them. */
  requester: string | null;
  requestId: string;
  /** The evidence: the row's exact text. */
  entry: string;
}

/** Part of a trail, newest first. */
export interface TrailPage {
  rows: readonly TrailRow[];
  /** The next page is of rows before this one; null where nothing is older. */
  older: string | null;
  /** Up to when was looked, where the search for more was broken off; null where the page is full, or all that there is. */
  reached: Date | null;
}

/** A moment, or so long ago by the database's clock. */
export type When = { at: Date } | { minutesAgo: number } | { daysAgo: number };

/** Before anything was on record: said on purpose, it is not taken for a time that nobody said. */
export const BEGINNING: When & { at: Date } = { at: new Date(0) };

/** Which rows somebody wants to see, as they say it. Null: whichever. */
export interface TrailWish {
  since: When | null;
  /** Rows up to this moment, and not of it. */
  until: When | null;
  /** The tenant's key. */
  tenant: string | null;
  /** As the audit names people, services and what acts by itself. */
  person: string | null;
  /** An action, or a word of some: `access.denied`, `access`, `approved`. */
  action: string | null;
  kind: Kind | null;
}

export const anything: TrailWish = { since: null, until: null, tenant: null, person: null, action: null, kind: null };

/** Which rows are meant, at a moment. The tenant is no part of it: that is a matter of who may see what. */
export interface TrailFilter {
  from: Date | null;
  to: Date | null;
  person: string | null;
  actions: readonly AuditAction[] | null;
  kind: Kind | null;
}

/** How far back one looks for people and actions where nobody said so: no index leads to them. */
export const USUAL_DAYS = 7;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What a wish means now. */
export function filterOf({ since, until, person, action, kind }: TrailWish, now: Date): TrailFilter {
  const searched = person !== null || action !== null;
  const from = since ?? (searched ? { minutesAgo: USUAL_DAYS * 24 * 60 } : null);
  return {
    from: from && momentOf(from, now),
    to: until && momentOf(until, now),
    person,
    actions: action === null ? null : actionsLike(action),
    kind,
  };
}

/** A number of days ago is that day's beginning, in UTC. */
function momentOf(when: When, now: Date): Date {
  if ('at' in when) return when.at;
  if ('minutesAgo' in when) return new Date(now.getTime() - when.minutesAgo * MINUTE_MS);
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - when.daysAgo * DAY_MS);
}

/** The actions that a word means: the one of that name, those it begins, or those it ends. None where it means nothing. */
export const actionsLike = (word: string): AuditAction[] =>
  auditActions.filter(
    (action) => action === word || action.startsWith(`${word}.`) || (word !== '' && action.endsWith(`.${word}`)),
  );

/** As the audit names whoever acts: people, services and what acts by itself. */
export const isTrailName = (name: string): boolean => /^(slack|oidc|key|system):[\x21-\x7e]{1,200}$/.test(name);

/** What a row of a kind can be, where it is not about a grant. */
export const actionsOf = (kind: Kind): AuditAction[] => auditActions.filter((action) => action.startsWith(`${kind}.`));
