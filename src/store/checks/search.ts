import type { Scope } from '../../domain/words.ts';

/** What a search is about; null is what it looks for. */
export interface Search {
  /** The epoch of the policy that `needs` was read from. */
  epoch: number;
  key: string;
  sought: 'subject' | 'action' | 'resource';
  subject: { name: string; provider: string | null; issuer: string | null; externalId: string | null } | null;
  tenant: string | null;
  action: string | null;
  /** Scopes that must all be active; null where actions are looked for. */
  needs: readonly Scope[] | null;
  resourceType: string;
  requestId: string;
}

/** Somebody has these scopes on this tenant now. */
export interface Standing {
  provider: 'slack' | 'oidc';
  issuer: string;
  external_id: string;
  tenant: string;
  scopes: Scope[];
}

export interface SearchRow {
  may_ask: boolean;
  /** The actions that the key may ask about; null for every one. */
  actions: string[] | null;
  found: Standing[] | null;
}

/**
 * Who has what, where, now, within the bounds of the key; and the record of having asked. One row, or none under another
 * policy than $1's. Grants that end are found by their end, not by their history.
 */
export const searchStatement = `
with asker as materialized (
  select k.* from (select) one left join api_keys k on k.id = $2::uuid and k.revoked_at is null and k.expires_at > breakglass_now()
   where $1::int = (select max(epoch) from policy_epochs)),
standing as materialized (
  select i.provider, i.issuer, i.external_id, t.key as tenant, array_agg(g.scope) as scopes
    from asker k
    join tenants t on t.archived_at is null and (k.tenants is null or t.id = any (k.tenants)) and ($4::text is null or t.key = $4)
    join grants g on g.tenant_id = t.id and g.state = 'active' and g.expires_at > breakglass_now()
    join identities i on i.person_id = g.requester_id
     and (k.subjects is null or case i.provider when 'slack' then 'slack:' || i.issuer || ':' || i.external_id
                                                else 'oidc:' || i.issuer || '#' || i.external_id end = any (k.subjects))
   where k.id is not null and (k.actions is null or $8::text is null or $8 = any (k.actions))
     and ($5::text is null or (i.provider, i.issuer, i.external_id) = ($5, $6::text, $7::text))
   group by i.provider, i.issuer, i.external_id, t.key
  having $9::text[] is null or ($9 <> '{}' and $9 <@ array_agg(g.scope))),
recorded as (
  insert into audit_events (action, actor, tenant_id, request_id, details)
  select 'access.searched', 'key:' || k.name,
    (select t.id from tenants t where t.key = $4 and t.archived_at is null and (k.tenants is null or t.id = any (k.tenants))),
    $10, jsonb_strip_nulls(jsonb_build_object('sought', $3::text, 'subject', $11::text, 'action', $8, 'tenant', $4,
      'resource', jsonb_build_object('type', $12::text), 'found', (select count(*) from standing)))
    from asker k where k.id is not null)
select k.id is not null as may_ask, k.actions, (select json_agg(s order by provider, issuer, external_id, tenant) from standing s) as found
  from asker k`;

export const searchValues = (search: Search): unknown[] => [
  ...[search.epoch, search.key, search.sought, search.tenant],
  // A name that names nobody finds nobody.
  ...(search.subject
    ? [search.subject.provider ?? 'nobody', search.subject.issuer ?? '', search.subject.externalId ?? '']
    : [null, null, null]),
  ...[search.action, search.needs, search.requestId, search.subject?.name ?? null, search.resourceType],
];
