import type { Notice } from '../domain/notices.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';
import type { NoticeModel } from './generated/models.ts';

/** The right to deliver to one destination for a while. The token tells a holder whose time ran out. */
export interface Lease {
  destination: string;
  token: bigint;
}

export interface QueuedNotice {
  id: bigint;
  notice: Notice;
  tenant: TenantId | null;
  requestId: string;
  attempts: number;
  createdAt: Date;
  late: boolean;
  lastError: string | null;
}

/** So many that people would rather read one message (notices); and at most so many in one. */
const FOLD_FROM = 4;
const FOLD_AT_MOST = 40;

/** A worker that does not come back within this time has lost its lane to the next (seconds). */
export const LEASE_SECONDS = 60;

/** A lane that is held. While it rests, cards that stand in it may be edited: Slack's pace is about messages. */
export interface HeldLane extends Lease {
  rested: boolean;
}

/** Takes the lane that has waited longest for its turn; null where none is due. */
export async function claimLane(tx: Tx): Promise<HeldLane | null> {
  const rows = await tx.$queryRaw<HeldLane[]>`
    update lanes set token = token + 1, leased_until = breakglass_now() + make_interval(secs => ${LEASE_SECONDS})
     where destination = (
       select l.destination from lanes l join lateral (${firstIn(Prisma.sql`l.destination`)}) head on head.not_before <= breakglass_now()
        where (l.next_at <= breakglass_now() or head.stands)
          and (l.leased_until is null or l.leased_until <= breakglass_now())
        order by l.next_at limit 1 for update of l skip locked)
    returning destination, token, next_at <= breakglass_now() as rested`;
  return rows[0] ?? null;
}

/**
 * What was dead and is sent again waits behind what is new: nobody's approval waits for last week's news. What somebody had
 * wait is in nobody's way until its time has come.
 */
const waitingIn = (destination: Prisma.Sql, which: Prisma.Sql) => Prisma.sql`
  select w.id from outbox w where w.destination = ${destination} and w.state = 'waiting' and ${which}
     and (w.held_until is null or w.held_until <= breakglass_now())
   order by (w.requeued_at is not null), w.id limit 1`;

/** Does the card of a notice stand in its destination? A fact goes with the card of its grant. */
const standsThere = Prisma.sql`exists (
  select from posted_messages p where p.grant_id = o.grant_id and p.destination = o.destination
     and p.subject = (case o.kind when 'review_card' then 'review' else 'grant' end)::card_subject)`;

/**
 * The first that waits in a lane, and whether it is a card that stands there already, so that it would be edited.
 * A review has days: its card waits behind everything else.
 */
const firstIn = (destination: Prisma.Sql) => Prisma.sql`
  select o.*, o.kind in ('card', 'review_card') and ${standsThere} as stands from outbox o
   where o.id = coalesce((${waitingIn(destination, Prisma.sql`w.kind <> 'review_card'`)}),
                         (${waitingIn(destination, Prisma.sql`true`)}))`;

interface HeadRow {
  id: bigint;
  payload: Notice;
  tenant_id: TenantId | null;
  request_id: string;
  attempts: number;
  created_at: Date;
  late: boolean;
  last_error: string | null;
}

/**
 * The notice whose turn it is in a lane; null where none waits, or the first one has to wait longer. While the lane rests,
 * that is an edit or nothing; and where many facts wait behind edits, the first of them: no edit holds up so many messages.
 */
export async function headOf(tx: Tx, { destination }: Lease, rested = true): Promise<QueuedNotice | null> {
  const [row] = await tx.$queryRaw<HeadRow[]>`
    with head as (${firstIn(Prisma.sql`${destination}`)}),
         facts as (${foldableFrom(Prisma.sql`${destination}`, Prisma.sql`(select id from head where stands)`)}),
         fact as (select id from outbox where id = (select min(id) from facts) and not_before <= breakglass_now()
                     and ${rested} and (select count(*) from facts) >= ${FOLD_FROM})
    select o.id, o.payload, o.tenant_id, o.request_id, o.attempts, o.created_at, o.requeued_at is not null as late, o.last_error
      from head join outbox o on o.id = coalesce((select id from fact), head.id)
     where (${rested} or head.stands) and o.not_before <= breakglass_now()`;
  if (!row) return null;
  return {
    id: row.id,
    notice: row.payload,
    tenant: row.tenant_id,
    requestId: row.request_id,
    attempts: row.attempts,
    createdAt: row.created_at,
    late: row.late,
    lastError: row.last_error,
  };
}

/**
 * What can be said together with the head of a lane: the facts right behind it. Edits of cards in between are no
 * messages and may wait; a message of another kind ends the row, so that messages stay in order. A fact whose card does
 * not stand here is looked at alone.
 */
export async function foldable(tx: Tx, { destination }: Lease, head: QueuedNotice): Promise<QueuedNotice[]> {
  if (head.notice.kind !== 'fact') return [];
  const rows = await tx.$queryRaw<{ id: bigint }[]>(
    foldableFrom(Prisma.sql`${destination}`, Prisma.sql`${head.id}::bigint`),
  );
  const behind = rows.filter(({ id }) => id !== head.id);
  if (behind.length === rows.length || rows.length < FOLD_FROM) return [];
  const found = await tx.notice.findMany({ where: { id: { in: behind.map(({ id }) => id) } }, orderBy: { id: 'asc' } });
  return found.map(queued);
}

const foldableFrom = (destination: Prisma.Sql, first: Prisma.Sql) => Prisma.sql`
  with waiting as (
    select o.id, o.kind, o.kind in ('fact', 'card') and ${standsThere} as passable
      from outbox o where o.destination = ${destination} and o.state = 'waiting' and o.id >= ${first}
       and o.kind <> 'review_card' and (o.held_until is null or o.held_until <= breakglass_now())
      and (o.requeued_at is not null) = (select requeued_at is not null from outbox where id = ${first})
     order by o.id limit ${FOLD_AT_MOST * 3})
  select id from waiting
   where kind = 'fact' and id < coalesce((select min(id) from waiting where not passable), 9223372036854775807)
   order by id limit ${FOLD_AT_MOST}`;

const queued = (row: NoticeModel): QueuedNotice => ({
  id: row.id,
  notice: row.payload as Notice,
  tenant: row.tenantId,
  requestId: row.requestId,
  attempts: row.attempts,
  createdAt: row.createdAt,
  late: row.requeuedAt !== null,
  lastError: row.lastError,
});

/**
 * Gives the lane back and says when it may go on.
 * @param pauseMs how long this destination rests
 * @returns false where the lease was lost meanwhile: somebody else is delivering there, and nothing may be settled
 */
export async function releaseLane(tx: Tx, { destination, token }: Lease, pauseMs: number): Promise<boolean> {
  const held = await tx.$executeRaw`
    update lanes set leased_until = null, next_at = greatest(next_at, breakglass_now() + make_interval(secs => ${pauseMs / 1000}))
     where destination = ${destination} and token = ${token}`;
  return held === 1;
}

/**
 * Keeps a lane for the notice behind the one that was delivered: as good as giving it back and taking it again.
 * @returns null where the lease was lost meanwhile
 */
export async function keepLane(tx: Tx, { destination, token }: Lease): Promise<HeldLane | null> {
  const rows = await tx.$queryRaw<HeldLane[]>`
    update lanes set leased_until = breakglass_now() + make_interval(secs => ${LEASE_SECONDS})
     where destination = ${destination} and token = ${token}
    returning destination, token, next_at <= breakglass_now() as rested`;
  return rows[0] ?? null;
}

/** Notices that one message told. */
export async function settleDelivered(tx: Tx, ids: readonly bigint[], ts: string | null): Promise<void> {
  await tx.$executeRaw`
    update outbox set state = 'delivered', settled_at = breakglass_now(), slack_ts = ${ts}, attempts = attempts + 1
     where id = any(${ids}::bigint[]) and state = 'waiting'`;
}

/** @returns false where it is settled already */
export async function settleDead(tx: Tx, id: bigint, reason: string): Promise<boolean> {
  const settled = await tx.$executeRaw`
    update outbox set state = 'dead', settled_at = breakglass_now(), last_error = ${reason}, attempts = attempts + 1
     where id = ${id} and state = 'waiting'`;
  return settled === 1;
}

export async function postpone(tx: Tx, id: bigint, error: string, pauseMs: number): Promise<void> {
  await tx.$executeRaw`
    update outbox set attempts = attempts + 1, last_error = ${error}, not_before = breakglass_now() + make_interval(secs => ${pauseMs / 1000})
     where id = ${id} and state = 'waiting'`;
}

/** How long until some lane has something to do (milliseconds); null where nothing waits. */
export async function untilNextDelivery(tx: Tx): Promise<number | null> {
  const rows = await tx.$queryRaw<{ ms: number | null }[]>`
    select least(
      (select min(greatest(0, extract(epoch from greatest(case when head.stands then null else l.next_at end, head.not_before, l.leased_until)
                          - breakglass_now()) * 1000))
         from lanes l join lateral (${firstIn(Prisma.sql`l.destination`)}) head on true),
      (select min(greatest(0, extract(epoch from held_until - breakglass_now()) * 1000))
         from outbox where state = 'waiting' and held_until > breakglass_now()))::float8 as ms`;
  return rows[0]?.ms ?? null;
}

/** Has this notice been tried for longer than it may wait? One that was requeued starts anew. */
export async function isOlderThan(tx: Tx, id: bigint, minutes: number): Promise<boolean> {
  const rows = await tx.$queryRaw<{ old: boolean }[]>`
    select breakglass_now() - coalesce(requeued_at, created_at) > make_interval(mins => ${minutes}::int) as old from outbox where id = ${id}`;
  return rows[0]?.old ?? false;
}

/** Where the person who asked gets their own card. */
export async function requesterPlaces(tx: Tx, grant: GrantId): Promise<string[]> {
  const rows = await tx.$queryRaw<{ destination: string }[]>`
    select distinct destination from outbox
     where grant_id = ${grant}::uuid and kind = 'card' and payload->>'audience' = 'requester'`;
  return rows.map(({ destination }) => destination);
}
