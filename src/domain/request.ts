import { type Decision, type GrantEvent, refuse } from './events.ts';
import { addMinutes, type Grant } from './grant.ts';
import { type Actor, hasRole, type Owner } from './people.ts';
import { legsFor, type Policy, REASON_LENGTH, WAIVER_PAUSE_HOURS } from './policy.ts';
import type { Refusal } from './refusals.ts';
import { codePoints, isStorable, visible } from './text.ts';
import {
  type Circumstance,
  type GrantId,
  type Kind,
  kindOf,
  type Scope,
  type StaffRole,
  type TenantId,
} from './words.ts';

/** What an operator asks for. Texts as typed. */
export interface Asked {
  id: GrantId;
  kind: Kind;
  scope: Scope;
  circumstance: Circumstance | null;
  reason: string;
  ticket: string;
  minutes: number;
}

/** What the rule has to know about the world, read after the locks. */
export interface RequestGrounds {
  now: Date;
  policy: Policy;
  tenant: { id: TenantId; archived: boolean; owners: readonly Owner[]; ownersChangedAt: Date | null } | null;
  /** An open grant for the same tenant, operator and scope. */
  open: 'requested' | 'active' | null;
  /** The operator's oldest unanswered, unexcused review that is overdue: since when, and of which session. */
  reviewOverdue: { since: Date; grant: GrantId } | null;
  groupMembers: Partial<Record<StaffRole, readonly string[]>>;
}

/** Request access: an operator, for a real tenant, with a reason somebody can judge (docs/architecture.md, "Lifecycle"). */
export function request(actor: Actor, asked: Asked, grounds: RequestGrounds): Decision<GrantEvent> {
  if (!hasRole(actor, 'operator')) return refuse({ kind: 'not_an_operator' });
  const wrong = formMistake(asked, grounds.policy);
  if (wrong) return refuse(wrong);
  const { tenant, now, policy } = grounds;
  if (tenant === null || tenant.archived) return refuse({ kind: 'unknown_tenant' });
  if (asked.kind === 'break_glass' && grounds.reviewOverdue !== null) {
    return refuse({ kind: 'review_overdue', ...grounds.reviewOverdue });
  }
  if (grounds.open !== null) return refuse({ kind: 'already_open', state: grounds.open });

  const scope = policy.scopes[asked.scope];
  const { legs, waived } = legsFor(scope, tenant.owners.length === 0);
  if (waived && tenant.ownersChangedAt !== null) {
    const until = addMinutes(tenant.ownersChangedAt, WAIVER_PAUSE_HOURS * 60);
    if (now < until) return refuse({ kind: 'waiver_paused', until });
  }
  const grant: Grant = {
    id: asked.id,
    tenant: tenant.id,
    kind: asked.kind,
    scope: asked.scope,
    circumstance: asked.circumstance,
    requester: actor.person,
    reason: asked.reason,
    ticket: asked.ticket,
    minutesAsked: asked.minutes,
    minutesGranted: asked.minutes,
    legs: legs.map((role) => ({ role, decision: null })),
    waived,
    groupMembers: grounds.groupMembers,
    policyHash: policy.hash,
    ...(actor.outside && { outside: true }),
    ...(actor.roles.operator === 'provider' && { providerOperator: true }),
    requestedAt: now,
    lapsesAt: addMinutes(now, scope.lapseMinutes),
    status: { state: 'requested' },
    version: 1,
  };
  const events: GrantEvent[] = [{ name: 'requested', grant }];
  if (waived) events.push({ name: 'ownerless_waived', legs });
  if (legs.length === 0) {
    events.push({ name: 'activated', at: now, expiresAt: addMinutes(now, asked.minutes), minutes: asked.minutes });
  }
  return { events };
}

/** Mistakes that the form itself shows; none needs the database. */
export function formMistake(asked: Omit<Asked, 'id'>, policy: Policy): Refusal | null {
  if (kindOf(asked.scope) !== asked.kind) return { kind: 'scope_of_other_command', scope: asked.scope };
  if ((asked.kind === 'break_glass') !== (asked.circumstance !== null)) return { kind: 'no_circumstance' };
  if (!isStorable(asked.reason)) return { kind: 'unprintable_text', field: 'reason' };
  const found = codePoints(asked.reason);
  if (found > REASON_LENGTH.max || codePoints(visible(asked.reason)) < REASON_LENGTH.min) {
    return { kind: 'reason_length', field: 'reason', ...REASON_LENGTH, found };
  }
  if (!isStorable(asked.ticket)) return { kind: 'unprintable_text', field: 'ticket' };
  if (asked.ticket.length > 100 || !policy.ticketPattern.test(asked.ticket)) {
    return { kind: 'ticket_format', pattern: policy.ticketPattern.source };
  }
  const { max } = policy.scopes[asked.scope].minutes;
  if (!Number.isInteger(asked.minutes) || asked.minutes < 1 || asked.minutes > max) {
    return { kind: 'minutes_out_of_bounds', max };
  }
  return null;
}
