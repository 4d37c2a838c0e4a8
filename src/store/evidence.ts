import type { GrantId, TenantId } from '../domain/words.ts';
import type { Reading } from './reading.ts';

/** What a bundle of evidence holds beside sealed entries: parts of tables that are not sealed, at one moment. */

export interface TenantName {
  id: TenantId;
  key: string;
}

/** The database's time of this reading. */
export async function readingTime(reading: Reading): Promise<Date> {
  const [row] = await reading.all<{ now: Date }>('select public.breakglass_now() as now');
  if (!row) throw new Error('The database did not say its time.');
  return row.now;
}

export async function tenantByKey(reading: Reading, key: string): Promise<TenantName | null> {
  const [row] = await reading.all<{ id: TenantId; key: string }>('select id, key from tenants where key = $1', [key]);
  return row ?? null;
}

export async function tenantOf(reading: Reading, grant: GrantId): Promise<TenantName | null> {
  const [row] = await reading.all<{ id: TenantId; key: string }>(
    'select t.id, t.key from grants g join tenants t on t.id = g.tenant_id where g.id = $1',
    [grant],
  );
  return row ?? null;
}

/** Tenants by their ids, so many at a time. */
export async function* tenantRows(reading: Reading, ids: readonly TenantId[]): AsyncGenerator<TenantRow[]> {
  for (const some of inGroups(ids, 1_000)) {
    yield await reading.all<TenantRow>('select id, key, name from tenants where id = any ($1::uuid[]) order by key', [
      some,
    ]);
  }
}

export interface TenantRow {
  id: TenantId;
  key: string;
  name: string;
}

/** Which notices: of a grant; or made in a window of time, of one tenant or of all. */
export type NoticesOf = { grant: GrantId } | { from: Date; to: Date; tenant: TenantId | null };

export interface NoticeRow {
  id: string;
  kind: string;
  fact: string | null;
  destination: string;
  tenant: TenantId | null;
  grant: GrantId | null;
  created: string;
  settled: string | null;
  state: string;
  ts: string | null;
  late: boolean;
  attempts: number;
}

/** Who was told what, where and when, a chunk at a time. */
export function noticesOf(reading: Reading, of: NoticesOf): AsyncGenerator<NoticeRow[]> {
  const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const columns = `id::text, kind, payload ->> 'fact' as fact, destination, tenant_id as tenant, grant_id as "grant",
    ${iso('created_at')} as created, ${iso('settled_at')} as settled, state::text, slack_ts as ts,
    requeued_at is not null as late, attempts`;
  if ('grant' in of) {
    return reading.inChunks<NoticeRow & Record<string, unknown>>(
      `select ${columns} from outbox o where grant_id = $1 order by o.id`,
      [of.grant],
    );
  }
  return reading.inChunks<NoticeRow & Record<string, unknown>>(
    `select ${columns} from outbox o
      where created_at >= $1 and created_at < $2 and ($3::uuid is null or tenant_id = $3) order by o.id`,
    [of.from, of.to, of.tenant],
  );
}

/** What was attached, by id, so many at a time that it is not much. */
export async function* attachmentContents(reading: Reading, ids: readonly string[]) {
  for (const some of inGroups(ids.filter(isId), 20)) {
    yield await reading.all<{ id: string; content: string }>(
      'select id, content from attachments where id = any ($1::uuid[])',
      [some],
    );
  }
}

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** Configurations by their hashes. */
export async function* policyTexts(reading: Reading, hashes: readonly string[]) {
  for (const some of inGroups(hashes, 20)) {
    yield await reading.all<{ id: string; content: string }>(
      'select hash as id, text as content from policies where hash = any ($1::text[])',
      [some],
    );
  }
}

/** Where the first leaf from a moment on would stand, in a tree that has none in a window that begins then. */
export async function placeAt(reading: Reading, tenant: TenantId | null, moment: Date): Promise<number> {
  const place = tenant === null ? 'l.leaf' : 'l.tenant_leaf';
  const [row] = await reading.all<{ last: string | null }>(
    `select max(${place}) as last from audit_events e join audit_leaves l on l.event_id = e.id
      where e.at < $2 and ($1::uuid is null or e.tenant_id = $1)`,
    [tenant, moment],
  );
  return row?.last == null ? 0 : Number(row.last) + 1;
}

function* inGroups<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
