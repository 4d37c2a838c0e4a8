import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';

/** A notice that was given up. */
export interface DeadNotice {
  id: bigint;
  destination: string;
  kind: string;
  tenant: TenantId | null;
  grant: GrantId | null;
  /** When it was given up. */
  since: Date;
  error: string;
}

/** Every notice that was given up and neither sent since nor dropped, the oldest first. */
export const deadNotices = (tx: Tx): Promise<DeadNotice[]> => tx.$queryRaw<DeadNotice[]>`
  select id, destination, kind, tenant_id as tenant, grant_id as "grant", settled_at as since, last_error as error
    from outbox where state = 'dead' and dropped_at is null order by id`;

/**
 * Puts dead notices back in their place among those that wait. They are tried from now on as new ones are, and say that
 * they are late.
 * @param ids null for every dead one
 * @param tenants only those of these tenants; null for all
 * @returns those that were dead and wait again
 */
export const requeueDead = (
  tx: Tx,
  ids: readonly bigint[] | null,
  tenants: readonly TenantId[] | null = null,
): Promise<DeadNotice[]> => tx.$queryRaw<DeadNotice[]>`
  with again as (
    update outbox o set state = 'waiting', settled_at = null, attempts = 0, held_until = null,
           requeued_at = breakglass_now(), not_before = breakglass_now()
      from (select id, settled_at from outbox
             where state = 'dead' and dropped_at is null and (${ids === null} or id = any(${ids ?? []}::bigint[]))
               and (${tenants === null} or tenant_id = any(${tenants ?? []}::uuid[])) for update) dead
     where o.id = dead.id
    returning o.id, o.destination, o.kind, o.tenant_id as tenant, o.grant_id as "grant", dead.settled_at as since,
              o.last_error as error)
  select * from again order by id`;

/** A notice that was not delivered, whatever became of it. */
export interface Undelivered {
  id: bigint;
  state: 'waiting' | 'dead' | 'delivered';
  kind: string;
  destination: string;
  tenant: TenantId | null;
  tenantKey: string | null;
  grant: GrantId | null;
  createdAt: Date;
  /** When it was given up. */
  since: Date | null;
  notBefore: Date;
  attempts: number;
  error: string | null;
  dropped: boolean;
  /** Nobody has to be told of it: the closed list that the database holds to (may_be_dropped). */
  droppable: boolean;
  /** From when its time counts: it was written, or sent again. */
  countsFrom: Date;
  /** When the request lapses that a card asks about; null where it asks about none that waits. */
  answerBy: Date | null;
}

const undelivered = Prisma.sql`
  select o.id, o.state::text as state, o.kind, o.destination, o.tenant_id as tenant, t.key as "tenantKey",
         o.grant_id as "grant", o.created_at as "createdAt", o.settled_at as since, o.not_before as "notBefore",
         o.attempts, o.last_error as error, o.dropped_at is not null as dropped,
         may_be_dropped(o) is true as droppable, coalesce(o.requeued_at, o.created_at) as "countsFrom",
         (select g.lapses_at from grants g where g.id = o.grant_id and g.state = 'requested' and o.kind = 'card') as "answerBy"
    from outbox o left join tenants t on t.id = o.tenant_id`;

export interface NoticePage {
  state: 'waiting' | 'dead';
  /** Behind this one; null from the beginning. */
  after: bigint | null;
  limit: number;
  tenants: readonly TenantId[] | null;
}

/** Notices that wait, or that were given up and not dropped, the oldest first. */
export const noticesBehind = (tx: Tx, { state, after, limit, tenants }: NoticePage): Promise<Undelivered[]> =>
  tx.$queryRaw<Undelivered[]>`${undelivered}
   where o.state = ${state}::notice_state and o.dropped_at is null and o.id > ${after ?? 0n}
     and (${tenants === null} or o.tenant_id = any(${tenants ?? []}::uuid[]))
   order by o.id limit ${limit}`;

/** One notice, its row kept for this transaction. */
export async function holdNotice(tx: Tx, id: bigint): Promise<Undelivered | null> {
  const [row] = await tx.$queryRaw<Undelivered[]>`${undelivered} where o.id = ${id} for update of o`;
  return row ?? null;
}

export async function dropDead(tx: Tx, id: bigint, by: string, reason: string): Promise<void> {
  await tx.$executeRaw`
    update outbox set dropped_at = breakglass_now(), dropped_by = ${by}, drop_reason = ${reason} where id = ${id}`;
}

/** Has a notice wait until a moment, in nobody's way; null for no longer. */
export async function holdUntil(tx: Tx, id: bigint, at: Date | null): Promise<void> {
  await tx.$executeRaw`
    update outbox set held_until = ${at}::timestamptz, not_before = coalesce(${at}::timestamptz, breakglass_now())
     where id = ${id}`;
}
