import type { Population, Selection } from './bundle.ts';
import type { BundleProof } from './bundle-proof.ts';
import type { Head } from './checkpoint.ts';
import { type Hashed, namedBy } from './contents.ts';
import { derivation } from './derive.ts';
import { digests } from './digests.ts';
import { readEntry } from './entry.ts';
import type { Lines, Read } from './lines.ts';
import { leafHash } from './merkle.ts';
import { type Place, placesOf, treeOf } from './places.ts';
import { type Difference, sequence } from './sequence.ts';

/** What the entries of a bundle turned out to be, in one pass. */
export interface Looked {
  /** How they first differ from what their places say was sealed, and the leaf that is concerned. */
  difference: (Difference & { leaf: number }) | null;
  /** Whether the entries lead to the signed root, and whether their places do. */
  entriesLead: boolean;
  placesLead: boolean;
  /** The first place that leads nowhere by itself, and whether it would with the entry that is there. */
  badPlace: { line: number; entryLeads: boolean } | null;
  /** An entry that is not about what was asked for. */
  stranger: { line: number; leaf: number; what: string } | null;
  /** Times of the first and the last entry. */
  ends: { first: string; last: string } | null;
  entries: number;
  population: Population;
  /** What the tables must be. */
  derived: ReadonlyMap<string, Read>;
  attachments: ReadonlyMap<string, Hashed>;
  policies: ReadonlyMap<string, Hashed>;
  /** The root of so many first leaves, for the sizes that were asked for and that lie within the bundle. */
  rootAt(size: number): Buffer | null;
}

export interface Look {
  texts: Lines;
  places: Lines;
  selection: Selection;
  proof: BundleProof;
  head: Head | null;
  /** Sizes whose roots somebody wants to compare. */
  sizes: ReadonlySet<number>;
}

/** One pass over the entries and what places them. Memory does not grow with them. */
export async function lookAtEntries({ texts, places, selection, proof, head, sizes }: Look): Promise<Looked> {
  const [byEntry, byPlace] = [proofOf(proof, sizes), proofOf(proof, sizes)];
  const next = placesOf(places, proof, head).next;
  const hashes = digests();
  const derived = derivation(selection, hashes.sinkOf);
  const named = namedBy(selection);
  const compared = comparison();
  const seen = { entries: 0, stranger: null as Looked['stranger'], ends: null as Looked['ends'] };
  const take = (line: number, leaf: number, text: string): void => {
    const entry = derived.add(leaf, text);
    if (entry) named.add(entry, leaf);
    const said = entry ?? readEntry(text);
    seen.entries += 1;
    seen.ends = { first: seen.ends?.first ?? said.at, last: said.at };
    const what = strangeness(selection, said);
    if (what) seen.stranger ??= { line, leaf, what };
  };
  for (let line = 1; ; line += 1) {
    const [bytes, place] = [await texts.next(), await next()];
    if (bytes === null && place === null) break;
    const hash = bytes && leafHash(bytes);
    const leaf = compared.add(line, hash, place);
    if (place) byPlace.add(place.hash);
    if (hash) byEntry.add(hash);
    if (bytes) take(line, leaf, bytes.toString());
  }
  const { difference, badPlace, inOrder } = compared;
  const single = proof.kind === 'inclusion';
  return {
    difference: difference(),
    badPlace: badPlace(),
    entriesLead: single ? badPlace() === null && difference() === null && inOrder() : byEntry.leadsTo(head),
    placesLead: single ? badPlace() === null && inOrder() : byPlace.leadsTo(head),
    ...{ ...seen, population: derived.population(), derived: hashes.end() },
    ...{ attachments: named.attachments, policies: named.policies, rootAt: byEntry.rootAt },
  };
}

/** A tree that remembers its roots at some sizes; for single proofs, nothing. */
function proofOf(proof: BundleProof, sizes: ReadonlySet<number>) {
  const tree = proof.kind === 'range' ? treeOf(proof) : null;
  const roots = new Map<number, Buffer>();
  const keep = () => {
    if (tree && sizes.has(tree.frontier.size)) roots.set(tree.frontier.size, tree.frontier.root());
  };
  keep();
  return {
    add: (hash: Buffer | null): void => {
      tree?.add(hash);
      keep();
    },
    leadsTo: (head: Head | null): boolean => tree?.leadsTo(head) ?? false,
    rootAt: (size: number): Buffer | null => roots.get(size) ?? null,
  };
}

/** Holds entries and places against each other. */
function comparison() {
  const hashes = sequence();
  let last = -1;
  let ordered = true;
  let bad: Looked['badPlace'] = null;
  let differsAt: number | null = null;
  return {
    /** @returns the leaf that the line is about */
    add: (line: number, hash: Buffer | null, place: Place | null): number => {
      hashes.add(hash, place?.hash ?? null);
      const leaf = place?.leaf ?? last + 1;
      if (hashes.difference() !== null) differsAt ??= leaf;
      if (place) {
        ordered &&= place.leaf > last;
        if (!place.leads) bad ??= { line, entryLeads: hash !== null && place.leadsWith(hash) };
      }
      last = leaf;
      return leaf;
    },
    inOrder: () => ordered,
    badPlace: () => bad,
    difference: (): Looked['difference'] => {
      const found = hashes.difference();
      return found && { ...found, leaf: differsAt ?? last };
    },
  };
}

/** Why an entry is not about what was asked for. */
function strangeness(
  selection: Selection,
  { tenant, grant }: { tenant: string | null; grant: string | null },
): string | null {
  if (selection.kind === 'grant') return grant === selection.grant ? null : 'this entry is about another access';
  const isForeign = selection.tenant !== null && tenant !== selection.tenant.id;
  return isForeign ? 'this entry is of another tenant' : null;
}
