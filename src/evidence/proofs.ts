import { foldRight, nodeHash, type Stretch, type Subtree, wholeBetween } from './merkle.ts';

/** Hashes that stand beside each other at one level: what a look at the stored tree asks for. */
export interface Block {
  level: number;
  from: number;
  to: number;
}

/** Of the subtrees above the leaves, those of 256, 65536, ... leaves are stored. */
export const STORED_EVERY = 8;

/** What has to be read to know the roots of some stretches of leaves: a few short blocks each. */
export const blocksFor = (stretches: readonly Stretch[]): Block[] =>
  stretches.flatMap(([from, to]) => wholeBetween(from, to).map(blockOf));

function blockOf({ level, index }: Subtree): Block {
  const stored = level - (level % STORED_EVERY);
  const wide = 2 ** (level - stored);
  return { level: stored, from: index * wide, to: (index + 1) * wide };
}

/** The root of each stretch, from the hashes of its blocks; null where one is not there. */
export function rootsFrom(stretches: readonly Stretch[], hashes: readonly (readonly Buffer[])[]): Buffer[] | null {
  const left = [...hashes];
  const roots: Buffer[] = [];
  for (const [from, to] of stretches) {
    const whole: Buffer[] = [];
    for (const subtree of wholeBetween(from, to)) {
      const { from: first, to: last } = blockOf(subtree);
      const block = left.shift();
      if (block?.length !== last - first) return null;
      whole.push(rootOfWhole(block));
    }
    roots.push(foldRight(whole));
  }
  return roots;
}

/** The root of a subtree, from as many hashes as a power of two. */
function rootOfWhole(hashes: readonly Buffer[]): Buffer {
  let row = [...hashes];
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, i) =>
      nodeHash(row[2 * i] ?? Buffer.alloc(0), row[2 * i + 1] ?? Buffer.alloc(0)),
    );
  }
  return row[0] ?? Buffer.alloc(0);
}
