import type { Grant, Leg, Status } from '../domain/grant.ts';
import type { Owner } from '../domain/people.ts';
import type { Uses } from '../domain/uses.ts';
import type { Circumstance, Kind, LegRole, PersonId, Scope, StaffRole, TenantId } from '../domain/words.ts';
import { Prisma } from './generated/client.ts';

export interface Tenant {
  id: TenantId;
  key: string;
  name: string;
  channel: string | null;
  channelShared: boolean;
  archived: boolean;
  ownersChangedAt: Date | null;
  owners: readonly Owner[];
}

/** A grant with what a rule and a card need to know around it, read in one statement. */
export interface GrantInContext {
  grant: Grant;
  tenant: Tenant;
  /** The database's time, read by the same statement. */
  now: Date;
  /** The policy in force, as the database knows it; null before the first. */
  epoch: number | null;
  /** What was done under it so far; null where nothing was, and before it is active. */
  uses: Uses | null;
  /** Slack accounts of the people concerned: person -> `T0HOME:U0OPS`. */
  accounts: ReadonlyMap<PersonId, string>;
}

/** The columns of a grant, and its legs. */
export interface BareGrantRow {
  id: string;
  tenant_id: string;
  kind: Kind;
  scope: Scope;
  circumstance: Circumstance | null;
  requester_id: string;
  reason: string;
  ticket: string;
  minutes_asked: number;
  minutes_granted: number;
  required_legs: LegRole[];
  waived: boolean;
  group_members: Partial<Record<StaffRole, string[]>>;
  policy_hash: string;
  outside: boolean;
  provider_operator: boolean;
  state: Status['state'];
  requested_at: Date;
  lapses_at: Date;
  activated_at: Date | null;
  expires_at: Date | null;
  closed_at: Date | null;
  closed_by: string | null;
  close_reason: string | null;
  closed_outside: boolean;
  version: number;
  legs: LegRow[] | null;
}

/** A grant with all that is around it. */
export interface GrantRow extends BareGrantRow {
  tenant_key: string;
  tenant_name: string;
  channel: string | null;
  channel_shared: boolean;
  archived: boolean;
  owners_changed_at: Date | null;
  owners: { person: string; guestAllowed: boolean }[] | null;
  accounts: Record<string, string> | null;
  uses: UsesRow | null;
  now: Date;
  epoch: number | null;
}

interface LegRow {
  role: LegRole;
  verdict: 'approved' | 'denied' | null;
  person_id: string | null;
  decided_at: string | null;
  minutes: number | null;
  comment: string | null;
  outside: boolean;
}

interface UsesRow {
  allowed: number;
  refused: number;
  by_action: Uses['byAction'];
  first_at: string;
  last_at: string;
}

/** Everything around a grant in one row; to be followed by `where`. */
export const inContext = Prisma.sql`
  select g.*, g.kind::text, g.state::text, g.required_legs::text[],
    (select json_agg(json_build_object('role', l.role, 'verdict', l.verdict, 'person_id', l.person_id,
        'decided_at', l.decided_at, 'minutes', l.minutes, 'comment', l.comment, 'outside', l.outside) order by l.role)
       from legs l where l.grant_id = g.id) as legs,
    t.key as tenant_key, t.name as tenant_name, t.channel, t.channel_shared, t.archived_at is not null as archived,
    t.owners_changed_at,
    (select json_agg(json_build_object('person', o.person_id, 'guestAllowed', o.guest_allowed))
       from owners o where o.tenant_id = g.tenant_id) as owners,
    (select json_object_agg(i.person_id, i.issuer || ':' || i.external_id) from identities i
      where i.provider = 'slack' and (i.person_id in (g.requester_id, g.closed_by)
        or i.person_id in (select l.person_id from legs l where l.grant_id = g.id))) as accounts,
    (select json_build_object('allowed', sum(u.allowed), 'refused', sum(u.refused), 'first_at', min(u.first_at), 'last_at', max(u.last_at),
        'by_action', json_agg(json_build_object('action', u.action, 'allowed', u.allowed, 'refused', u.refused) order by u.allowed + u.refused desc, u.action))
       from (select c.action, coalesce(sum(c.uses) filter (where c.allowed), 0) as allowed,
                coalesce(sum(c.uses) filter (where not c.allowed), 0) as refused, min(c.first_at) as first_at, max(c.last_at) as last_at
               from use_counts c where c.grant_id = g.id group by c.action) u
     having count(*) > 0) as uses,
    breakglass_now() as now,
    (select max(epoch) from policy_epochs) as epoch
  from grants g join tenants t on t.id = g.tenant_id`;

/** @throws Error where the state and its timestamps don't fit */
export const bareGrantFrom = (row: BareGrantRow): Grant => ({
  id: row.id,
  tenant: row.tenant_id,
  kind: row.kind,
  scope: row.scope,
  circumstance: row.circumstance,
  requester: row.requester_id,
  reason: row.reason,
  ticket: row.ticket,
  minutesAsked: row.minutes_asked,
  minutesGranted: row.minutes_granted,
  legs: (row.legs ?? []).map(legFrom),
  waived: row.waived,
  groupMembers: row.group_members,
  policyHash: row.policy_hash,
  ...outsideIf(row.outside),
  ...(row.provider_operator && { providerOperator: true }),
  requestedAt: row.requested_at,
  lapsesAt: row.lapses_at,
  status: statusFrom(row),
  version: row.version,
});

export function grantFrom(row: GrantRow): GrantInContext {
  const { now, epoch } = row;
  return {
    now,
    epoch,
    uses: row.uses && usesFrom(row.uses),
    grant: bareGrantFrom(row),
    tenant: {
      id: row.tenant_id,
      key: row.tenant_key,
      name: row.tenant_name,
      channel: row.channel,
      channelShared: row.channel_shared,
      archived: row.archived,
      ownersChangedAt: row.owners_changed_at,
      owners: row.owners ?? [],
    },
    accounts: new Map(Object.entries(row.accounts ?? {})),
  };
}

const outsideIf = (outside: boolean): { outside?: true } => (outside ? { outside } : {});

function legFrom({ role, verdict, person_id, decided_at, minutes, comment, outside }: LegRow): Leg {
  if (verdict === null || person_id === null || decided_at === null) return { role, decision: null };
  return {
    role,
    decision: { verdict, by: person_id, at: new Date(decided_at), minutes, comment, ...outsideIf(outside) },
  };
}

const usesFrom = ({ allowed, refused, by_action: byAction, first_at, last_at }: UsesRow): Uses => ({
  allowed,
  refused,
  byAction,
  firstAt: new Date(first_at),
  lastAt: new Date(last_at),
});

/** The database's checks make the combinations below the only ones; anything else is a defect worth stopping for. */
function statusFrom({
  state,
  activated_at,
  expires_at,
  closed_at,
  closed_by,
  close_reason,
  ...row
}: BareGrantRow): Status {
  const closed = closed_at && { at: closed_at, by: closed_by, reason: close_reason, ...outsideIf(row.closed_outside) };
  switch (state) {
    case 'requested':
      return { state };
    case 'active':
      if (activated_at && expires_at) return { state, activatedAt: activated_at, expiresAt: expires_at };
      break;
    case 'ended':
    case 'revoked':
    case 'expired':
      if (activated_at && expires_at && closed)
        return { state, activatedAt: activated_at, expiresAt: expires_at, closed };
      break;
    case 'denied':
    case 'withdrawn':
    case 'lapsed':
      if (closed) return { state, closed };
      break;
  }
  throw new Error(`A grant is ${state} without the timestamps of that state.`);
}
