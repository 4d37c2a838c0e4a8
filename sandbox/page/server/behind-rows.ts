import { nameOfActor, nameOfPlace } from '../../cast.ts';
import { isObject, type Json, type JsonObject } from '../../slack/json.ts';
import type { GrantState, RequestBehind, RequestLine } from '../wire.ts';

/** What the database says of a request, and how the panel says it. */

/** How a request stands by the clock: what nobody closed yet is over all the same, as for every read of the product. */
const STATE = `case when g.state = 'requested' and g.lapses_at <= clock.now then 'lapsed'
  when g.state = 'active' and g.expires_at <= clock.now then 'expired' else g.state::text end`;

/** An account as the audit names it; null for somebody whom Slack never named. */
const accountOf = (person: string): string => `(select 'slack:' || i.issuer || ':' || i.external_id from identities i
  where i.provider = 'slack' and i.person_id = ${person})`;

export const LINES = `with clock as materialized (select breakglass_now() as now)
  select g.id, t.key as tenant, g.scope, g.ticket, ${accountOf('g.requester_id')} as requester, ${STATE} as state, g.requested_at,
    g.reason, g.minutes_granted, g.lapses_at, g.activated_at, g.expires_at, g.closed_at
  from clock, grants g join tenants t on t.id = g.tenant_id`;

export const LEGS = `select l.role::text, l.verdict::text, ${accountOf('l.person_id')} as by, l.decided_at as at
  from legs l where l.grant_id = $1 order by l.role`;

export const AUDIT = `select id, at, action, actor, request_id, details from audit_events where grant_id = $1 order by id`;

export const NOTICES = `select id, kind, destination, case when dropped_at is not null then 'dropped'
    when state = 'delivered' then 'sent' else state::text end as state,
    attempts, created_at, settled_at, last_error, request_id from outbox where grant_id = $1 order by id`;

/** What the first visit ticks: asked, approved by somebody else, and over. */
export const FIRST_STEPS = `with clock as materialized (select breakglass_now() as now)
  select count(*) > 0 as asked,
    coalesce(bool_or(g.activated_at is not null and cardinality(g.required_legs) > 0), false) as approved,
    coalesce(bool_or(g.activated_at is not null and ${STATE} <> 'active'), false) as over
  from clock, grants g`;

/** A session that is reviewed, or due already, is none to wait for. */
export const REVIEW_DUE = `with clock as materialized (select breakglass_now() as now)
  select min(due_at) as at from reviews, clock where reviewed_at is null and due_at > now`;

export interface LineRow {
  id: string;
  tenant: string;
  scope: string;
  ticket: string;
  requester: string | null;
  state: GrantState;
  requested_at: Date;
  reason: string;
  minutes_granted: number;
  lapses_at: Date;
  activated_at: Date | null;
  expires_at: Date | null;
  closed_at: Date | null;
}

export interface LegRow {
  role: string;
  verdict: 'approved' | 'denied' | null;
  by: string | null;
  at: Date | null;
}

export interface AuditRow {
  id: string;
  at: Date;
  action: string;
  actor: string;
  request_id: string;
  details: Json;
}

export interface NoticeRow {
  id: string;
  kind: string;
  destination: string;
  state: 'waiting' | 'sent' | 'dead' | 'dropped';
  attempts: number;
  created_at: Date;
  settled_at: Date | null;
  last_error: string | null;
  request_id: string;
}

export const lineOf = ({ id, tenant, scope, ticket, requester, state, requested_at }: LineRow): RequestLine => ({
  ...{ grant: id, tenant, scope, ticket, state },
  requester: requester === null ? 'somebody' : nameOf(requester),
  requestedAt: requested_at.toISOString(),
});

export const behindOf = (
  row: LineRow,
  legs: readonly LegRow[],
  audit: readonly AuditRow[],
  notices: readonly NoticeRow[],
): RequestBehind => ({
  ...lineOf(row),
  reason: row.reason,
  minutes: row.minutes_granted,
  lapsesAt: row.lapses_at.toISOString(),
  activatedAt: moment(row.activated_at),
  expiresAt: moment(row.expires_at),
  closedAt: moment(row.closed_at),
  legs: legs.map(({ role, verdict, by, at }) => ({ role, verdict, by: by && nameOf(by), at: moment(at) })),
  audit: audit.map(({ id, at, action, actor, request_id, details }) => ({
    ...{ id, at: at.toISOString(), action, actor: nameOf(actor), requestId: request_id },
    details: isObject(details) ? details : ({} satisfies JsonObject),
  })),
  notices: notices.map(
    ({ id, kind, destination, state, attempts, created_at, settled_at, last_error, request_id }) => ({
      ...{ id, kind, to: nameOfPlace(destination), state, attempts },
      ...{
        createdAt: created_at.toISOString(),
        settledAt: moment(settled_at),
        error: last_error,
        requestId: request_id,
      },
    }),
  ),
});

const moment = (at: Date | null): string | null => at?.toISOString() ?? null;

/** As a person says it: `Olivia`, `the clock`, `key service`. */
const nameOf = (actor: string): string => nameOfActor(actor).replace(/^key:/, 'key ');
