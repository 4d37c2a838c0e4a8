import type { DigestSummary } from '../domain/digest.ts';
import type { Kind, Scope } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';

interface Row {
  requested: number;
  denied: number;
  withdrawn: number;
  lapsed: number;
  ended: number;
  revoked: number;
  expired: number;
  waivers: number;
  active_now: number;
  by_kind: Partial<Record<Kind, number>> | null;
  approvers: { account: string; legs: number }[] | null;
  longest: { tenant: string; scope: Scope; minutes: number } | null;
}

/**
 * Counts what happened between two moments, in whatever this scope sees: one tenant, or all.
 * @param tenant only this tenant; null for everything in sight
 */
export async function summarise(
  tx: Tx,
  from: Date,
  to: Date,
  tenant: { id: string; name: string } | null,
): Promise<DigestSummary> {
  const mine = tenant ? Prisma.sql`tenant_id = ${tenant.id}::uuid` : Prisma.sql`true`;
  const during = (column: Prisma.Sql) => Prisma.sql`${column} > ${from} and ${column} <= ${to}`;
  const rows = await tx.$queryRaw<Row[]>`
    with asked as (select * from grants where ${mine} and ${during(Prisma.sql`requested_at`)}),
         closed as (select * from grants where ${mine} and ${during(Prisma.sql`closed_at`)}),
         decided as (select l.* from legs l join grants g on g.id = l.grant_id
                      where ${tenant ? Prisma.sql`g.tenant_id = ${tenant.id}::uuid` : Prisma.sql`true`}
                        and g.requested_at > ${from}::timestamptz - interval '8 days'
                        and l.verdict = 'approved' and ${during(Prisma.sql`l.decided_at`)})
    select (select count(*)::int from asked) as requested,
      (select count(*)::int from closed where state = 'denied') as denied,
      (select count(*)::int from closed where state = 'withdrawn') as withdrawn,
      (select count(*)::int from closed where state = 'lapsed') as lapsed,
      (select count(*)::int from closed where state = 'ended') as ended,
      (select count(*)::int from closed where state = 'revoked') as revoked,
      (select count(*)::int from closed where state = 'expired') as expired,
      (select count(*)::int from asked where waived) as waivers,
      (select count(*)::int from grants where ${mine} and state = 'active' and expires_at > ${to}) as active_now,
      (select json_object_agg(kind, n) from (select kind, count(*)::int as n from asked group by 1) each) as by_kind,
      (select json_agg(json_build_object('account', account, 'legs', legs) order by legs desc, account)
         from (select i.issuer || ':' || i.external_id as account, count(*)::int as legs
                 from decided d join identities i on i.person_id = d.person_id and i.provider = 'slack'
                group by 1) each) as approvers,
      (select json_build_object('tenant', t.name, 'scope', c.scope,
                'minutes', ceil(extract(epoch from least(c.closed_at, c.expires_at) - c.activated_at) / 60)::int)
         from closed c join tenants t on t.id = c.tenant_id where c.activated_at is not null
        order by least(c.closed_at, c.expires_at) - c.activated_at desc limit 1) as longest`;
  const row = rows[0];
  if (!row) throw new Error('Counting gave no row.');
  const { active_now, by_kind, approvers, ...counts } = row;
  return {
    ...counts,
    from: from.toISOString(),
    to: to.toISOString(),
    tenant: tenant?.name ?? null,
    activeNow: active_now,
    approvers: approvers ?? [],
    byKind: by_kind ?? {},
  };
}
