import type { Grant } from './grant.ts';
import type { LegRole, PersonId, StaffRole } from './words.ts';

/** How somebody came to a role: named in the configuration; as a member of a user group, or of a provider's, it names. */
export type RoleSource = 'named' | 'group' | 'provider';

/**
 * Somebody who acts, proven by the door and looked up at this moment.
 * `standing` says whether the provider vouches for them as a full, active member.
 */
export interface Actor {
  person: PersonId;
  /** How the audit names them, for example `slack:T0HOME:U0OPS`. */
  name: string;
  standing: Standing;
  roles: Partial<Record<StaffRole, RoleSource>>;
  /** Where who they are rests on a link to an identity provider: from when on it carries approvals, if not already. */
  mayApproveFrom?: Date | null;
  /** Acts at the API, with a token of the identity provider; left out for Slack. */
  outside?: true;
}

/** The person of somebody whom nobody vouches for: owns nothing, asked for nothing. */
export const NOBODY: PersonId = '00000000-0000-0000-0000-000000000000';

/** `guest` and `foreign` people may act only as a tenant's owner, where the configuration says so for that person. */
export type Standing = 'member' | 'guest' | 'foreign' | 'refused' | 'unknown';

export interface Owner {
  person: PersonId;
  guestAllowed: boolean;
}

/** Holds a staff role outright: for acts that no earlier request constrains. */
export const hasRole = (actor: Actor, role: StaffRole): boolean =>
  actor.standing === 'member' && actor.roles[role] !== undefined;

/** By whom an act is, for the fact that it leaves. */
export const actedBy = ({ person, outside }: Actor): { by: PersonId; outside?: true } =>
  outside ? { by: person, outside } : { by: person };

/**
 * Holds a staff role for this grant. Who came by a user group must have been in it when the request was made: its
 * membership can be changed by people who hold no role, so joining later gives nothing (docs/adr/0006). A provider's
 * groups are not Slack's to change, and count as they are in a fresh token.
 */
export function hasRoleFor(actor: Actor, role: StaffRole, grant: Grant): boolean {
  if (!hasRole(actor, role)) return false;
  return actor.roles[role] !== 'group' || (grant.groupMembers[role] ?? []).includes(actor.name);
}

/** Owns the tenant, now. A guest or somebody from a connected company only where the file says so for that person. */
export function ownsTenant(actor: Actor, owners: readonly Owner[]): boolean {
  const owner = owners.find(({ person }) => person === actor.person);
  if (owner === undefined) return false;
  if (actor.standing === 'guest') return owner.guestAllowed;
  return actor.standing === 'member' || actor.standing === 'foreign';
}

export const mayFill = (actor: Actor, leg: LegRole, grant: Grant, owners: readonly Owner[]): boolean =>
  leg === 'owner' ? ownsTenant(actor, owners) : hasRoleFor(actor, leg, grant);
