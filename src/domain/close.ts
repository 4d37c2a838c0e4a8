import { lapseMoment, reasonMistake, whoClosed } from './decide.ts';
import { type Decision, type GrantEvent, refuse } from './events.ts';
import { type Grant, stateAt } from './grant.ts';
import { type Actor, actedBy, hasRoleFor, type Owner, ownsTenant } from './people.ts';
import type { Policy } from './policy.ts';
import type { Refusal } from './refusals.ts';

/** The requester takes back a request that waits. */
export function withdraw(grant: Grant, actor: Actor, now: Date): Decision<GrantEvent> {
  if (grant.requester !== actor.person) return refuse({ kind: 'not_yours' });
  const state = stateAt(grant, now);
  if (state !== 'requested') return refuse({ kind: 'not_requested', state, ...whoClosed(grant, now) });
  return { events: [{ name: 'withdrawn', ...actedBy(actor), at: now, reason: null }] };
}

/** "I'm done": the requester ends their own access early. */
export function end(grant: Grant, actor: Actor, now: Date): Decision<GrantEvent> {
  if (grant.requester !== actor.person) return refuse({ kind: 'not_yours' });
  const refusal = notActive(grant, now);
  if (refusal) return refuse(refusal);
  return { events: [{ name: 'ended', ...actedBy(actor), at: now }] };
}

/** Anyone who answers for the tenant or for security stops access at once, with a reason. */
export function revoke(
  grant: Grant,
  actor: Actor,
  reason: string,
  { now, owners }: { now: Date; owners: readonly Owner[] },
): Decision<GrantEvent> {
  if (!mayRevoke(grant, actor, owners)) return refuse({ kind: 'not_the_role', leg: 'revoker' });
  const refusal = notActive(grant, now) ?? reasonMistake(reason);
  if (refusal) return refuse(refusal);
  return { events: [{ name: 'revoked', ...actedBy(actor), at: now, reason }] };
}

export const mayRevoke = (grant: Grant, actor: Actor, owners: readonly Owner[]): boolean =>
  ownsTenant(actor, owners) || (['ops', 'security', 'admin'] as const).some((role) => hasRoleFor(actor, role, grant));

/** The clock closes what nobody decided in time. */
export function lapse(grant: Grant, now: Date, policy: Policy): Decision<GrantEvent> {
  if (grant.status.state !== 'requested') {
    return refuse({ kind: 'not_requested', state: stateAt(grant, now), ...whoClosed(grant, now) });
  }
  const dueAt = lapseMoment(grant, policy);
  if (now < dueAt) return refuse({ kind: 'not_due', at: dueAt });
  return { events: [{ name: 'lapsed', at: now, dueAt }] };
}

/** The clock ends what ran out. */
export function expire(grant: Grant, now: Date): Decision<GrantEvent> {
  if (grant.status.state !== 'active') {
    return refuse({ kind: 'not_active', state: stateAt(grant, now), ...whoClosed(grant, now) });
  }
  const dueAt = grant.status.expiresAt;
  if (now < dueAt) return refuse({ kind: 'not_due', at: dueAt });
  return { events: [{ name: 'expired', at: now, dueAt }] };
}

/** Somebody who is no operator any more keeps nothing. */
export const leave = (grant: Grant, now: Date): Decision<GrantEvent> =>
  takeBack(grant, now, 'The requester is no longer an operator.');

/** Nobody who is asked decides it: what is active is revoked, what waits is withdrawn. */
export function takeBack(grant: Grant, now: Date, reason: string): Decision<GrantEvent> {
  switch (stateAt(grant, now)) {
    case 'requested':
      return { events: [{ name: 'withdrawn', by: null, at: now, reason }] };
    case 'active':
      return { events: [{ name: 'revoked', by: null, at: now, reason }] };
    default:
      return { events: [] };
  }
}

function notActive(grant: Grant, now: Date): Refusal | null {
  const state = stateAt(grant, now);
  if (state === 'active') return null;
  return {
    kind: 'not_active',
    state,
    ...(grant.status.state === 'requested' ? { by: null, at: null } : whoClosed(grant, now)),
  };
}
