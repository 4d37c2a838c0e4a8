import type { Kind, Scope } from './words.ts';

/** What happened in a stretch of time, for one tenant or for all. Times as ISO 8601, people as accounts. */
export interface DigestSummary {
  from: string;
  to: string;
  /** Null: all tenants. */
  tenant: string | null;
  requested: number;
  denied: number;
  withdrawn: number;
  lapsed: number;
  ended: number;
  revoked: number;
  expired: number;
  waivers: number;
  activeNow: number;
  /** Who approved how many legs, most first. */
  approvers: readonly { account: string; legs: number }[];
  /** The longest access that was ended in this time, in minutes. */
  longest: { tenant: string; scope: Scope; minutes: number } | null;
  byKind: Readonly<Partial<Record<Kind, number>>>;
  /** Absent in summaries that were written before there was such. */
  watch?: DigestWatch;
}

/** What somebody should look after. */
export interface DigestWatch {
  /** Reviews that nobody answered or excused: those that are due later, and those that are overdue. */
  reviews: { due: number; overdue: number };
  /** Accesses that ended in this time without having been used once. */
  unused: number;
  /** Tries that were refused under accesses of this time. */
  refused: number;
  /** Of all of the history; null in a tenant's own summary. */
  seal: SealStatus | null;
}

/** Times as ISO 8601. */
export interface SealStatus {
  /** How many entries the newest checkpoint has, and when it was made; null where there is none. */
  sealed: { entries: number; at: string } | null;
  /** Since when the oldest entry waits to be sealed, where that is longer than it should; null where none does. */
  waitingSince: string | null;
}

export const isQuiet = (summary: DigestSummary): boolean =>
  [
    summary.requested,
    summary.denied,
    summary.withdrawn,
    summary.lapsed,
    summary.ended,
    summary.revoked,
    summary.expired,
    summary.waivers,
    summary.activeNow,
    summary.approvers.length,
    summary.watch?.reviews.due ?? 0,
    summary.watch?.reviews.overdue ?? 0,
    summary.watch?.unused ?? 0,
    summary.watch?.refused ?? 0,
    summary.watch?.seal?.waitingSince ? 1 : 0,
  ].every((count) => count === 0);
