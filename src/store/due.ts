import type { GrantId, PersonId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

export interface OpenGrant {
  id: GrantId;
  tenant: TenantId;
}

export interface DueGrant extends OpenGrant {
  due: Date;
}

/**
 * What ran out or was not decided in time, longest due first. Across tenants. The clock is asked once, so that the
 * index is read as far as what is due, and not over everything that is open.
 * @param but leaves these out
 */
export const dueGrants = (tx: Tx, limit: number, but: readonly GrantId[] = []) => tx.$queryRaw<DueGrant[]>`
  (select id, tenant_id as tenant, expires_at as due from grants
    where state = 'active' and expires_at <= (select breakglass_now()) and id <> all(${but}::uuid[])
    order by expires_at limit ${limit})
  union all
  (select id, tenant_id, lapses_at from grants
    where state = 'requested' and lapses_at <= (select breakglass_now()) and id <> all(${but}::uuid[])
    order by lapses_at limit ${limit})
  order by due limit ${limit}`;

/** Milliseconds until the next grant is due, by the database's clock; null where none is open. */
export async function untilNextDue(tx: Tx): Promise<number | null> {
  const rows = await tx.$queryRaw<{ ms: number | null }[]>`
    select extract(epoch from least(
        (select min(expires_at) from grants where state = 'active'),
        (select min(lapses_at) from grants where state = 'requested')) - breakglass_now())::float8 * 1000 as ms`;
  return rows[0]?.ms ?? null;
}

/** What is open at a tenant. */
export async function openAt(tx: Tx, tenant: TenantId): Promise<GrantId[]> {
  const rows = await tx.$queryRaw<{ id: GrantId }[]>`
    select id from grants where tenant_id = ${tenant}::uuid and state in ('requested', 'active') order by requested_at, id`;
  return rows.map(({ id }) => id);
}

export interface Holder {
  person: PersonId;
  account: string;
  /** `byProvider`: a group of the identity provider made them an operator, which Slack does not know of. */
  grants: (OpenGrant & { byProvider: boolean })[];
}

/** Who has something open, with the Slack account they asked from. Across tenants. */
export const holders = (tx: Tx) => tx.$queryRaw<Holder[]>`
  select g.requester_id as person, i.issuer || ':' || i.external_id as account,
         json_agg(json_build_object('id', g.id, 'tenant', g.tenant_id, 'byProvider', g.provider_operator)) as grants
    from grants g join identities i on i.person_id = g.requester_id and i.provider = 'slack'
   where g.state in ('requested', 'active')
   group by 1, 2 order by 2`;
