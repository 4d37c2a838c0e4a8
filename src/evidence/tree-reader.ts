import { foldRight, inclusionPath, nodeHash, peaksOf, type Stretch, wholeBetween } from './merkle.ts';
import { type Block, STORED_EVERY } from './proofs.ts';

/** Roots of any stretch of a stored tree, for many proofs in a row: what was read last is kept, within bounds. */
export interface TreeReader {
  /** The roots that prove that a leaf is in the tree, from the leaf up. */
  inclusion(leaf: number): Promise<Buffer[]>;
  /** The roots of stretches. @throws MissingHash */
  roots(stretches: readonly Stretch[]): Promise<Buffer[]>;
}

/** A hash that should be stored is not. */
export class MissingHash extends Error {
  override name = 'MissingHash';
}

/** Hashes that are read at once: all that stand under one stored subtree. */
const GROUP = 2 ** STORED_EVERY;
/** Groups that are kept. */
const KEPT = 256;

/** The rows of one group: its hashes, and above them the roots of ever larger subtrees; the last ones may not be whole. */
type Rows = readonly (readonly Buffer[])[];

/** @param read hashes that stand beside each other: leaves (level 0) or stored subtrees, in order */
export function treeReader(size: number, read: (block: Block) => Promise<readonly Buffer[]>): TreeReader {
  const groups = new Map<string, Rows>();
  const ragged = new Map<string, Buffer>();

  const group = async (level: number, number: number): Promise<Rows> => {
    const key = `${level}/${number}`;
    const known = groups.get(key);
    if (known) return known;
    const there = Math.floor(size / 2 ** level);
    const [from, to] = [number * GROUP, Math.min((number + 1) * GROUP, there)];
    const hashes = await read({ level, from, to });
    if (hashes.length !== to - from)
      throw new MissingHash(`Hashes ${from} to ${to} of level ${level} are not all there.`);
    const rows = rowsAbove(hashes);
    groups.set(key, rows);
    const [oldest] = groups.keys();
    if (groups.size > KEPT && oldest !== undefined) groups.delete(oldest);
    return rows;
  };
  const whole = async (level: number, index: number): Promise<Buffer> => {
    const above = level % STORED_EVERY;
    const at = index * 2 ** above;
    const rows = await group(level - above, Math.floor(at / GROUP));
    const root = rows[above]?.[(at % GROUP) / 2 ** above];
    if (!root) throw new MissingHash(`The subtree ${index} of level ${level} is not there.`);
    return root;
  };
  const root = async ([from, to]: Stretch): Promise<Buffer> => {
    const key = `${from}-${to}`;
    const known = ragged.get(key);
    if (known) return known;
    const subtrees = wholeBetween(from, to);
    const roots: Buffer[] = [];
    for (const { level, index } of subtrees) roots.push(await whole(level, index));
    const folded = foldRight(roots);
    // Only stretches that end where the tree does are ragged: there are as many as a size has digits.
    if (roots.length > 1) ragged.set(key, folded);
    return folded;
  };
  const roots = async (stretches: readonly Stretch[]): Promise<Buffer[]> => {
    const found: Buffer[] = [];
    for (const stretch of stretches) found.push(await root(stretch));
    return found;
  };
  return { roots, inclusion: (leaf) => roots(inclusionPath(leaf, size)) };
}

function rowsAbove(hashes: readonly Buffer[]): Rows {
  const rows: Buffer[][] = [[...hashes]];
  for (let row = rows[0] ?? []; row.length > 1; row = rows.at(-1) ?? []) {
    const next: Buffer[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) next.push(nodeHash(row[at] ?? empty, row[at + 1] ?? empty));
    rows.push(next);
  }
  return rows;
}
const empty = Buffer.alloc(0);

/** What stands left and right of some leaves in a tree of a size: whole subtrees, as few as there can be. */
export const besides = (from: number, to: number, size: number): { left: Stretch[]; right: Stretch[] } => ({
  left: peaksOf(from).map(stretchOf),
  right: wholeBetween(to, size).map(stretchOf),
});

const stretchOf = ({ level, index }: { level: number; index: number }): Stretch => [
  index * 2 ** level,
  (index + 1) * 2 ** level,
];
