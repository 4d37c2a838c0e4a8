import type { GrantEvent } from './events.ts';
import type { Closed, Decided, Grant, Status } from './grant.ts';
import type { LegRole, PersonId } from './words.ts';

/** The grant after a fact. Total and without judgement: deciding is over when an event exists. */
export function apply(grant: Grant, event: GrantEvent): Grant {
  switch (event.name) {
    case 'requested':
      return event.grant;
    case 'ownerless_waived':
      return grant;
    case 'approved':
      return approved(grant, event);
    case 'activated':
      return {
        ...grant,
        minutesGranted: event.minutes,
        status: { state: 'active', activatedAt: event.at, expiresAt: event.expiresAt },
      };
    case 'denied':
      return {
        ...withLeg(grant, event.leg, {
          verdict: 'denied',
          by: event.by,
          at: event.at,
          minutes: null,
          comment: event.reason,
          ...whence(event),
        }),
        status: { state: 'denied', closed: closedBy(event, event.reason) },
      };
    case 'withdrawn':
      return { ...grant, status: { state: 'withdrawn', closed: { at: event.at, by: event.by, reason: event.reason } } };
    case 'lapsed':
      // A stricter policy may have moved the moment: the grant keeps the one that counted.
      return {
        ...grant,
        lapsesAt: event.dueAt,
        status: { state: 'lapsed', closed: { at: event.at, by: null, reason: null } },
      };
    case 'ended':
      return { ...grant, status: closeActive(grant, 'ended', closedBy(event, null)) };
    case 'revoked':
      return { ...grant, status: closeActive(grant, 'revoked', closedBy(event, event.reason)) };
    case 'expired':
      return { ...grant, status: closeActive(grant, 'expired', { at: event.at, by: null, reason: null }) };
  }
}

export const applyAll = (grant: Grant, events: readonly GrantEvent[]): Grant => events.reduce(apply, grant);

/** Left out where an act was in Slack, so that nothing is said of the usual way. */
const whence = ({ outside }: { outside?: true }): { outside?: true } => (outside ? { outside } : {});

const closedBy = (
  { at, by, ...event }: { at: Date; by: PersonId | null; outside?: true },
  reason: string | null,
): Closed => ({ at, by, reason, ...whence(event) });

function approved(grant: Grant, event: Extract<GrantEvent, { name: 'approved' }>): Grant {
  const { leg, by, at, minutes, comment } = event;
  return {
    ...withLeg(grant, leg, { verdict: 'approved', by, at, minutes, comment, ...whence(event) }),
    minutesGranted: Math.min(grant.minutesGranted, minutes ?? grant.minutesGranted),
  };
}

const withLeg = (grant: Grant, role: LegRole, decision: Decided): Grant => ({
  ...grant,
  legs: grant.legs.map((leg) => (leg.role === role ? { ...leg, decision } : leg)),
});

function closeActive(grant: Grant, state: 'ended' | 'revoked' | 'expired', closed: Closed): Status {
  if (grant.status.state !== 'active') throw new Error(`A grant that is ${grant.status.state} was closed as ${state}.`);
  const { activatedAt, expiresAt } = grant.status;
  return { state, activatedAt, expiresAt, closed };
}
