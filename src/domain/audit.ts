import type { GrantEvent, ReviewEvent } from './events.ts';
import type { Grant } from './grant.ts';
import { type GrantId, kinds, type PersonId, type TenantId } from './words.ts';

const grantEventNames = [
  'requested',
  'ownerless_waived',
  'approved',
  'activated',
  'denied',
  'withdrawn',
  'lapsed',
  'ended',
  'revoked',
  'expired',
] as const satisfies readonly GrantEvent['name'][];
const reviewEventNames = [
  'review_opened',
  'reviewed',
  'review_excused',
] as const satisfies readonly ReviewEvent['name'][];

/** What else is on record: about the system rather than about one grant. */
export const systemActions = [
  'access.allowed',
  'access.denied',
  'access.searched',
  'access.unusual',
  'access.refused',
  'admin.key_created',
  'admin.key_revoked',
  'identity.linked',
  'identity.unlinked',
  'policy.adopted',
  'role.changed',
  'tenant.created',
  'tenant.updated',
  'tenant.owners_changed',
  'tenant.channel_changed',
  'notice.dead',
  'notice.requeued',
  'digest.sent',
] as const;

/** Every action an audit row can have. Stable: others search and alert on them (docs/audit-actions.md). */
export const auditActions = [
  ...kinds.flatMap((kind) => grantEventNames.map((name) => `${kind}.${name}` as const)),
  ...reviewEventNames.map((name) => `break_glass.${name}` as const),
  ...systemActions,
] as const;
export type AuditAction = (typeof auditActions)[number];

export interface AuditRecord {
  action: AuditAction;
  /** `slack:T0HOME:U0OPS`, or `system:clock` and the like for what nobody did. */
  actor: string;
  tenant: TenantId | null;
  grant: GrantId | null;
  details: Readonly<Record<string, unknown>>;
}

/** The audit row of a fact about a grant. `nameOf` turns people into names that mean something outside the database. */
export function recordOf(
  event: GrantEvent | ReviewEvent,
  grant: Grant,
  actor: string,
  nameOf: (person: PersonId) => string,
): AuditRecord {
  return {
    action: `${grant.kind}.${event.name}` as AuditAction,
    actor,
    tenant: grant.tenant,
    grant: grant.id,
    details: detailsOf(event, nameOf),
  };
}

function detailsOf(event: GrantEvent | ReviewEvent, nameOf: (person: PersonId) => string): Record<string, unknown> {
  switch (event.name) {
    case 'requested':
      return requestDetails(event.grant, nameOf);
    case 'ownerless_waived':
      return { legs: event.legs };
    case 'approved':
      return { leg: event.leg, person: event.by, minutes: event.minutes, comment: event.comment };
    case 'activated':
      return { activated_at: event.at, expires_at: event.expiresAt, minutes: event.minutes };
    case 'denied':
      return { leg: event.leg, person: event.by, reason: event.reason };
    case 'revoked':
    case 'withdrawn':
      return { person: event.by, reason: event.reason };
    case 'ended':
      return { person: event.by };
    case 'lapsed':
    case 'expired':
      return { due_at: event.dueAt };
    case 'review_opened':
      return { operator: nameOf(event.operator), due_at: event.dueAt };
    case 'reviewed':
      return { person: event.by, answers: event.answers };
    case 'review_excused':
      return { person: event.by, reason: event.reason };
  }
}

function requestDetails(grant: Grant, nameOf: (person: PersonId) => string): Record<string, unknown> {
  return {
    requester: nameOf(grant.requester),
    person: grant.requester,
    scope: grant.scope,
    circumstance: grant.circumstance,
    reason: grant.reason,
    ticket: grant.ticket,
    minutes: grant.minutesAsked,
    legs: grant.legs.map((leg) => leg.role),
    waived: grant.waived,
    group_members: grant.groupMembers,
    policy: grant.policyHash,
    requested_at: grant.requestedAt,
    lapses_at: grant.lapsesAt,
  };
}
