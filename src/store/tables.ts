import type { Grant } from '../domain/grant.ts';
import { type BareGrantRow, bareGrantFrom } from './grant-rows.ts';
import type { Reading } from './reading.ts';

/** What the tables say, whatever the history says: read as they are, for a comparison of the two. */

/** A grant as its row and its legs say it; a sentence where they contradict themselves. */
export type GrantOrNonsense = { id: string; grant: Grant } | { id: string; nonsense: string };

export async function* grantsInTables(reading: Reading): AsyncGenerator<GrantOrNonsense[]> {
  const chunks = reading.inChunks<BareGrantRow>(
    `select g.*, g.kind::text, g.state::text, g.required_legs::text[],
       (select json_agg(json_build_object('role', l.role, 'verdict', l.verdict, 'person_id', l.person_id,
           'decided_at', l.decided_at, 'minutes', l.minutes, 'comment', l.comment, 'outside', l.outside) order by array_position(g.required_legs, l.role))
          from legs l where l.grant_id = g.id) as legs
     from grants g order by g.requested_at, g.id`,
  );
  for await (const rows of chunks) yield rows.map(grantOrNonsense);
}

function grantOrNonsense(row: BareGrantRow): GrantOrNonsense {
  try {
    return { id: row.id, grant: bareGrantFrom(row) };
  } catch (error) {
    return { id: row.id, nonsense: error instanceof Error ? error.message : String(error) };
  }
}

export interface ReviewInTable {
  grant: string;
  operator: string | null;
  dueAt: Date;
  reviewed: { by: string; at: string; answers: unknown } | null;
  excused: { by: string; at: string; reason: string } | null;
}

const iso = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Reviews; the operator by the name that the audit has for them. */
export const reviewsInTables = (reading: Reading): Promise<ReviewInTable[]> =>
  reading.all<ReviewInTable>(
    `select grant_id as "grant", due_at as "dueAt",
       (select 'slack:' || issuer || ':' || external_id from identities i
         where i.person_id = r.operator_id and i.provider = 'slack') as operator,
       case when reviewed_at is not null
         then json_build_object('by', reviewer_id, 'at', ${iso('reviewed_at')}, 'answers', answers) end as reviewed,
       case when excused_at is not null
         then json_build_object('by', excused_by, 'at', ${iso('excused_at')}, 'reason', excuse_reason) end as excused
     from reviews r order by due_at, grant_id`,
  );

export interface OwnerInTable {
  tenant: string;
  /** `T0HOME:U0OPS`; null where the person has no Slack account. */
  account: string | null;
  guest: boolean;
}

export const ownersInTables = (reading: Reading): Promise<OwnerInTable[]> =>
  reading.all<OwnerInTable>(
    `select o.tenant_id as tenant, i.issuer || ':' || i.external_id as account, o.guest_allowed as guest
       from owners o left join identities i on i.person_id = o.person_id and i.provider = 'slack' order by 1, 2`,
  );

export interface KeyInTable {
  name: string;
  role: string;
  tenants: string[] | null;
  subjects: string[] | null;
  actions: string[] | null;
  defaultTenant: string | null;
  perSecond: number;
  expiresAt: Date;
  /** SHA-256 of what is stored of the key, hexadecimal: the entries say this, and not what is stored. */
  fingerprint: string;
  revoked: boolean;
}

/** API keys; tenants by their keys. */
export const keysInTables = (reading: Reading): Promise<KeyInTable[]> =>
  reading.all<KeyInTable>(
    `select k.name, k.role, k.subjects, k.actions, k.per_second as "perSecond", k.expires_at as "expiresAt",
       k.revoked_at is not null as revoked, encode(sha256(k.secret_hash), 'hex') as fingerprint, d.key as "defaultTenant",
       case when k.tenants is not null
         then array(select coalesce(t.key, id::text) from unnest(k.tenants) id left join tenants t using (id)) end as tenants
     from api_keys k left join tenants d on d.id = k.default_tenant_id order by k.created_at, k.name`,
  );

export interface TenantInTable {
  id: string;
  key: string;
  name: string;
  channel: string | null;
  shared: boolean;
  archived: boolean;
  ownersChangedAt: Date | null;
}

export const tenantsInTables = (reading: Reading): Promise<TenantInTable[]> =>
  reading.all<TenantInTable>(
    `select id, key, name, channel, channel_shared as shared, archived_at is not null as archived,
       owners_changed_at as "ownersChangedAt"
     from tenants order by key`,
  );

export interface IdentityInTable {
  /** `oidc:ISSUER#SUBJECT` */
  name: string;
  /** `slack:T0HOME:U0OPS`; null where the person has no Slack account. */
  person: string | null;
  /** Who vouches for it. */
  via: string;
}

/** Whose subjects of identity providers are. */
export const identitiesInTables = (reading: Reading): Promise<IdentityInTable[]> =>
  reading.all<IdentityInTable>(
    `select 'oidc:' || o.issuer || '#' || o.external_id as name, o.source as via,
       (select 'slack:' || s.issuer || ':' || s.external_id from identities s
         where s.person_id = o.person_id and s.provider = 'slack' order by 1 limit 1) as person
     from identities o where o.provider = 'oidc' order by 1`,
  );

export interface ScheduleInTable {
  name: string;
  lastRunAt: Date | null;
  /** Nobody looks at it for more than an hour from now: clocks do not differ by that much. */
  ahead: boolean;
  /** Null for the file's, whose times are in the file. */
  definition: { job: string; cron: string; timezone: string; channel: string | null } | null;
}

export const schedulesInTables = (reading: Reading): Promise<ScheduleInTable[]> =>
  reading.all(
    `select name, last_run_at as "lastRunAt", checked_until > breakglass_now() + interval '1 hour' as ahead, case when cron is not null
       then json_build_object('job', job, 'cron', cron, 'timezone', timezone, 'channel', channel) end as definition
     from schedules order by name`,
  );

export interface AttachmentInTable {
  id: string;
  grant: string;
  kind: string;
  title: string;
  links: string[];
  /** SHA-256 of the content as it is now, hexadecimal. */
  sha256: string;
  late: boolean;
  by: string;
}

export const attachmentsInTables = (reading: Reading): Promise<AttachmentInTable[]> =>
  reading.all<AttachmentInTable>(
    `select id, grant_id as "grant", kind, title, links, late, added_by as by, encode(sha256(convert_to(content, 'UTF8')), 'hex') as sha256
       from attachments order by added_at, id`,
  );
