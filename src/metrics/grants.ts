import type { GrantEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import { kindOf, kinds, scopes } from '../domain/words.ts';
import type { GrantChange } from '../store/database.ts';
import { counter, type Figures, histogram } from './figures.ts';

const events: Readonly<Record<GrantEvent['name'], true>> = {
  requested: true,
  ownerless_waived: true,
  approved: true,
  activated: true,
  denied: true,
  withdrawn: true,
  lapsed: true,
  ended: true,
  revoked: true,
  expired: true,
};
export const eventNames = Object.keys(events);

/** How an access can be over after it was active. */
const endings = ['ended', 'revoked', 'expired'] as const;

/** People answer in minutes (seconds). */
const PEOPLE = [5, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];
/** The clock answers at once, or something is wrong (seconds). */
const CLOCK = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3_600];

/** Told of a change when it is written; what it gives back is called when that is committed, and only then. */
export type WatchGrants = (change: GrantChange) => () => void;

/**
 * Counts what this process did to grants: what is in no commit is not counted. Times between two facts are the
 * database's; `elapsed` (ms) measures how long the commit took.
 */
export function countGrants(figures: Figures, elapsed: () => number): WatchGrants {
  const about = { kind: kinds, scope: scopes };
  const happened = counter(
    figures,
    'breakglass_grant_events_total',
    'What happened to grants, by event, as committed by this process.',
    { ...about, event: eventNames },
  );
  for (const scope of scopes) for (const event of eventNames) happened.inc({ kind: kindOf(scope), scope, event }, 0);
  const firstResponse = histogram(
    figures,
    'breakglass_first_response_seconds',
    'From a request to the first decision on it, by anybody.',
    about,
    PEOPLE,
  );
  const access = histogram(
    figures,
    'breakglass_time_to_access_seconds',
    'From a request to its activation.',
    about,
    PEOPLE,
  );
  const lag = histogram(
    figures,
    'breakglass_revocation_lag_seconds',
    'From the moment an access was due to end (expired) or its end was decided (ended, revoked) to the commit.',
    { ...about, state: endings },
    CLOCK,
  );

  return ({ before, after, events: facts }) => {
    const since = elapsed();
    const labels = { kind: after.kind, scope: after.scope };
    return () => {
      for (const event of facts) {
        happened.inc({ ...labels, event: event.name });
        if (isFirstDecision(event, before)) firstResponse.observe(labels, seconds(after.requestedAt, event.at));
        if (event.name === 'activated') access.observe(labels, seconds(after.requestedAt, event.at));
        const due = dueToEnd(event);
        if (due === null) continue;
        lag.observe({ ...labels, state: due.state }, seconds(due.at, due.written) + (elapsed() - since) / 1_000);
      }
    };
  };
}

type Decided = Extract<GrantEvent, { name: 'approved' | 'denied' }>;

const isFirstDecision = (event: GrantEvent, before: Grant | null): event is Decided =>
  (event.name === 'approved' || event.name === 'denied') &&
  before !== null &&
  before.legs.every(({ decision }) => decision === null);

/** When an access should have been over, and when that was written down; null where none ended. */
function dueToEnd(event: GrantEvent): { state: (typeof endings)[number]; at: Date; written: Date } | null {
  switch (event.name) {
    case 'expired':
      return { state: event.name, at: event.dueAt, written: event.at };
    case 'ended':
    case 'revoked':
      return { state: event.name, at: event.at, written: event.at };
    default:
      return null;
  }
}

const seconds = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / 1_000;
