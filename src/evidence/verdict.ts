import { type Finding, found } from './archive.ts';
import { inMicroseconds, type Manifest, names } from './bundle.ts';
import type { BundleProof } from './bundle-proof.ts';
import type { Head } from './checkpoint.ts';
import type { Difference } from './sequence.ts';
import type { Looked } from './verify-entries.ts';
import type { Earlier } from './verify-heads.ts';

export interface ToJudge {
  manifest: Manifest;
  /** A key that was given signed the manifest. */
  vouched: boolean;
  head: Head | null;
  proof: BundleProof;
  looked: Looked;
  /** Files that are not what the manifest says. */
  altered: ReadonlySet<string>;
  earlier: readonly Earlier[];
}

const words: Readonly<Record<Difference['how'], string>> = {
  changed: 'this entry is not what was sealed',
  removed: 'an entry is missing here',
  inserted: 'this entry was put in: it was never sealed',
  reordered: 'this entry stands in another place than it was sealed in',
};

/** What is wrong with the entries, the first place by name; or with what proves them. */
export function* judgeEntries(judged: ToJudge): Generator<Finding> {
  const { looked, proof, manifest } = judged;
  const lead = proof.kind === 'range' ? blameInRange(judged) : blameSingle(judged);
  if (lead) {
    yield lead;
    return;
  }
  const { stranger } = looked;
  if (stranger) yield found(names.entries, stranger.what, stranger);
  const ends = proof.kind === 'range' ? openEnd(judged, proof) : null;
  if (ends) yield found(names.entries, ends);
  if (!isSame(looked.population, manifest.population)) {
    yield found(names.manifest, 'it counts something else than there is');
  }
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const atDifference = (file: string, { line, leaf, how }: Difference & { leaf: number }): Finding =>
  found(file, words[how], { line, leaf });

/** All leaves are proven at once: which file is wrong is told by what leads to the root, and what the manifest says. */
function blameInRange({ looked, head, vouched, altered, earlier }: ToJudge): Finding | null {
  const { difference, entriesLead, placesLead } = looked;
  if (entriesLead) return difference && found(names.leaves, 'this is not the hash of its entry', difference);
  if (difference && (placesLead || head === null)) return atDifference(names.entries, difference);
  // What stands beside the entries, or the checkpoint, is named elsewhere where the manifest can tell.
  if (vouched && altered.has(names.proof)) return found(names.proof, 'it is not what the manifest says');
  if (difference) {
    const isLeaves = vouched && altered.has(names.leaves) && !altered.has(names.entries);
    return isLeaves
      ? found(names.leaves, 'this is not the hash of its entry', difference)
      : atDifference(names.entries, difference);
  }
  return head === null ? null : narrowed(looked, head, earlier);
}

/** The entries and their hashes agree and lead elsewhere: the narrowest stretch between checkpoints that can be told. */
function narrowed({ rootAt }: Looked, head: Head, earlier: readonly Earlier[]): Finding {
  const compared = earlier
    .filter(({ vouched }) => vouched)
    .flatMap(({ head: { size, root } }) => {
      const ours = rootAt(size);
      return ours ? [{ size, holds: ours.equals(root) }] : [];
    });
  const from = Math.max(0, ...compared.filter(({ holds }) => holds).map(({ size }) => size));
  const to = Math.min(head.size, ...compared.filter(({ holds }) => !holds).map(({ size }) => size));
  return found(
    names.entries,
    `the entries do not lead to the signed checkpoint: between leaf ${from} and leaf ${to - 1} something was changed, removed, inserted or reordered`,
  );
}

/** Each entry is proven by its own line. */
function blameSingle({ looked, vouched, altered }: ToJudge): Finding | null {
  const { difference, badPlace, entriesLead, placesLead } = looked;
  if (entriesLead) return null;
  const badProof = () => found(names.proofs, 'this does not lead to the signed checkpoint', badPlace ?? {});
  const isProof = badPlace && (difference === null || (badPlace.line <= difference.line && badPlace.entryLeads));
  if (isProof) return badProof();
  if (badPlace && vouched && altered.has(names.proofs) && !altered.has(names.entries)) return badProof();
  if (difference) return atDifference(names.entries, difference);
  return placesLead ? null : found(names.proofs, 'these are not in the order of the tree, or one is there twice');
}

/** Where a stretch begins or ends within the window, nobody knows what else of it there is. */
function openEnd(
  { manifest: { selection }, looked: { ends } }: ToJudge,
  proof: Extract<BundleProof, { kind: 'range' }>,
) {
  if (selection.kind !== 'window') return null;
  const [from, to] = [inMicroseconds(selection.from), inMicroseconds(selection.to)];
  if (proof.first > 0 && !(ends && ends.first < from)) return 'nothing shows that the window begins here';
  if (proof.first + proof.count < proof.size && !(ends && ends.last >= to))
    return 'nothing shows that the window ends here';
  return null;
}
