import { limits } from './bundle.ts';
import { type BundleProof, hashFrom, readProofLine } from './bundle-proof.ts';
import type { Head } from './checkpoint.ts';
import type { Lines } from './lines.ts';
import { Frontier, rootFromInclusion, wholeBetween } from './merkle.ts';

/** Where an entry stands in the tree, as a bundle says. */
export interface Place {
  /** -1 where the line says nothing that can be read. */
  leaf: number;
  hash: Buffer | null;
  /** Whether the line by itself leads to the signed root; where all are proven at once that is asked of all of them. */
  leads: boolean;
  leadsWith(hash: Buffer): boolean;
}

export interface Places {
  next(): Promise<Place | null>;
}

/** How a bundle's entries are placed, by its kind of proof. */
export const placesOf = (lines: Lines, proof: BundleProof, head: Head | null): Places =>
  proof.kind === 'range' ? stretchOf(lines, proof.first) : singleOf(lines, proof.size, head);

type Range = Extract<BundleProof, { kind: 'range' }>;

/** The tree that some leaves, one after the other, and what stands beside them lead to. */
export function treeOf({ first, count, left, right, size }: Range) {
  const bytes = (hashes: readonly string[]) => hashes.map((each) => hashFrom(each) ?? Buffer.alloc(0));
  const frontier = Frontier.of(first, bytes(left)) ?? Frontier.empty();
  const behind = wholeBetween(first + count, size);
  let whole = frontier.size === first && behind.length === right.length;
  return {
    frontier,
    add: (hash: Buffer | null): void => {
      if (hash === null) whole = false;
      else frontier.append(hash);
    },
    /** Asked once, at the end. */
    leadsTo: (head: Head | null): boolean => {
      if (!whole || head?.size !== size || frontier.size !== first + count) return false;
      const roots = bytes(right);
      for (const [i, { level }] of behind.entries()) frontier.appendWhole(level, roots[i] ?? Buffer.alloc(0));
      return frontier.root().equals(head.root);
    },
  };
}

/** Lines of hashes that stand beside each other. */
function stretchOf(lines: Lines, first: number): Places {
  let next = first;
  return {
    next: async () => {
      const line = await lines.next();
      if (line === null) return null;
      const leaf = next;
      next += 1;
      return { leaf, hash: hashFrom(line.toString('latin1')), leads: true, leadsWith: () => true };
    },
  };
}

/** Lines that each prove one entry. */
const singleOf = (lines: Lines, size: number, head: Head | null): Places => ({
  next: async () => {
    const bytes = await lines.next();
    if (bytes === null) return null;
    const read = bytes.length <= limits.small ? readProofLine(bytes.toString()) : null;
    if (!read) return { leaf: -1, hash: null, leads: false, leadsWith: () => false };
    const { leaf, hash, path } = read;
    const leadsWith = (other: Buffer) =>
      head?.size === size && (rootFromInclusion(leaf, size, other, path)?.equals(head.root) ?? false);
    return { leaf, hash, leads: leadsWith(hash), leadsWith };
  },
});
