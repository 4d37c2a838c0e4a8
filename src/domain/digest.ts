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
  ].every((count) => count === 0);
