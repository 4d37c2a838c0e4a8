import type { CheckReason, Semantic } from '../../domain/check.ts';
import type { GrantId, Scope } from '../../domain/words.ts';

/** One question, with all that the statement needs to answer it and to write the answer down. */
export interface Asked {
  /** Who asks, as the audit names them, where it is not a key. */
  actor: string | null;
  /** The key that asks; looked up again by the statement. */
  key: string | null;
  /** The subject's name, whole and in its parts; the parts are null where it names nobody. */
  subject: string;
  provider: string | null;
  issuer: string | null;
  externalId: string | null;
  tenant: string | null;
  action: string;
  /** Scopes that must all be active; none where the action is not configured. */
  needs: readonly Scope[];
  resourceType: string;
  resourceId: string;
  requestId: string;
  contextRequestId: string | null;
  evaluationId: string;
}

/** Questions that depend on each other: of those after the one that decides, none is answered or written down. */
export interface AskedTogether {
  /** The epoch of the policy that `needs` was read from. */
  epoch: number;
  questions: readonly Asked[];
  semantic: Semantic;
}

/** What the statement says of one question, by its number. */
export type Told = [
  n: number,
  /** False where the key that asks was revoked or has expired; then nothing was written down. */
  mayAsk: boolean,
  reason: CheckReason,
  grants: GrantId[],
  expiresAt: string | null,
  missing: Scope[],
];

/** The statement's result: one row, so that reading it costs a process little. */
export interface AnswerRow {
  /** Questions of another epoch than this are not among the answers. */
  epoch: number | null;
  answers: Told[] | null;
}

/** Questions that depend on each other stop where their semantic says. */
const upToTheDecidingOne = `
  select * from (
    select *, bool_or(case semantic when 'deny_on_first_deny' then reason <> 'granted'
                                    when 'permit_on_first_permit' then reason = 'granted' else false end)
        over (partition by call order by n rows between unbounded preceding and 1 preceding) as over_before
      from answered) a
   where over_before is not true`;

/**
 * Answers and writes down, in one statement: what is answered is what is on disk. Read it from top to bottom.
 * $1 holds the questions. What was asked under another policy than the one in force is not looked at.
 *
 * The record is put together as text and read once: each step of building it as a value would cost as much again.
 */
const statement = (executed: string) => `
with asked as (
  select * from jsonb_to_recordset($1::jsonb) as asked (n int, call int, epoch int, semantic text, actor text, key uuid, subject text,
      provider text, issuer text, external text, tenant text, action text, needs text[], request text, record text)
   where epoch = (select max(p.epoch) from policy_epochs p)),

-- Who asks, about whom, where; and what they have there. A tenant that the key is not bound to is no other than one that is
-- not there. The lock waits for whoever is ending a grant just now, and holds off whoever wants to.
found as materialized (
  select a.*, coalesce(a.actor, 'key:' || k.name) as by, a.key is null or k.id is not null as may_ask, t.id as tenant_id,
    i.person_id, s.*, e.id as ended, e.state as ended_how,
    case when not bound.here then 'subject_or_action_not_bound'
         when a.needs = '{}' then 'unknown_action'
         when t.id is null then 'tenant_unknown_or_not_bound'
         when i.person_id is null then 'unknown_subject' end as why
  from asked a
  left join api_keys k on k.id = a.key and k.revoked_at is null and k.expires_at > breakglass_now()
  cross join lateral (select a.key is null
    or ((k.subjects is null or a.subject = any (k.subjects)) and (k.actions is null or a.action = any (k.actions))) as here) bound
  left join tenants t on t.key = a.tenant and t.archived_at is null and bound.here
    and (a.key is null or k.tenants is null or t.id = any (k.tenants))
  left join identities i on i.provider = a.provider and i.issuer = a.issuer and i.external_id = a.external
  left join lateral (
    select array_agg(id) filter (where live and wanted) as wanted,
      array_agg(scope) filter (where live and wanted) as has,
      array_agg(id) filter (where live) as live,
      array_agg(id) filter (where wanted and not live) as overdue,
      min(expires_at) filter (where live and wanted) as until
    from (select h.*, h.scope = any (a.needs) as wanted, h.expires_at > breakglass_now() as live
            from (select g.id, g.scope, g.expires_at from grants g
                   where g.tenant_id = t.id and g.requester_id = i.person_id and g.state = 'active'
                     for key share of g) h) h) s on true
  left join lateral (
    select g.id, g.state from unnest(a.needs) need (scope) cross join lateral (
        select g.id, g.state::text as state, g.closed_at from grants g
         where g.tenant_id = t.id and g.requester_id = i.person_id and g.scope = need.scope and g.state in ('ended', 'revoked', 'expired')
         order by g.closed_at desc limit 1) g
     where s.wanted is null and g.closed_at > breakglass_now() - interval '1 day'
     order by g.closed_at desc limit 1) e on true),

-- The clock once more, after the locks of this question. What ends while another question's lock is waited for is caught by
-- the table's own check, with the time of the row.
answered as materialized (
  select *, case when why is not null then 'no_grant'
                 when needs <@ has and until > breakglass_now() then 'granted'
                 when needs <@ has then 'expired'
                 when wanted is not null then 'missing_scopes'
                 when overdue is not null then 'expired'
                 when ended is not null then ended_how
                 when live is not null then 'wrong_scope'
                 else 'no_grant' end as reason
  from found),
executed as materialized (
  select *, reason = 'granted' as allowed,
    case reason when 'granted' then wanted when 'missing_scopes' then wanted when 'wrong_scope' then live
      when 'no_grant' then '{}' else coalesce(wanted, overdue, array[ended]) end as about,
    case when reason = 'missing_scopes' then array(select unnest(needs) except select unnest(has)) else '{}' end as missing
  from (${executed}) executed),

-- One row for each grant that the answer is about, so that each grant's trail is whole; one without where there is none.
recorded as (
  insert into audit_events (action, actor, tenant_id, grant_id, request_id, details)
  select case when allowed then 'access.allowed' else 'access.denied' end, by, tenant_id, grant_id, request,
    ('{' || record || ',"reason":"' || reason || '","grants":' || array_to_json(about)
      || coalesce(',"person":"' || person_id || '"', '') || coalesce(',"why":"' || why || '"', '')
      || case when missing <> '{}' then ',"missing":' || array_to_json(missing) else '' end
      || case when allowed then ',"expires_at":' || to_json(until) else '' end || '}')::jsonb
  from executed left join lateral unnest(about) grant_id on true
  where may_ask),
-- A shard for each connection, so that no two that answer at once wait for each other's row.
counted as (
  insert into use_counts as c (grant_id, action, allowed, shard, tenant_id, uses, first_at, last_at)
  select grant_id, action, allowed, (select pg_backend_pid() % 64), tenant_id, count(*), breakglass_now(), breakglass_now()
    from executed, unnest(about) grant_id
   where may_ask
   group by grant_id, action, allowed, tenant_id
   order by grant_id, action, allowed
  on conflict (grant_id, action, allowed, shard)
    do update set uses = c.uses + excluded.uses, last_at = greatest(c.last_at, excluded.last_at))

select json_agg(json_build_array(n, may_ask, reason, about, case when allowed then until end, missing)) as answers,
  (select max(epoch) from policy_epochs) as epoch
from executed`;

const independent = statement('select * from answered');
const dependent = statement(upToTheDecidingOne);

/** The statement for some calls, with its values; questions are numbered through, from 0. */
export function answering(calls: readonly AskedTogether[]): { name: string; text: string; values: unknown[] } {
  let n = 0;
  const asked = calls.flatMap(({ questions, semantic, epoch }, call) =>
    questions.map((each) => ({ n: n++, call, epoch, semantic, ...rowOf(each) })),
  );
  const values = [JSON.stringify(asked)];
  return calls.every(({ semantic }) => semantic === 'execute_all')
    ? { name: 'independent', text: independent, values }
    : { name: 'dependent', text: dependent, values };
}

const rowOf = (each: Asked) => ({
  actor: each.actor,
  key: each.key,
  subject: each.subject,
  provider: each.provider,
  issuer: each.issuer,
  external: each.externalId,
  tenant: each.tenant,
  action: each.action,
  needs: each.needs,
  request: each.requestId,
  record: membersOf({
    evaluation: each.evaluationId,
    subject: each.subject,
    action: each.action,
    tenant: each.tenant ?? undefined,
    resource: { type: each.resourceType, id: each.resourceId },
    context_request_id: each.contextRequestId ?? undefined,
  }),
});

/** A JSON object without its braces, for more to be added. */
const membersOf = (record: object): string => JSON.stringify(record).slice(1, -1);
