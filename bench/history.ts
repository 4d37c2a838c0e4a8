import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** Rows written past the bot's code: a history too long to be lived through, and grants that end when we want. */

/** Says to the server that rows arrive as they were elsewhere: no trigger looks at them, no bell rings. */
const asTheyWere = async (admin: pg.Client, work: () => Promise<unknown>): Promise<void> => {
  await admin.query("begin; set local session_replication_role = 'replica'; set local synchronous_commit = off");
  await work();
  await admin.query('commit');
};

export interface Crowd {
  operators: string[];
  approvers: [owner: string, security: string];
  tenants: { id: string; key: string; channel: string }[];
  policy: string;
}

/** People with Slack accounts, beside the tenants and the policy that are there. */
export async function aCrowd(admin: pg.Client, users: readonly string[], approvers: [string, string]): Promise<Crowd> {
  const personOf = async (user: string): Promise<string> => {
    const { rows } = await admin.query<{ person_id: string }>(
      `with known as (select person_id from identities where provider = 'slack' and issuer = 'T0HOME' and external_id = $1),
            made as (insert into people (id) select $2 where not exists (select from known) returning id),
            named as (insert into identities (provider, issuer, external_id, person_id)
                      select 'slack', 'T0HOME', $1, id from made returning person_id)
       select person_id from known union all select person_id from named`,
      [user, randomUUID()],
    );
    return rows[0]?.person_id ?? '';
  };
  const operators: string[] = [];
  for (const user of users) operators.push(await personOf(user));
  const tenants = await admin.query<Crowd['tenants'][number]>(
    'select id, key, channel from tenants where channel is not null order by key',
  );
  const policies = await admin.query<{ hash: string }>('select hash from policies');
  return {
    operators,
    approvers: [await personOf(approvers[0]), await personOf(approvers[1])],
    tenants: tenants.rows,
    policy: policies.rows[0]?.hash ?? '',
  };
}

const SLICE = 100_000;

/**
 * So many break-glass sessions of the last three years, asked for, approved by two, active for an hour, closed and
 * reviewed, with their audit rows and delivered notices.
 */
export async function fillHistory(
  admin: pg.Client,
  { operators, approvers, tenants, policy }: Crowd,
  count: number,
  say: (progress: string) => void,
): Promise<void> {
  await admin.query(`create or replace function history_id(i int) returns uuid language sql immutable
    as $$ select md5('a grant of the past ' || i)::uuid $$`);
  const values = [operators, tenants.map(({ id }) => id), approvers, policy, count];
  for (let from = 1; from <= count; from += SLICE) {
    const to = Math.min(count, from + SLICE - 1);
    await asTheyWere(admin, async () => {
      await admin.query(
        `create temp table past on commit drop as
         select i, history_id(i) as id, ($1::uuid[])[1 + i % cardinality($1::uuid[])] as requester,
                ($2::uuid[])[1 + i % cardinality($2::uuid[])] as tenant,
                date_trunc('second', clock_timestamp()) - interval '10 days' - (3 * interval '365 days') * ($5::int - i) / $5::int as at,
                ($3::uuid[])[1] as owner, ($3::uuid[])[2] as security, $4::text as policy,
                (array['expired', 'ended', 'revoked'])[1 + i % 3]::grant_state as state
           from generate_series(${from}, ${to}) i`,
        values,
      );
      for (const statement of statements) await admin.query(statement);
    });
    say(`${to.toLocaleString('en-US')} grants of history`);
  }
  await admin.query('vacuum analyze');
}

const statements = [
  `insert into grants (id, tenant_id, kind, scope, circumstance, requester_id, reason, ticket, minutes_asked,
     minutes_granted, required_legs, policy_hash, state, requested_at, lapses_at, activated_at, expires_at, closed_at, version)
   select id, tenant, 'break_glass', 'content_access', 'critical_incident', requester, 'The import was corrupting documents',
     'INC-' || i, 60, 60, '{owner,security}', policy, state, at, at + interval '1 hour', at + interval '2 minutes',
     at + interval '62 minutes', at + interval '62 minutes', 5 from past`,
  `insert into legs (grant_id, role, tenant_id, verdict, person_id, decided_at)
   select id, role, tenant, 'approved', case role when 'owner' then owner else security end, at + interval '2 minutes'
     from past cross join unnest(array['owner', 'security']::leg_role[]) role`,
  `insert into reviews (grant_id, tenant_id, operator_id, due_at, reviewed_at, reviewer_id, answers)
   select id, tenant, requester, at + interval '3 days', at + interval '1 day', security, '{}' from past`,
  `insert into outbox (destination, kind, tenant_id, grant_id, payload, request_id, state, created_at, settled_at)
   select place, 'card', tenant, id, '{"kind":"card"}', 'history', 'delivered', at, at
     from past cross join unnest(array['C0OWNERS', 'C0SECURITY', 'U0SOMEBODY']) place`,
  `insert into audit_events (at, action, actor, tenant_id, grant_id, request_id, details, entry)
   select at, 'break_glass.' || action, 'slack:T0HOME:U0SOMEBODY', tenant, id, 'history', '{}',
     '{"v":1,"at":"' || at || '","action":"break_glass.' || action || '","tenant":"' || tenant || '","grant":"' || id || '","details":{}}'
     from past cross join unnest(array['requested', 'approved', 'activated', 'expired', 'reviewed']) action`,
];

/** An access that is active until a moment, or a request that waits for security until then; and where its card stands. */
export interface OpenGrant {
  state: 'active' | 'requested';
  tenant: string;
  operator: string;
  until: Date;
  places: readonly Standing[];
}

export interface Standing {
  destination: string;
  audience: 'approvers' | 'requester';
  /** Where the message stands in Slack. */
  channel: string;
  ts: string;
}

const HOUR_MS = 60 * 60_000;

/**
 * Adds break-glass sessions that two people approved, or requests that the owner approved, as the bot would have left them.
 * @returns their ids
 */
export async function addOpenGrants(
  admin: pg.Client,
  { approvers, policy }: Crowd,
  grants: readonly OpenGrant[],
): Promise<string[]> {
  const made = grants.map((grant) => ({
    ...grant,
    id: randomUUID(),
    began: new Date(grant.until.getTime() - HOUR_MS),
  }));
  type Made = (typeof made)[number];
  const grantRow = ({ id, state, tenant, operator, until, began }: Made) => ({
    ...{ id, state, tenant_id: tenant, requester_id: operator, policy_hash: policy, version: VERSION, waived: false },
    ...{ kind: 'break_glass', scope: 'content_access', circumstance: 'critical_incident', group_members: {} },
    ...{ reason: 'The import is corrupting documents', ticket: 'INC-42', minutes_asked: 60, minutes_granted: 60 },
    ...{ required_legs: ['owner', 'security'], requested_at: new Date(began.getTime() - 60_000), lapses_at: until },
    ...(state === 'active' ? { activated_at: began, expires_at: until } : { activated_at: null, expires_at: null }),
  });
  const legRow = ({ id, state, tenant, began }: Made, role: 'owner' | 'security') => ({
    ...{ grant_id: id, tenant_id: tenant, role },
    ...(state === 'active' || role === 'owner'
      ? { verdict: 'approved', person_id: approvers[role === 'owner' ? 0 : 1], decided_at: began }
      : { verdict: null, person_id: null, decided_at: null }),
  });
  const noticeRow = ({ id, tenant, began }: Made, { destination, audience, ts }: Standing) => ({
    ...{ destination, kind: 'card', tenant_id: tenant, grant_id: id, request_id: 'bench', state: 'delivered' },
    payload: { kind: 'card', grant: id, audience, legs: audience === 'approvers' ? ['owner'] : [] },
    ...{ created_at: began, not_before: began, settled_at: began, attempts: 1, slack_ts: ts },
  });
  const placeRow = ({ id, tenant }: Made, { destination, channel, ts }: Standing) => ({
    ...{ grant_id: id, destination, tenant_id: tenant, channel, ts, version_shown: VERSION },
  });
  await asTheyWere(admin, async () => {
    await insert(admin, 'grants', made.map(grantRow));
    await insert(
      admin,
      'legs',
      made.flatMap((grant) => [legRow(grant, 'owner'), legRow(grant, 'security')]),
    );
    await insert(
      admin,
      'outbox',
      made.flatMap((grant) => grant.places.map((place) => noticeRow(grant, place))),
    );
    await insert(
      admin,
      'posted_messages',
      made.flatMap((grant) => grant.places.map((place) => placeRow(grant, place))),
    );
  });
  // No bell rang: each destination needs its lane all the same.
  await admin.query('insert into lanes (destination) select distinct destination from outbox on conflict do nothing');
  return made.map(({ id }) => id);
}

const VERSION = 4;

/** Columns that the rows do not have get their defaults. */
async function insert(admin: pg.Client, table: string, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0] ?? {});
  await admin.query(
    `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
    [JSON.stringify(rows)],
  );
}
