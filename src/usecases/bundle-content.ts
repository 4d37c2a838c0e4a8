import type { TenantId } from '../domain/words.ts';
import { EARLIER_CHECKPOINTS, inMicroseconds, type Selection } from '../evidence/bundle.ts';
import { type Head, openHead } from '../evidence/checkpoint.ts';
import { readEntry } from '../evidence/entry.ts';
import { type GivenEntry, type GivenProof, HistoryChanged } from '../evidence/held-against.ts';
import { consistencyPath, extendsTree } from '../evidence/merkle.ts';
import type { Verifier } from '../evidence/note.ts';
import { besides, type TreeReader, treeReader } from '../evidence/tree-reader.ts';
import type { BundleContent } from '../evidence/write-bundle.ts';
import { attachmentContents, noticesOf, placeAt, policyTexts, tenantRows } from '../store/evidence.ts';
import {
  entriesOfGrant,
  hashesBetween,
  type Leaves,
  leavesOfWindow,
  sealedEntries,
  signedHeads,
} from '../store/history.ts';
import type { Reading } from '../store/reading.ts';

/** The tree that a selection is proven against: the tenant's own for its window, else that of everything. */
export const treeFor = (selection: Selection): TenantId | null =>
  selection.kind === 'window' ? (selection.tenant?.id ?? null) : null;

/** The newest signed head of a tree; null where nothing of it is sealed, or none of the keys signed it. */
export async function newestHead(
  reading: Reading,
  tenant: TenantId | null,
  trusted: readonly Verifier[],
): Promise<{ head: Head; note: string } | 'nothing_sealed' | 'unknown_key'> {
  const [newest] = await signedHeads(reading, tenant, 'newest');
  if (!newest) return 'nothing_sealed';
  const head = openHead(newest.note, trusted);
  return head ? { head, note: newest.note } : 'unknown_key';
}

export type Found = Pick<BundleContent, 'proof' | 'entries' | 'earlier' | 'tables' | 'attachments' | 'policies'> & {
  /** Entries that will be written, where that is known. */
  count: number | null;
};

/**
 * What belongs to a selection, read as it is asked for.
 * @throws HistoryChanged where what is stored of the tree is not what was signed
 */
export async function findContent(
  reading: Reading,
  selection: Selection,
  head: Head,
  trusted: readonly Verifier[],
): Promise<Found> {
  const tenant = treeFor(selection);
  const tree = treeReader(head.size, (block) => hashesBetween(reading, tenant, block));
  const rest = {
    earlier: await earlierHeads(reading, tenant, { head, tree, trusted }),
    tables: tablesOf(reading, selection),
    attachments: (ids: readonly string[]) => attachmentContents(reading, ids),
    policies: (hashes: readonly string[]) => policyTexts(reading, hashes),
  };
  if (selection.kind === 'grant') {
    return {
      ...rest,
      proof: { kind: 'inclusion' },
      entries: provenEntries(reading, selection.grant, tree),
      count: null,
    };
  }
  const leaves = await withEnds(reading, await leavesIn(reading, tenant, selection), selection, head.size);
  const proof = await rangeProof(tree, leaves, head.size);
  return { ...rest, proof, entries: entriesOf(reading, leaves), count: leaves.to - leaves.from };
}

type Window = Extract<Selection, { kind: 'window' }>;

async function leavesIn(reading: Reading, tenant: TenantId | null, { from, to }: Window): Promise<Leaves> {
  const found = await leavesOfWindow(reading, tenant, new Date(from), new Date(to));
  if (found) return found;
  const place = await placeAt(reading, tenant, new Date(from));
  return { tenant, from: place, to: place };
}

/**
 * The stretch with an entry on each side that is not of the window, by its own sealed text: so that whoever verifies it sees
 * that the window ends there. The columns that the stretch was found by are not sealed.
 */
async function withEnds(reading: Reading, { tenant, from, to }: Leaves, window: Window, size: number): Promise<Leaves> {
  const [begin, end] = [inMicroseconds(window.from), inMicroseconds(window.to)];
  let [first, last] = [from, to];
  for (let [step, isBefore] = [1, false]; first > 0 && !isBefore; step = Math.min(step * 2, WIDEST)) {
    const times = await timesOf(reading, { tenant, from: Math.max(0, first - step), to: first });
    const before = times.findLastIndex((at) => at < begin);
    isBefore = before >= 0;
    first -= isBefore ? times.length - before : times.length;
  }
  for (let [step, isAfter] = [1, false]; last < size && !isAfter; step = Math.min(step * 2, WIDEST)) {
    const times = await timesOf(reading, { tenant, from: last, to: Math.min(size, last + step) });
    const after = times.findIndex((at) => at >= end);
    isAfter = after >= 0;
    last += isAfter ? after + 1 : times.length;
  }
  return { tenant, from: first, to: last };
}

/** Entries that are looked at at once, at most, to find where a window ends. */
const WIDEST = 1_000;

async function timesOf(reading: Reading, leaves: Leaves): Promise<string[]> {
  const times: string[] = [];
  for await (const chunk of sealedEntries(reading, leaves)) {
    for (const { entry } of chunk) times.push(entry === null ? '' : readEntry(entry).at);
  }
  if (times.length === leaves.to - leaves.from) return times;
  throw new HistoryChanged(`Some of the leaves ${leaves.from} to ${leaves.to - 1} are not there any more.`);
}

async function rangeProof(tree: TreeReader, { from, to }: Leaves, size: number): Promise<GivenProof> {
  const { left, right } = besides(from, to, size);
  return { kind: 'range', first: from, count: to - from, left: await tree.roots(left), right: await tree.roots(right) };
}

async function* entriesOf(reading: Reading, leaves: Leaves): AsyncGenerator<GivenEntry[]> {
  for await (const chunk of sealedEntries(reading, leaves)) {
    yield chunk.map(({ leaf, tenantLeaf, hash, entry }) => ({
      leaf: leaves.tenant === null ? leaf : (tenantLeaf ?? -1),
      ...{ hash, text: entry, path: [] },
    }));
  }
}

/** Entries whose proofs are held at a time. */
const PROVEN_AT_ONCE = 200;

async function* provenEntries(reading: Reading, grant: string, tree: TreeReader): AsyncGenerator<GivenEntry[]> {
  for await (const chunk of entriesOfGrant(reading, grant)) {
    for (let at = 0; at < chunk.length; at += PROVEN_AT_ONCE) {
      const proven: GivenEntry[] = [];
      for (const { leaf, hash, entry } of chunk.slice(at, at + PROVEN_AT_ONCE)) {
        proven.push({ leaf, hash, text: entry, path: await tree.inclusion(leaf) });
      }
      yield proven;
    }
  }
}

/** Heads that people got before this one, each with what proves that this one extends it. */
async function earlierHeads(
  reading: Reading,
  tenant: TenantId | null,
  { head, tree, trusted }: { head: Head; tree: TreeReader; trusted: readonly Verifier[] },
): Promise<BundleContent['earlier']> {
  const posted = await signedHeads(reading, tenant, 'posted');
  const earlier = posted.filter(({ size }) => size < head.size).slice(-EARLIER_CHECKPOINTS);
  const proven: { note: string; proof: Buffer[] }[] = [];
  for (const { size, note } of earlier) {
    const before = openHead(note, trusted);
    if (before === null) continue;
    const proof = await tree.roots(consistencyPath(size, head.size));
    if (!extendsTree(before, head, proof)) {
      throw new HistoryChanged(
        `The signed history of ${head.size} entries does not extend the one of ${size} that people got.`,
      );
    }
    proven.push({ note, proof });
  }
  return proven;
}

function tablesOf(reading: Reading, selection: Selection): BundleContent['tables'] {
  const of =
    selection.kind === 'grant'
      ? { grant: selection.grant }
      : { from: new Date(selection.from), to: new Date(selection.to), tenant: selection.tenant?.id ?? null };
  return {
    notices: { columns: noticeColumns, rows: () => noticeRows(reading, of) },
    tenants: { columns: ['tenant', 'key', 'name'], rows: (ids) => namedTenants(reading, ids) },
  };
}

const noticeColumns = [
  ...['notice', 'kind', 'fact', 'channel', 'tenant', 'grant', 'created_at', 'settled_at', 'state', 'slack_ts'],
  ...['sent_again', 'attempts'],
];

async function* noticeRows(reading: Reading, of: Parameters<typeof noticesOf>[1]) {
  for await (const chunk of noticesOf(reading, of)) {
    yield chunk.map(({ id, kind, fact, destination, tenant, grant, created, settled, state, ts, late, attempts }) => [
      ...[id, kind, fact, destination, tenant, grant, created, settled, state, ts],
      ...[late, attempts],
    ]);
  }
}

async function* namedTenants(reading: Reading, ids: readonly TenantId[]) {
  for await (const rows of tenantRows(reading, ids)) yield rows.map(({ id, key, name }) => [id, key, name]);
}
