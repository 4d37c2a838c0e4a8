import type { Grant, Leg, Status } from '../domain/grant.ts';
import type { Owner } from '../domain/people.ts';
import type { Circumstance, GrantId, Kind, LegRole, PersonId, Scope, StaffRole, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
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
  /** Slack accounts of the people concerned: person -> `T0HOME:U0OPS`. */
  accounts: ReadonlyMap<PersonId, string>;
}

/** Waits for the grant's row; nobody else changes this grant until the transaction ends. */
export async function lockGrant(tx: Tx, id: GrantId): Promise<void> {
  await tx.$queryRaw`select 1 from grants where id = ${id}::uuid for update`;
}

interface Row {
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
  state: Status['state'];
  requested_at: Date;
  lapses_at: Date;
  activated_at: Date | null;
  expires_at: Date | null;
  closed_at: Date | null;
  closed_by: string | null;
  close_reason: string | null;
  version: number;
  legs: LegRow[] | null;
  tenant_key: string;
  tenant_name: string;
  channel: string | null;
  channel_shared: boolean;
  archived: boolean;
  owners_changed_at: Date | null;
  owners: { person: string; guestAllowed: boolean }[] | null;
  accounts: Record<string, string> | null;
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
}

const inContext = Prisma.sql`
  select g.*, g.kind::text, g.state::text, g.required_legs::text[],
    (select json_agg(json_build_object('role', l.role, 'verdict', l.verdict, 'person_id', l.person_id,
        'decided_at', l.decided_at, 'minutes', l.minutes, 'comment', l.comment) order by l.role)
       from legs l where l.grant_id = g.id) as legs,
    t.key as tenant_key, t.name as tenant_name, t.channel, t.channel_shared, t.archived_at is not null as archived,
    t.owners_changed_at,
    (select json_agg(json_build_object('person', o.person_id, 'guestAllowed', o.guest_allowed))
       from owners o where o.tenant_id = g.tenant_id) as owners,
    (select json_object_agg(i.person_id, i.issuer || ':' || i.external_id) from identities i
      where i.provider = 'slack' and (i.person_id in (g.requester_id, g.closed_by)
        or i.person_id in (select l.person_id from legs l where l.grant_id = g.id))) as accounts,
    breakglass_now() as now,
    (select max(epoch) from policy_epochs) as epoch
  from grants g join tenants t on t.id = g.tenant_id`;

/** A grant as it is now; null where this scope sees none. Read it after `lockGrant` where something will be decided. */
export async function loadGrant(tx: Tx, id: GrantId): Promise<GrantInContext | null> {
  const rows = await tx.$queryRaw<Row[]>`${inContext} where g.id = ${id}::uuid`;
  return rows[0] ? fromRow(rows[0]) : null;
}

export type Filter = { requester: PersonId } | { tenant: TenantId };

/** Grants that wait or are active by the database's clock, oldest first. */
export async function openGrants(tx: Tx, filter: Filter): Promise<GrantInContext[]> {
  const whose =
    'requester' in filter
      ? Prisma.sql`g.requester_id = ${filter.requester}::uuid`
      : Prisma.sql`g.tenant_id = ${filter.tenant}::uuid`;
  const rows = await tx.$queryRaw<Row[]>`${inContext}
    where ${whose} and (g.state = 'requested' and g.lapses_at > breakglass_now()
                     or g.state = 'active' and g.expires_at > breakglass_now())
    order by g.requested_at limit 50`;
  return rows.map(fromRow);
}

/** The grant that keeps another one from being opened, locked; null where there is none. */
export async function lockOpenGrant(tx: Tx, requester: PersonId, scope: Scope): Promise<GrantId | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from grants where requester_id = ${requester}::uuid and scope = ${scope}
      and state in ('requested', 'active') for update`;
  return rows[0]?.id ?? null;
}

export async function insertGrant(tx: Tx, grant: Grant): Promise<void> {
  await tx.grant.create({
    data: {
      id: grant.id,
      tenantId: grant.tenant,
      kind: grant.kind,
      scope: grant.scope,
      circumstance: grant.circumstance,
      requesterId: grant.requester,
      reason: grant.reason,
      ticket: grant.ticket,
      minutesAsked: grant.minutesAsked,
      minutesGranted: grant.minutesGranted,
      requiredLegs: grant.legs.map((leg) => leg.role),
      waived: grant.waived,
      groupMembers: grant.groupMembers,
      policyHash: grant.policyHash,
      requestedAt: grant.requestedAt,
      lapsesAt: grant.lapsesAt,
    },
    select: { id: true },
  });
  if (grant.legs.length === 0) return;
  await tx.leg.createMany({
    data: grant.legs.map(({ role }) => ({ grantId: grant.id, tenantId: grant.tenant, role })),
  });
}

/** Writes what changed between two states of a grant. The version makes a lost update impossible. */
export async function updateGrant(tx: Tx, before: Grant, after: Grant): Promise<void> {
  for (const leg of after.legs) {
    const was = before.legs.find(({ role }) => role === leg.role);
    if (leg.decision === null || was?.decision) continue;
    const { verdict, by, at, minutes, comment } = leg.decision;
    await tx.$executeRaw`
      update legs set verdict = ${verdict}::verdict, person_id = ${by}::uuid, decided_at = ${at}, minutes = ${minutes}, comment = ${comment}
       where grant_id = ${after.id}::uuid and role = ${leg.role}::leg_role`;
  }
  const { status } = after;
  const times = 'activatedAt' in status ? status : { activatedAt: null, expiresAt: null };
  const closed = 'closed' in status ? status.closed : { at: null, by: null, reason: null };
  const changed = await tx.$executeRaw`
    update grants set state = ${status.state}::grant_state, minutes_granted = ${after.minutesGranted}, lapses_at = ${after.lapsesAt},
           activated_at = ${times.activatedAt}, expires_at = ${times.expiresAt},
           closed_at = ${closed.at}, closed_by = ${closed.by}::uuid, close_reason = ${closed.reason}, version = ${after.version}
     where id = ${after.id}::uuid and version = ${before.version}`;
  if (changed !== 1) throw new Error(`Grant ${after.id} changed although its row was locked.`);
}

function fromRow(row: Row): GrantInContext {
  const { now, epoch } = row;
  return {
    now,
    epoch,
    grant: {
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
      requestedAt: row.requested_at,
      lapsesAt: row.lapses_at,
      status: statusFrom(row),
      version: row.version,
    },
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

function legFrom({ role, verdict, person_id, decided_at, minutes, comment }: LegRow): Leg {
  if (verdict === null || person_id === null || decided_at === null) return { role, decision: null };
  return { role, decision: { verdict, by: person_id, at: new Date(decided_at), minutes, comment } };
}

/** The database's checks make the combinations below the only ones; anything else is a defect worth stopping for. */
function statusFrom({ state, activated_at, expires_at, closed_at, closed_by, close_reason }: Row): Status {
  const closed = closed_at && { at: closed_at, by: closed_by, reason: close_reason };
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

/** Which tenant a grant belongs to: asked across tenants, before its scope is entered. */
export async function tenantOfGrant(tx: Tx, id: GrantId): Promise<{ tenant: TenantId | null }> {
  const rows = await tx.$queryRaw<
    { tenant: TenantId }[]
  >`select tenant_id as tenant from grants where id = ${id}::uuid`;
  return { tenant: rows[0]?.tenant ?? null };
}
