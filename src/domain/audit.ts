import type { EvidenceEvent, GrantEvent, ReviewEvent } from './events.ts';
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
  'review_overdue',
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
  'identity.link_refused',
  'policy.adopted',
  'role.changed',
  'tenant.created',
  'tenant.updated',
  'tenant.owners_changed',
  'tenant.channel_changed',
  'notice.dead',
  'notice.requeued',
  'digest.sent',
  'audit.viewed',
  'audit.exported',
  'audit.export_ended',
  'evidence.exported',
  'seal.key_added',
  'seal.alarm',
  'admin.key_adopted',
  'tenant.archived',
  'tenant.restored',
  'schedule.created',
  'schedule.changed',
  'schedule.deleted',
  'schedule.ran',
  'notice.dropped',
  'notice.retimed',
] as const;

/** Every action an audit row can have. Stable: others search and alert on them (docs/audit-actions.md). */
export const auditActions = [
  ...kinds.flatMap((kind) => grantEventNames.map((name) => `${kind}.${name}` as const)),
  ...kinds.map((kind) => `${kind}.evidence_attached` as const),
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
  event: GrantEvent | ReviewEvent | EvidenceEvent,
  grant: Grant,
  actor: string,
  nameOf: (person: PersonId) => string,
): AuditRecord {
  const outside = event.name === 'requested' ? event.grant.outside : 'outside' in event && event.outside;
  return {
    action: `${grant.kind}.${event.name}` as AuditAction,
    actor,
    tenant: grant.tenant,
    grant: grant.id,
    details: { ...detailsOf(event, nameOf), ...(outside && { outside }) },
  };
}

function detailsOf(
  event: GrantEvent | ReviewEvent | EvidenceEvent,
  nameOf: (person: PersonId) => string,
): Record<string, unknown> {
  switch (event.name) {
    case 'requested':
      return requestDetails(event.grant, nameOf);
    case 'ownerless_waived':
      return { legs: event.legs };
    case 'approved':
      return {
        ...{ leg: event.leg, person: event.by, minutes: event.minutes, comment: event.comment },
        decided_at: event.at,
        ...(event.signIn && { acr: event.signIn.acr, auth_time: event.signIn.authTime }),
      };
    case 'activated':
      return { activated_at: event.at, expires_at: event.expiresAt, minutes: event.minutes };
    case 'denied':
      return { leg: event.leg, person: event.by, reason: event.reason, decided_at: event.at };
    case 'revoked':
    case 'withdrawn':
      return { person: event.by, reason: event.reason, closed_at: event.at };
    case 'ended':
      return { person: event.by, closed_at: event.at };
    case 'lapsed':
    case 'expired':
      return { due_at: event.dueAt, closed_at: event.at };
    case 'review_opened':
    case 'review_overdue':
      return { operator: nameOf(event.operator), due_at: event.dueAt };
    case 'reviewed':
      return { person: event.by, answers: event.answers, reviewed_at: event.at };
    case 'review_excused':
      return { person: event.by, reason: event.reason, excused_at: event.at };
    case 'evidence_attached':
      return evidenceDetails(event);
  }
}

/** The content itself stays where it was put; its hash vouches for it here. */
const evidenceDetails = ({ id, kind, title, links, sha256, bytes, late, by }: EvidenceEvent) => ({
  attachment: id,
  ...{ kind, title, links, sha256, bytes, late, person: by },
});

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
    ...(grant.providerOperator && { provider_operator: true }),
    requested_at: grant.requestedAt,
    lapses_at: grant.lapsesAt,
  };
}
