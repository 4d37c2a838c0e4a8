import type { DigestWatch, SealStatus } from '../domain/digest.ts';
import type { TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';

interface Row {
  due: number;
  overdue: number;
  unused: number;
  refused: number;
}

/**
 * What somebody should look after: counted from what is owed and from the accesses of a time, never by walking through the
 * audit. Refused tries are those under an access that was there, or a day ago; whoever had none is not among them.
 * @param tenant only this tenant; null for all of them, and then the seal of the history as well
 */
export async function watchOver(tx: Tx, from: Date, to: Date, tenant: TenantId | null): Promise<DigestWatch> {
  const mine = tenant === null ? Prisma.sql`true` : Prisma.sql`tenant_id = ${tenant}::uuid`;
  const [row] = await tx.$queryRaw<Row[]>`
    with closed as (select id from grants where ${mine} and activated_at is not null and closed_at > ${from} and closed_at <= ${to}),
         open as (select id from grants where ${mine} and state = 'active'),
         owed as (select due_at from reviews where ${mine} and reviewed_at is null and excused_at is null)
    select (select count(*)::int from owed where due_at > ${to}) as due,
      (select count(*)::int from owed where due_at <= ${to}) as overdue,
      (select count(*)::int from closed c
        where not exists (select from use_counts u where u.grant_id = c.id and u.allowed)) as unused,
      (select coalesce(sum(u.uses), 0)::int from (select id from closed union select id from open) g
         join use_counts u on u.grant_id = g.id and not u.allowed and u.last_at > ${from}) as refused`;
  const { due, overdue, unused, refused } = row ?? { due: 0, overdue: 0, unused: 0, refused: 0 };
  return { reviews: { due, overdue }, unused, refused, seal: tenant === null ? await sealStatus(tx) : null };
}

/** An entry that waits for longer than this is not sealed as it should be (seconds). */
const SEALED_WITHIN_SECONDS = 60;

/** Each is one look at the end of an index, however long the history is. */
async function sealStatus(tx: Tx): Promise<SealStatus> {
  const [row] = await tx.$queryRaw<{ size: bigint | null; at: Date | null; waiting: Date | null }[]>`
    select c.size, c.at, case when w.at < breakglass_now() - make_interval(secs => ${SEALED_WITHIN_SECONDS}) then w.at end as waiting
      from (select) one
      left join lateral (select size, at from checkpoints where tenant_id is null order by size desc limit 1) c on true
      left join lateral (select e.at from audit_events e
                          where e.id > coalesce((select max(event_id) from audit_leaves), 0) order by e.id limit 1) w on true`;
  const sealed = row?.size == null || !row.at ? null : { entries: Number(row.size), at: row.at.toISOString() };
  // Without a first checkpoint nothing is sealed here at all, which is said as that.
  return { sealed, waitingSince: sealed && (row?.waiting?.toISOString() ?? null) };
}
