import type { Grant, State } from '../domain/grant.ts';
import type { GrantId, Kind, PersonId, Scope, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';
import { type GrantInContext, type GrantRow, grantFrom, inContext } from './grant-rows.ts';

/** Waits for the grant's row; nobody else changes this grant until the transaction ends. */
export async function lockGrant(tx: Tx, id: GrantId): Promise<void> {
  await tx.$queryRaw`select 1 from grants where id = ${id}::uuid for update`;
}

/** A grant as it is now; null where this scope sees none. Read it after `lockGrant` where something will be decided. */
export async function loadGrant(tx: Tx, id: GrantId): Promise<GrantInContext | null> {
  const rows = await tx.$queryRaw<GrantRow[]>`${inContext} where g.id = ${id}::uuid`;
  return rows[0] ? grantFrom(rows[0]) : null;
}

/** Several grants as they are now, those that this scope sees. */
export async function loadGrants(tx: Tx, ids: readonly GrantId[]): Promise<ReadonlyMap<GrantId, GrantInContext>> {
  const rows = await tx.$queryRaw<GrantRow[]>`${inContext} where g.id = any(${ids}::uuid[])`;
  return new Map(rows.map((row) => [row.id, grantFrom(row)]));
}

export type Filter = { requester: PersonId } | { tenant: TenantId };

/** Grants that wait or are active by the database's clock, oldest first. */
export async function openGrants(tx: Tx, filter: Filter): Promise<GrantInContext[]> {
  const whose =
    'requester' in filter
      ? Prisma.sql`g.requester_id = ${filter.requester}::uuid`
      : Prisma.sql`g.tenant_id = ${filter.tenant}::uuid`;
  const rows = await tx.$queryRaw<GrantRow[]>`${inContext}
    where ${whose} and (g.state = 'requested' and g.lapses_at > breakglass_now()
                     or g.state = 'active' and g.expires_at > breakglass_now())
    order by g.requested_at limit 50`;
  return rows.map(grantFrom);
}

/** Where a page of grants ends: when that one was asked for, and its id. */
export interface PagePlace {
  at: Date;
  id: GrantId;
}

export interface GrantFilter {
  /** Of these tenants (null: of all), or asked for by this person. */
  sight: { tenants: readonly TenantId[] | null; requester: PersonId | null };
  tenant: TenantId | null;
  /** States as they are now, whether or not the clock has swept; null for every one. */
  states: readonly State[] | null;
  kind: Kind | null;
  after: PagePlace | null;
  limit: number;
}

/** Grants, the newest first. Across tenants. */
export async function grantPage(tx: Tx, filter: GrantFilter): Promise<GrantInContext[]> {
  const { sight, tenant, states, kind, after, limit } = filter;
  const rows = await tx.$queryRaw<GrantRow[]>`${inContext}
    where (${sight.tenants === null} or g.tenant_id = any(${sight.tenants ?? []}::uuid[]) or g.requester_id = ${sight.requester}::uuid)
      and (${tenant}::uuid is null or g.tenant_id = ${tenant}::uuid)
      and (${kind}::text is null or g.kind = ${kind}::kind)
      and (${states === null} or (case when g.state = 'requested' and g.lapses_at <= breakglass_now() then 'lapsed'
             when g.state = 'active' and g.expires_at <= breakglass_now() then 'expired' else g.state::text end) = any(${states ?? []}))
      and (${after === null} or (g.requested_at, g.id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid))
    order by g.requested_at desc, g.id desc limit ${limit}`;
  return rows.map(grantFrom);
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
      outside: grant.outside ?? false,
      providerOperator: grant.providerOperator ?? false,
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
    const { verdict, by, at, minutes, comment, outside = false } = leg.decision;
    await tx.$executeRaw`
      update legs set verdict = ${verdict}::verdict, person_id = ${by}::uuid, decided_at = ${at}, minutes = ${minutes}, comment = ${comment},
           outside = ${outside}
       where grant_id = ${after.id}::uuid and role = ${leg.role}::leg_role`;
  }
  const { status } = after;
  const times = 'activatedAt' in status ? status : { activatedAt: null, expiresAt: null };
  const closed = 'closed' in status ? status.closed : { at: null, by: null, reason: null };
  const closedOutside = 'closed' in status && status.closed.outside === true;
  const changed = await tx.$executeRaw`
    update grants set state = ${status.state}::grant_state, minutes_granted = ${after.minutesGranted}, lapses_at = ${after.lapsesAt},
           activated_at = ${times.activatedAt}, expires_at = ${times.expiresAt},
           closed_at = ${closed.at}, closed_by = ${closed.by}::uuid, close_reason = ${closed.reason},
           closed_outside = ${closedOutside}, version = ${after.version}
     where id = ${after.id}::uuid and version = ${before.version}`;
  if (changed !== 1) throw new Error(`Grant ${after.id} changed although its row was locked.`);
}

/** Which tenant a grant belongs to: asked across tenants, before its scope is entered. */
export async function tenantOfGrant(tx: Tx, id: GrantId): Promise<{ tenant: TenantId | null }> {
  const rows = await tx.$queryRaw<
    { tenant: TenantId }[]
  >`select tenant_id as tenant from grants where id = ${id}::uuid`;
  return { tenant: rows[0]?.tenant ?? null };
}
