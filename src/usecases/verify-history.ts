import { type HeldHead, TreeCheck } from '../evidence/check-tree.ts';
import { compareGrant, compareTables } from '../evidence/compare.ts';
import { readEntry } from '../evidence/entry.ts';
import type { Verifier } from '../evidence/note.ts';
import { isReplayed, nothingSaid, replay, type Said } from '../evidence/replay.ts';
import {
  countLeaves,
  headsInOrder,
  leavesWithRows,
  storedNodes,
  type UnsealedRow,
  unsealedRows,
} from '../store/history.ts';
import type { Reading } from '../store/reading.ts';
import {
  attachmentsInTables,
  grantsInTables,
  identitiesInTables,
  keysInTables,
  ownersInTables,
  reviewsInTables,
  schedulesInTables,
  tenantsInTables,
} from '../store/tables.ts';

export interface VerifyGrounds {
  /** Keys that the caller trusts. None of the database's own is believed. */
  verifiers: readonly Verifier[];
  /** Checkpoints that somebody held on to. */
  held: readonly HeldHead[];
  progress: { total(entries: number): void; done(entries: number): void };
}

export interface Verified {
  entries: number;
  checkpoints: number;
  /** Rows that are younger than a minute and not sealed yet. */
  waiting: number;
  /** Grants that were compared with what the entries say. */
  grants: number;
  /** What is wrong, a sentence each, the first of the history first; empty where all is as it was sealed. */
  findings: string[];
}

/**
 * Verifies a database: every entry against the sealed history, every signed head against the entries, and the tables
 * against what the entries add up to. All of it as of one moment.
 */
export async function verifyHistory(reading: Reading, grounds: VerifyGrounds): Promise<Verified> {
  const said = nothingSaid();
  const nodes = await storedNodes(reading);
  const tree = new TreeCheck({
    verifiers: grounds.verifiers,
    held: grounds.held,
    storedNode: (tenant, level, index) => nodes.get(`${tenant ?? ''}/${level}/${index}`),
  });
  grounds.progress.total(await countLeaves(reading));
  await followTree(reading, tree, said, grounds.progress.done);
  const { waiting, findings } = await lookAtUnsealed(reading, said);
  const tables = await compareAll(reading, said);
  return {
    ...{ entries: tree.size, checkpoints: tree.heads, waiting, grants: tables.grants },
    findings: [
      ...tree.findings,
      ...findings,
      ...said.impossible.map(({ id, says }) => `row ${id} can not follow from those before it: ${says}`),
      ...tables.findings,
    ],
  };
}

/** Leaves and heads, each head behind the leaves that it covers. */
async function followTree(
  reading: Reading,
  tree: TreeCheck,
  said: Said,
  done: (entries: number) => void,
): Promise<void> {
  const heads = oneByOne(headsInOrder(reading));
  let next = await heads.next();
  const headsUpTo = async (size: number): Promise<void> => {
    for (; !next.done && (next.value.tenant !== null || next.value.size <= size); next = await heads.next()) {
      tree.head(next.value);
    }
  };
  for await (const leaves of leavesWithRows(reading)) {
    for (const leaf of leaves) {
      tree.leaf(leaf);
      if (leaf.entry !== null) take(said, leaf.entry);
      if (!next.done && (next.value.tenant !== null || next.value.size <= leaf.leaf + 1))
        await headsUpTo(leaf.leaf + 1);
    }
    done(tree.size);
  }
  await headsUpTo(Number.POSITIVE_INFINITY);
  tree.end();
}

async function* oneByOne<T>(chunks: AsyncGenerator<T[]>): AsyncGenerator<T, undefined> {
  for await (const chunk of chunks) yield* chunk;
  return undefined;
}

function take(said: Said, text: string): void {
  if (isReplayed(text)) replay(said, readEntry(text));
}

async function lookAtUnsealed(reading: Reading, said: Said): Promise<Pick<Verified, 'waiting' | 'findings'>> {
  const findings: string[] = [];
  let waiting = 0;
  for await (const rows of unsealedRows(reading)) {
    for (const unsealed of rows) {
      take(said, unsealed.entry);
      const wrong = whyUnsealed(unsealed);
      if (wrong === null) waiting += 1;
      else findings.push(`row ${unsealed.row} ${wrong}: ${unsealed.entry.slice(0, 300)}`);
    }
  }
  return { waiting, findings };
}

const MINUTE_MS = 60_000;

/** What is wrong with a row that has no seal yet, told by its text: a column can be changed. Null for one that just came. */
function whyUnsealed({ entry, columnsAgree, now }: UnsealedRow): string | null {
  const age = now.getTime() - Date.parse(readEntry(entry).at);
  if (!columnsAgree) return 'is not sealed, and its columns do not say what its text says';
  if (age > MINUTE_MS) return 'is not sealed although it is older than a minute';
  return age >= -MINUTE_MS ? null : 'is not sealed, and is of a time that has not come yet';
}

async function compareAll(reading: Reading, said: Said): Promise<Pick<Verified, 'grants' | 'findings'>> {
  const findings: string[] = [];
  const seen = new Set<string>();
  for await (const chunk of grantsInTables(reading)) {
    for (const found of chunk) {
      seen.add(found.id);
      if ('nonsense' in found) findings.push(`grant ${found.id}: ${found.nonsense}`);
      else findings.push(...compareGrant(said.grants.get(found.id), found.grant));
    }
  }
  for (const id of said.grants.keys()) {
    if (!seen.has(id)) findings.push(`grant ${id} is in the entries and in no table`);
  }
  const shown = {
    reviews: await reviewsInTables(reading),
    tenants: await tenantsInTables(reading),
    owners: await ownersInTables(reading),
    identities: await identitiesInTables(reading),
    keys: await keysInTables(reading),
    schedules: await schedulesInTables(reading),
    attachments: await attachmentsInTables(reading),
  };
  return { grants: seen.size, findings: [...findings, ...compareTables(said, shown)] };
}
