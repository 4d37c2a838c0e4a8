import type { Circumstance, GrantId, Kind, LegRole, PersonId, Scope, StaffRole, TenantId } from './words.ts';

/** One request and all that becomes of it. Times are the database's. */
export interface Grant {
  id: GrantId;
  tenant: TenantId;
  kind: Kind;
  scope: Scope;
  circumstance: Circumstance | null;
  requester: PersonId;
  reason: string;
  ticket: string;
  minutesAsked: number;
  /** The shortest that anybody approved so far; never more than asked. */
  minutesGranted: number;
  legs: readonly Leg[];
  /** An owner leg was replaced because the tenant has no owner. */
  waived: boolean;
  /** Who was in the user groups that give a role when the request was made: role -> names as the audit writes them. */
  groupMembers: Partial<Record<StaffRole, readonly string[]>>;
  policyHash: string;
  /** Asked for at the API, not in Slack. */
  outside?: true;
  /** Who asked was an operator by a group of the identity provider, whom nobody can ask about it later. */
  providerOperator?: true;
  requestedAt: Date;
  lapsesAt: Date;
  status: Status;
  version: number;
}

export interface Leg {
  role: LegRole;
  decision: Decided | null;
}

export interface Decided {
  verdict: 'approved' | 'denied';
  by: PersonId;
  at: Date;
  /** How long this approver allows, if they shortened it. */
  minutes: number | null;
  comment: string | null;
  /** Decided at the API, not in Slack. */
  outside?: true;
}

export type Status =
  | { state: 'requested' }
  | { state: 'active'; activatedAt: Date; expiresAt: Date }
  | { state: 'ended' | 'revoked' | 'expired'; activatedAt: Date; expiresAt: Date; closed: Closed }
  | { state: 'denied' | 'withdrawn' | 'lapsed'; closed: Closed };

export type State = Status['state'];

export interface Closed {
  at: Date;
  /** Nobody: the clock. */
  by: PersonId | null;
  reason: string | null;
  /** Closed at the API, not in Slack. */
  outside?: true;
}

export const openLegs = (grant: Grant): readonly Leg[] => grant.legs.filter((leg) => leg.decision === null);

export const addMinutes = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * 60_000);

/** What is so at `now`, whether or not the clock has swept: what is due counts as done (ruling on time). */
export function stateAt(grant: Grant, now: Date): State {
  if (grant.status.state === 'requested' && grant.lapsesAt <= now) return 'lapsed';
  if (grant.status.state === 'active' && grant.status.expiresAt <= now) return 'expired';
  return grant.status.state;
}
