/** How what is there first differs from what should be there. */
export interface Difference {
  /** From 1 on: of what is there, and of what should be. */
  line: number;
  how: 'changed' | 'removed' | 'inserted' | 'reordered';
}

/** Compares two rows of hashes, one pair after the other; null where one of them has ended. */
export interface Sequence {
  add(there: Buffer | null, wanted: Buffer | null): void;
  difference(): Difference | null;
}

/**
 * What became of the first hash that differs is told by whether it, and the one it should be, come later: an entry that is
 * gone comes nowhere, one that was put in was never wanted, and two that were swapped both come.
 */
export function sequence(): Sequence {
  const lengths = { there: 0, wanted: 0 };
  let first: { line: number; there: Buffer | null; wanted: Buffer | null } | null = null;
  const later = { there: false, wanted: false };
  return {
    add: (there, wanted) => {
      if (there) lengths.there += 1;
      if (wanted) lengths.wanted += 1;
      if (first) {
        later.wanted ||= isSame(first.wanted, there);
        later.there ||= isSame(first.there, wanted);
      } else if (!isSame(there, wanted)) {
        first = { line: Math.max(lengths.there, lengths.wanted), there, wanted };
      }
    },
    difference: () => {
      if (first === null) return null;
      const { line, there, wanted } = first;
      if (there === null || (lengths.there < lengths.wanted && later.there)) return { line, how: 'removed' };
      if (wanted === null || (lengths.there > lengths.wanted && later.wanted)) return { line, how: 'inserted' };
      return { line, how: later.there && later.wanted ? 'reordered' : 'changed' };
    },
  };
}

const isSame = (a: Buffer | null, b: Buffer | null): boolean => a !== null && b !== null && a.equals(b);
