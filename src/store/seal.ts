import type { TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';

/** Rows sealed at once: what a statement does in well under a second. */
export const SEAL_BATCH = 20_000;

/** One sealer at a time, in the whole cluster's database; the number means nothing else. */
const SEALER_LOCK = 7_305_712_941;

/** @returns false where another process is sealing */
export async function lockSealer(tx: Tx): Promise<boolean> {
  const rows = await tx.$queryRaw<
    { taken: boolean }[]
  >`select pg_try_advisory_xact_lock(${SEALER_LOCK}::bigint) as taken`;
  return rows[0]?.taken ?? false;
}

/** A signed head as it was stored, with what appending to its tree needs to know. */
export interface StoredCheckpoint {
  /** The tenant's own tree; null for the tree of everything. */
  tenant: TenantId | null;
  size: number;
  root: Buffer;
  note: string;
  /** Roots of the whole subtrees that the tree consists of, the largest first. */
  peaks: Buffer[];
  /** Transactions before this one had ended, and all their rows are sealed. */
  horizon: bigint;
  /** The server whose transactions those are. */
  server: string;
  posted: boolean;
  at: Date;
}

interface CheckpointRow {
  tenant_id: TenantId | null;
  size: bigint;
  root: Uint8Array;
  note: string;
  frontier: Uint8Array;
  horizon: bigint;
  server: string;
  posted: boolean;
  at: Date;
}

const checkpointFrom = (row: CheckpointRow): StoredCheckpoint => ({
  tenant: row.tenant_id,
  size: Number(row.size),
  root: Buffer.from(row.root),
  note: row.note,
  peaks: hashesIn(row.frontier),
  horizon: row.horizon,
  server: row.server,
  posted: row.posted,
  at: row.at,
});

/** Hashes that are stored one behind the other. */
function hashesIn(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes);
  return Array.from({ length: all.length / 32 }, (_, i) => all.subarray(i * 32, i * 32 + 32));
}

/** The newest head of the tree of everything; null before the first. Across tenants. */
export async function newestCheckpoint(tx: Tx): Promise<StoredCheckpoint | null> {
  const rows = await tx.$queryRaw<CheckpointRow[]>`
    select * from checkpoints where tenant_id is null order by size desc, posted desc limit 1`;
  return rows[0] ? checkpointFrom(rows[0]) : null;
}

/** The newest head of each of these tenants' own trees; none of a tenant that has no entry yet. */
export async function newestOfTenants(tx: Tx, tenants: readonly TenantId[]): Promise<Map<TenantId, StoredCheckpoint>> {
  const rows = await tx.$queryRaw<CheckpointRow[]>`
    select c.* from unnest(${tenants}::uuid[]) as wanted (id)
      join lateral (select * from checkpoints where tenant_id = wanted.id order by size desc, posted desc limit 1) c on true`;
  return new Map(rows.map((row) => [String(row.tenant_id), checkpointFrom(row)]));
}

/** Whether a head of the tree of everything was sent to people within so many hours. */
export async function postedWithin(tx: Tx, hours: number): Promise<boolean> {
  const rows = await tx.$queryRaw<{ lately: boolean }[]>`
    select at > breakglass_now() - make_interval(hours => ${hours}::int) as lately
      from checkpoints where tenant_id is null and posted order by id desc limit 1`;
  return rows[0]?.lately ?? false;
}

/** The newest head of each tree of a tenant, where people have not got that one. */
export async function unpostedOfTenants(tx: Tx): Promise<StoredCheckpoint[]> {
  const rows = await tx.$queryRaw<CheckpointRow[]>`
    select c.* from tenants t
      join lateral (select * from checkpoints where tenant_id = t.id order by size desc, posted desc limit 1) c on true
     where not c.posted`;
  return rows.map(checkpointFrom);
}

/** From where to look for rows that are not sealed. */
export interface Looking {
  /** Rows of transactions before this one are sealed. */
  horizon: bigint;
  /** Rows up to this one have been looked at in this round. */
  after: bigint;
}

/** What became leaves, in order. */
export interface SealedRows {
  hashes: Buffer[];
  tenants: { tenant: TenantId; hashes: Buffer[]; closing: boolean }[];
  /** A break-glass session closed in these rows. */
  closing: boolean;
  /** The last row, and whether there may be more of this round behind it. */
  last: bigint;
  more: boolean;
  /** Transactions before this one had ended when these rows were read. */
  horizon: bigint;
}

/**
 * Makes leaves of the rows that are visible and not sealed, those of lower numbers first, behind the `size` leaves that
 * there are. What commits later is found by the transaction that wrote it: a number says nothing about when it commits.
 */
export async function sealRows(tx: Tx, size: number, { horizon, after }: Looking): Promise<SealedRows> {
  const [row] = await tx.$queryRaw<SealedRow[]>`
    with recent as materialized (
      select id from audit_events where tx >= ${horizon} and id > ${after}
         and (${horizon} = 0 or tx < pg_snapshot_xmax(pg_current_snapshot())::text::bigint)),
    chosen as (
      select id from recent r where not exists (select from audit_leaves l where l.event_id = r.id)
       order by id limit ${SEAL_BATCH}),
    numbered as (
      select e.id, e.tenant_id, sha256('\\x00'::bytea || convert_to(e.entry, 'UTF8')) as hash,
             e.action in ('break_glass.ended', 'break_glass.revoked', 'break_glass.expired') as closing,
             ${size}::bigint + row_number() over (order by e.id) - 1 as leaf,
             row_number() over (partition by e.tenant_id order by e.id) - 1 as nth
        from chosen join audit_events e using (id)),
    tenants as (
      select tenant_id, string_agg(hash, ''::bytea order by leaf) as hashes, bool_or(closing) as closing,
             coalesce((select max(c.size) from checkpoints c where c.tenant_id = n.tenant_id), 0) as size
        from numbered n where tenant_id is not null group by tenant_id),
    sealed as (
      insert into audit_leaves (leaf, event_id, hash, tenant_id, tenant_leaf)
      select n.leaf, n.id, n.hash, n.tenant_id, t.size + n.nth from numbered n left join tenants t using (tenant_id))
    select count(*)::int as count, max(id) as last, string_agg(hash, ''::bytea order by leaf) as hashes,
           coalesce(bool_or(closing), false) as closing, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon,
           (select json_agg(json_build_object('tenant', tenant_id, 'hashes', encode(hashes, 'hex'), 'closing', closing))
              from tenants) as tenants
      from numbered`;
  if (!row) throw new Error('Counting gave no row.');
  return {
    hashes: hashesIn(row.hashes ?? new Uint8Array()),
    tenants: (row.tenants ?? []).map((each) => ({ ...each, hashes: hashesIn(Buffer.from(each.hashes, 'hex')) })),
    closing: row.closing,
    last: row.last ?? after,
    more: row.count === SEAL_BATCH,
    horizon: row.horizon,
  };
}

interface SealedRow {
  count: number;
  last: bigint | null;
  hashes: Uint8Array | null;
  closing: boolean;
  horizon: bigint;
  tenants: { tenant: TenantId; hashes: string; closing: boolean }[] | null;
}

/** Which server this is, and its newest transaction's number: both are others where the rows came here in a dump. */
export async function serverNow(tx: Tx): Promise<{ server: string; transaction: bigint }> {
  const rows = await tx.$queryRaw<{ server: string; transaction: bigint }[]>`
    select system_identifier::text as server, pg_snapshot_xmax(pg_current_snapshot())::text::bigint as transaction
      from pg_control_system()`;
  if (!rows[0]) throw new Error('The server did not say which one it is.');
  return rows[0];
}

/** A whole subtree of 2^level leaves: kept where that is a power of 256. */
export interface StoredNode {
  tenant: TenantId | null;
  level: number;
  index: number;
  hash: Buffer;
}

export async function saveNodes(tx: Tx, nodes: readonly StoredNode[]): Promise<void> {
  if (nodes.length === 0) return;
  await tx.$executeRaw`
    insert into audit_nodes (tenant_id, level, index, hash)
    select tenant, level, index, decode(hash, 'hex')
      from jsonb_to_recordset(${JSON.stringify(nodes.map((node) => ({ ...node, hash: node.hash.toString('hex') })))}::jsonb)
        as node (tenant uuid, level smallint, index bigint, hash text)`;
}

export async function saveCheckpoints(tx: Tx, made: readonly Omit<StoredCheckpoint, 'at'>[]): Promise<void> {
  const rows = made.map(({ tenant, size, root, note, peaks, horizon, server, posted }) => ({
    ...{ tenant, size, note, posted, server, horizon: String(horizon) },
    ...{ root: root.toString('hex'), frontier: Buffer.concat(peaks).toString('hex') },
  }));
  await tx.$executeRaw`
    insert into checkpoints (tenant_id, size, root, note, frontier, horizon, server, posted)
    select tenant, size, decode(root, 'hex'), note, decode(frontier, 'hex'), horizon, server, posted
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as made (tenant uuid, size bigint, root text, note text, frontier text, horizon bigint, server text, posted boolean)`;
}

/** @returns false where the key was known before */
export async function rememberSealKey(tx: Tx, verifierKey: string): Promise<boolean> {
  const added = await tx.sealKey.createMany({ data: { verifierKey }, skipDuplicates: true });
  return added.count === 1;
}

/** Every key that ever signed here, the oldest first: for people to look at, never to trust. */
export const listSealKeys = (tx: Tx): Promise<{ verifierKey: string; since: Date }[]> =>
  tx.sealKey.findMany({ orderBy: [{ since: 'asc' }, { verifierKey: 'asc' }] });

/** When the oldest row that should have been sealed by now was written; null where none waits that long. */
export async function unsealedSince(tx: Tx, seconds: number): Promise<Date | null> {
  const rows = await tx.$queryRaw<{ at: Date | null }[]>`
    with sealed as (select coalesce(max(horizon), 0) as horizon from (
           select horizon from checkpoints where tenant_id is null order by size desc limit 1) newest),
    recent as materialized (
      select id, at from audit_events
       where tx >= (select horizon from sealed)
         and ((select horizon from sealed) = 0 or tx < pg_snapshot_xmax(pg_current_snapshot())::text::bigint) and at < breakglass_now() - make_interval(secs => ${seconds}))
    select min(at) as at from recent r where not exists (select from audit_leaves l where l.event_id = r.id)`;
  return rows[0]?.at ?? null;
}

/** Hashes that stand beside each other: leaves (level 0) or stored subtrees, from one index up to another. */
export interface Block {
  level: number;
  from: number;
  to: number;
}

/** The hashes of several blocks in one look, in order. A hash that is not there is left out. */
export async function readBlocks(tx: Tx, tenant: TenantId | null, blocks: readonly Block[]): Promise<Buffer[][]> {
  const leaf = tenant === null ? Prisma.sql`leaf` : Prisma.sql`tenant_leaf`;
  const ours = tenant === null ? Prisma.sql`true` : Prisma.sql`tenant_id = ${tenant}::uuid`;
  const tree = tenant === null ? Prisma.sql`tenant_id is null` : ours;
  const rows = await tx.$queryRaw<{ hashes: Uint8Array | null }[]>`
    select case when b.level = 0
      then (select string_agg(hash, ''::bytea order by ${leaf}) from audit_leaves
             where ${ours} and ${leaf} >= b.first and ${leaf} < b.last)
      else (select string_agg(hash, ''::bytea order by index) from audit_nodes
             where ${tree} and level = b.level and index >= b.first and index < b.last)
      end as hashes
      from jsonb_to_recordset(${JSON.stringify(blocks.map(({ level, from, to }, n) => ({ n, level, first: from, last: to })))}::jsonb)
        as b (n int, level int, first bigint, last bigint) order by b.n`;
  return rows.map(({ hashes }) => (hashes === null ? [] : hashesIn(hashes)));
}
