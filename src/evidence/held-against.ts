import type { Head } from './checkpoint.ts';
import { Frontier, leafHash, rootFromInclusion, wholeBetween } from './merkle.ts';

/** An entry with what was sealed of it. */
export interface GivenEntry {
  leaf: number;
  /** What was sealed: the hash of the text at that time. */
  hash: Buffer;
  /** Null where the row is not there any more. */
  text: string | null;
  /** What leads to the root; empty where all leaves of a stretch are proven at once. */
  path: readonly Buffer[];
}

/** How entries are proven: a stretch by what stands beside it, or each by its own path. */
export type GivenProof =
  | { kind: 'range'; first: number; count: number; left: Buffer[]; right: Buffer[] }
  | { kind: 'inclusion' };

/** History is not what was signed: no bundle is made of it. */
export class HistoryChanged extends Error {
  override name = 'HistoryChanged';
}

/** Holds what is written against the signed head, so that nothing is signed that does not verify. */
export function heldAgainst(proof: GivenProof, head: Head) {
  const frontier = proof.kind === 'range' ? Frontier.of(proof.first, proof.left) : null;
  let seen = 0;
  return {
    add: ({ leaf, hash: sealed, text, path }: GivenEntry): string => {
      seen += 1;
      if (text === null) throw new HistoryChanged(`The entry of leaf ${leaf} is not there any more.`);
      if (!leafHash(text).equals(sealed)) throw new HistoryChanged(`The entry of leaf ${leaf} is not what was sealed.`);
      if (proof.kind === 'range') {
        if (leaf !== proof.first + seen - 1)
          throw new HistoryChanged(`The entry of leaf ${proof.first + seen - 1} is not there any more.`);
        frontier?.append(sealed);
      } else if (!rootFromInclusion(leaf, head.size, sealed, path)?.equals(head.root)) {
        throw new HistoryChanged(`Leaf ${leaf} does not lead to the signed checkpoint.`);
      }
      return text;
    },
    end: (): void => {
      if (proof.kind !== 'range') return;
      if (seen < proof.count)
        throw new HistoryChanged(`The entry of leaf ${proof.first + seen} is not there any more.`);
      const [...right] = wholeBetween(proof.first + proof.count, head.size);
      for (const [i, { level }] of right.entries()) frontier?.appendWhole(level, proof.right[i] ?? Buffer.alloc(0));
      if (frontier?.root().equals(head.root)) return;
      throw new HistoryChanged(
        `Leaves ${proof.first} to ${proof.first + seen - 1} do not lead to the signed checkpoint.`,
      );
    },
  };
}
