import type { TenantId } from '../domain/words.ts';
import type { Reading } from './reading.ts';

/** A row of the audit as it stands in the sealed history: its text, its place, and what was sealed of it. */
export interface SealedEntry {
  leaf: number;
  /** Its place in its tenant's own tree; null for a row of no tenant. */
  tenantLeaf: number | null;
  /** What was sealed: SHA-256(0x00 || entry) at that time. */
  hash: Buffer;
  /** The exact text; null where the row is not there any more. */
  entry: string | null;
}

/** Which leaves: a stretch of the tree of everything, or of one tenant's own tree; from one place up to another. */
export interface Leaves {
  tenant: TenantId | null;
  from: number;
  to: number;
}

interface EntryRow {
  leaf: string;
  tenant_leaf: string | null;
  hash: Buffer;
  entry: string | null;
}

/** Sealed entries in the order of their tree, a chunk at a time. */
export async function* sealedEntries(reading: Reading, { tenant, from, to }: Leaves): AsyncGenerator<SealedEntry[]> {
  const place = tenant === null ? 'l.leaf' : 'l.tenant_leaf';
  const chunks = reading.inChunks<EntryRow>(
    `select l.leaf, l.tenant_leaf, l.hash, e.entry from audit_leaves l left join audit_events e on e.id = l.event_id
      where ($1::uuid is null or l.tenant_id = $1) and ${place} >= $2 and ${place} < $3 order by ${place}`,
    [tenant, from, to],
  );
  for await (const rows of chunks) yield rows.map(entryFrom);
}

/** The sealed entries about one grant, in the order of the tree of everything. */
export async function* entriesOfGrant(reading: Reading, grant: string): AsyncGenerator<SealedEntry[]> {
  const chunks = reading.inChunks<EntryRow>(
    `select l.leaf, l.tenant_leaf, l.hash, e.entry from audit_events e join audit_leaves l on l.event_id = e.id
      where e.grant_id = $1 order by l.leaf`,
    [grant],
  );
  for await (const rows of chunks) yield rows.map(entryFrom);
}

const entryFrom = ({ leaf, tenant_leaf, hash, entry }: EntryRow): SealedEntry => ({
  leaf: Number(leaf),
  tenantLeaf: tenant_leaf === null ? null : Number(tenant_leaf),
  hash,
  entry,
});

/**
 * The shortest stretch of a tree that holds every row of a window in time: from its first row in it to its last one.
 * Rows are sealed after they are written, so a stretch may hold a few of just before or after.
 * @param to rows at or after this moment are not in the window
 * @returns null where no sealed row is in the window
 */
export async function leavesOfWindow(
  reading: Reading,
  tenant: TenantId | null,
  from: Date,
  to: Date,
): Promise<Leaves | null> {
  const place = tenant === null ? 'l.leaf' : 'l.tenant_leaf';
  const [row] = await reading.all<{ first: string | null; last: string | null }>(
    `select min(${place}) as first, max(${place}) as last from audit_events e join audit_leaves l on l.event_id = e.id
      where e.at >= $2 and e.at < $3 and ($1::uuid is null or e.tenant_id = $1)`,
    [tenant, from, to],
  );
  if (!row || row.first === null || row.last === null) return null;
  return { tenant, from: Number(row.first), to: Number(row.last) + 1 };
}

/** Heads of a tree that were signed, the oldest first; only those that people got, or all. */
export async function signedHeads(
  reading: Reading,
  tenant: TenantId | null,
  which: 'posted' | 'newest' | 'all',
): Promise<{ size: number; note: string; at: Date }[]> {
  const rows = await reading.all<{ size: string; note: string; at: Date }>(
    `select size, note, at from (
       select distinct on (size) size, note, at, id from checkpoints
        where tenant_id is not distinct from $1::uuid and ($2 <> 'posted' or posted) order by size desc, id
        ${which === 'newest' ? 'limit 1' : ''}) heads order by size`,
    [tenant, which],
  );
  return rows.map(({ size, ...rest }) => ({ size: Number(size), ...rest }));
}

/** Hashes that stand beside each other: leaves (level 0) or stored subtrees (8, 16, ...), in order. */
export async function hashesBetween(
  reading: Reading,
  tenant: TenantId | null,
  { level, from, to }: { level: number; from: number; to: number },
): Promise<Buffer[]> {
  const place = tenant === null ? 'leaf' : 'tenant_leaf';
  const ours = tenant === null ? 'tenant_id is null' : 'tenant_id = $4';
  const rows = await reading.all<{ hash: Buffer }>(
    level === 0
      ? `select hash from audit_leaves where ${place} >= $1 and ${place} < $2 and $3 = 0 and ${tenant === null ? 'true' : ours} order by ${place}`
      : `select hash from audit_nodes where index >= $1 and index < $2 and level = $3 and ${ours} order by index`,
    [from, to, level, ...(tenant === null ? [] : [tenant])],
  );
  return rows.map(({ hash }) => hash);
}

/** A leaf with the row that it is of, and whether the columns of the row say what its text says. */
export interface LeafWithRow {
  leaf: number;
  hash: Buffer;
  tenant: TenantId | null;
  tenantLeaf: number | null;
  row: string;
  entry: string | null;
  columnsAgree: boolean;
}

/** As `audit_entry` puts it together, said once more: a function in the database may have been replaced. */
const entryFromColumns = `'{"v":1,"id":' || e.id
  || ',"at":"' || to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'
  || ',"action":' || to_json(e.action) || ',"actor":' || to_json(e.actor)
  || ',"tenant":' || coalesce('"' || e.tenant_id || '"', 'null') || ',"grant":' || coalesce('"' || e.grant_id || '"', 'null')
  || ',"request_id":' || to_json(e.request_id) || ',"details":' || e.details || '}'`;

/** The whole sealed history in order, a chunk at a time. */
export async function* leavesWithRows(reading: Reading): AsyncGenerator<LeafWithRow[]> {
  const chunks = reading.inChunks<
    Record<'leaf' | 'tenant_leaf' | 'row', string> & Omit<LeafWithRow, 'leaf' | 'tenantLeaf'>
  >(
    `select l.leaf, l.hash, l.tenant_id as tenant, l.tenant_leaf, l.event_id as row, e.entry,
            coalesce(e.tenant_id is not distinct from l.tenant_id and e.entry = ${entryFromColumns}, false) as "columnsAgree"
       from audit_leaves l left join audit_events e on e.id = l.event_id order by l.leaf`,
  );
  for await (const rows of chunks) {
    yield rows.map(({ leaf, tenant_leaf, ...rest }) => {
      return { ...rest, leaf: Number(leaf), tenantLeaf: tenant_leaf === null ? null : Number(tenant_leaf) };
    });
  }
}

export const countLeaves = async (reading: Reading): Promise<number> =>
  Number((await reading.all<{ count: string }>('select count(*) from audit_leaves'))[0]?.count ?? 0);

/** Every signed head in the order in which they were signed. */
export async function* headsInOrder(
  reading: Reading,
): AsyncGenerator<{ tenant: TenantId | null; size: number; root: Buffer; note: string }[]> {
  const chunks = reading.inChunks<{ tenant: TenantId | null; size: string; root: Buffer; note: string }>(
    'select tenant_id as tenant, size, root, note from checkpoints order by id',
  );
  for await (const rows of chunks) yield rows.map((row) => ({ ...row, size: Number(row.size) }));
}

/** The stored roots of subtrees, by tree, level and index. */
export async function storedNodes(reading: Reading): Promise<Map<string, Buffer>> {
  const rows = await reading.all<{ name: string; hash: Buffer }>(
    `select coalesce(tenant_id::text, '') || '/' || level || '/' || index as name, hash from audit_nodes`,
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

/** A row that is not sealed. */
export interface UnsealedRow {
  row: string;
  entry: string;
  /** Its columns say what its text says. */
  columnsAgree: boolean;
  now: Date;
}

/** Rows that are not sealed, in the order of their numbers. */
export async function* unsealedRows(reading: Reading): AsyncGenerator<UnsealedRow[]> {
  yield* reading.inChunks<UnsealedRow>(
    `select e.id as row, e.entry, coalesce(e.entry = ${entryFromColumns}, false) as "columnsAgree",
            breakglass_now() as now
       from audit_events e where not exists (select from audit_leaves l where l.event_id = e.id) order by e.id`,
  );
}
