import { asWord, type Scope, scopes } from '../domain/words.ts';
import type { Tx } from './database.ts';

interface Waiting {
  count: number;
  /** Of the oldest; 0 where there is none. */
  ageSeconds: number;
}

/** How things stand now, for whoever watches over the process. */
export interface Present {
  pending: ReadonlyMap<Scope, Waiting>;
  active: ReadonlyMap<Scope, number>;
  /** Over by the clock, and not closed yet. */
  due: Waiting;
  notices: { waiting: Waiting; dead: Waiting };
  reviews: { owed: number; overdue: number; ageSeconds: number };
  /** The newest signed head; null where there is none. */
  seal: { entries: number; ageSeconds: number; postedAgeSeconds: number | null } | null;
  /** Of the oldest entry that is not sealed; null where nobody asked. */
  unsealedAgeSeconds: number | null;
  /** The configuration in force. */
  epoch: number | null;
}

/** No count goes further: more than that is as bad. Nobody's look costs more than a few pages of an index. */
export const COUNTED_AT_MOST = 10_000;

/**
 * Read by indexes of what is open, waiting, dead or owed, and by single looks at the end of others: the cost does not grow
 * with history. Across tenants.
 * @param sealing whether the age of what is not sealed is wanted
 */
export async function readPresent(tx: Tx, sealing: boolean): Promise<Present> {
  const grants = await readGrants(tx);
  const notices = await readNotices(tx);
  const reviews = await readReviews(tx);
  return { ...grants, notices, reviews, ...(await readSeal(tx, sealing)) };
}

interface GrantsRow {
  what: 'pending' | 'active' | 'due';
  scope: string | null;
  count: number;
  age: number | null;
}

async function readGrants(tx: Tx): Promise<Pick<Present, 'pending' | 'active' | 'due'>> {
  const rows = await tx.$queryRaw<GrantsRow[]>`
    with clock as materialized (select breakglass_now() as now),
         pending as (select scope, requested_at from grants
                      where state = 'requested' and lapses_at > (select now from clock) order by lapses_at limit ${COUNTED_AT_MOST}),
         active as (select scope from grants
                     where state = 'active' and expires_at > (select now from clock) order by expires_at limit ${COUNTED_AT_MOST}),
         due as ((select expires_at as at from grants
                   where state = 'active' and expires_at <= (select now from clock) order by expires_at limit ${COUNTED_AT_MOST})
                 union all
                 (select lapses_at from grants
                   where state = 'requested' and lapses_at <= (select now from clock) order by lapses_at limit ${COUNTED_AT_MOST}))
    select 'pending' as what, scope, count(*)::int as count,
           extract(epoch from (select now from clock) - min(requested_at))::float8 as age from pending group by scope
    union all select 'active', scope, count(*)::int, null from active group by scope
    union all select 'due', null, count(*)::int, extract(epoch from (select now from clock) - min(at))::float8 from due`;
  const pending = new Map<Scope, Waiting>();
  const active = new Map<Scope, number>();
  let due: Waiting = { count: 0, ageSeconds: 0 };
  for (const { what, scope, count, age } of rows) {
    const known = asWord(scopes, scope);
    if (what === 'due') due = { count, ageSeconds: age ?? 0 };
    else if (known && what === 'pending') pending.set(known, { count, ageSeconds: age ?? 0 });
    else if (known) active.set(known, count);
  }
  return { pending, active, due };
}

/** The oldest that waits is among the first of each lane, of what is new and of what is sent again. */
async function readNotices(tx: Tx): Promise<Present['notices']> {
  const rows = await tx.$queryRaw<{ waiting: number; waiting_age: number; dead: number; dead_age: number }[]>`
    with dead as (select settled_at from outbox where state = 'dead' and dropped_at is null order by id limit ${COUNTED_AT_MOST}),
         firsts as (
           select coalesce(first.requeued_at, first.created_at) as since from lanes l cross join lateral (
             (select w.requeued_at, w.created_at from outbox w where w.destination = l.destination and w.state = 'waiting'
               order by (w.requeued_at is not null), w.id limit 1)
             union all
             (select w.requeued_at, w.created_at from outbox w where w.destination = l.destination and w.state = 'waiting'
                 and w.requeued_at is not null
               order by (w.requeued_at is not null), w.id limit 1)) first)
    select (select count(*)::int from (select from outbox where state = 'waiting'
              order by destination, (requeued_at is not null), id limit ${COUNTED_AT_MOST}) counted) as waiting,
      coalesce(extract(epoch from breakglass_now() - (select min(since) from firsts)), 0)::float8 as waiting_age,
      (select count(*)::int from dead) as dead,
      coalesce(extract(epoch from breakglass_now() - (select min(settled_at) from dead)), 0)::float8 as dead_age`;
  const { waiting = 0, waiting_age = 0, dead = 0, dead_age = 0 } = rows[0] ?? {};
  return { waiting: { count: waiting, ageSeconds: waiting_age }, dead: { count: dead, ageSeconds: dead_age } };
}

async function readReviews(tx: Tx): Promise<Present['reviews']> {
  const rows = await tx.$queryRaw<{ owed: number; overdue: number; age: number }[]>`
    with clock as materialized (select breakglass_now() as now),
         owed as (select due_at from reviews where reviewed_at is null and excused_at is null
                   order by operator_id, due_at limit ${COUNTED_AT_MOST})
    select count(*)::int as owed, (count(*) filter (where due_at <= now))::int as overdue,
           coalesce(extract(epoch from max(now) - min(due_at) filter (where due_at <= now)), 0)::float8 as age
      from owed cross join clock`;
  const { owed = 0, overdue = 0, age = 0 } = rows[0] ?? {};
  return { owed, overdue, ageSeconds: age };
}

interface SealRow {
  epoch: number | null;
  entries: number | null;
  age: number | null;
  posted_age: number | null;
  unsealed_age: number;
}

/** Each is one look at the end of an index. Entries behind the last one that is sealed wait for it. */
async function readSeal(tx: Tx, sealing: boolean): Promise<Pick<Present, 'seal' | 'unsealedAgeSeconds' | 'epoch'>> {
  const [row] = await tx.$queryRaw<SealRow[]>`
    with clock as materialized (select breakglass_now() as now)
    select (select max(epoch) from policy_epochs) as epoch, head.size::float8 as entries,
           extract(epoch from now - head.at)::float8 as age, extract(epoch from now - posted.at)::float8 as posted_age,
           coalesce(extract(epoch from now - first.at), 0)::float8 as unsealed_age
      from clock
      left join lateral (select size, at from checkpoints where tenant_id is null order by size desc, posted desc limit 1) head on true
      left join lateral (select at from checkpoints where tenant_id is null and posted order by id desc limit 1) posted on true
      left join lateral (select e.at from audit_events e
                          where ${sealing} and e.id > coalesce((select max(event_id) from audit_leaves), 0)
                          order by e.id limit 1) first on true`;
  const { epoch = null, entries = null, age = null, posted_age: postedAgeSeconds = null, unsealed_age = 0 } = row ?? {};
  const seal = entries === null ? null : { entries, ageSeconds: age ?? 0, postedAgeSeconds };
  return { seal, unsealedAgeSeconds: sealing ? Math.max(0, unsealed_age) : null, epoch };
}
