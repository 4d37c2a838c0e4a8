import { type Archive, type Finding, found, openArchive } from './archive.ts';
import { type BundleFile, limits, type Manifest, names, sources } from './bundle.ts';
import { type BundleProof, readProof } from './bundle-proof.ts';
import { type Head, openHead, tidyNote } from './checkpoint.ts';
import { type Lines, linesOf, type Read } from './lines.ts';
import type { Verifier } from './note.ts';
import { judgeEntries } from './verdict.ts';
import { type Looked, lookAtEntries } from './verify-entries.ts';
import { compareEarlier, compareHeld, type Earlier, type HeldNote, readEarlier } from './verify-heads.ts';
import { contentOf, readSigned } from './verify-manifest.ts';

/** What the caller trusts and holds. Nothing of this is taken from the bundle. */
export interface Trust {
  keys: readonly Verifier[];
  held: readonly HeldNote[];
}

export interface Verdict {
  /** Empty where everything holds. The first is the one that the others follow from, where they do. */
  findings: Finding[];
  /** What nobody could look at with the keys that were given. */
  remarks: string[];
  /** What the bundle says that it is; null where nothing of it can be read. */
  manifest: Manifest | null;
}

/** Told how many bytes there are to look at, and how many have been. */
export interface Watch {
  begin(bytes: number): void;
  step(bytes: number): void;
}

/**
 * Verifies a bundle with nothing but public keys, and checkpoints that somebody held on to. Reads everything once, in
 * memory that does not grow with it.
 * @throws CannotLook where there is no such file, or it is no zip
 */
export async function verifyBundle(path: string, trust: Trust, watch: Watch = unwatched): Promise<Verdict> {
  const archive = await openArchive(path);
  try {
    return await verdictOn(archive, trust, watch);
  } finally {
    archive.close();
  }
}

const unwatched: Watch = { begin: () => {}, step: () => {} };

async function verdictOn(archive: Archive, { keys, held }: Trust, watch: Watch): Promise<Verdict> {
  const findings: Finding[] = [...archive.findings];
  const say = (finding: Finding) => void findings.push(finding);
  const { manifest, vouched, head } = await readSigned(archive, keys, say);
  if (manifest === null) return { findings, remarks: [], manifest };
  watch.begin(manifest.files.reduce((sum, { bytes }) => sum + bytes, 0));
  const reads = new Map<string, Read>();
  const reading: Reading = { archive, manifest, reads, step: watch.step };

  const earlierLines = await open(reading, names.checkpoints);
  const earlier = earlierLines ? await readEarlier(earlierLines, keys, say) : [];
  if (earlierLines) reads.set(names.checkpoints, await ended(earlierLines));
  const proof = await proofIn(archive, manifest, head, say);
  const sizes = new Set([
    ...earlier.map((each) => each.head.size),
    ...held.flatMap(({ note }) => openHead(tidyNote(note), keys)?.size ?? []),
  ]);
  const looked = proof && (await entriesIn(reading, { proof, head, sizes }));
  for (const file of manifest.files) await readRest(reading, file);

  const altered = new Set(manifest.files.filter((file) => isAltered(file, reads)).map(({ name }) => name));
  if (looked && proof)
    for (const each of judgeEntries({ manifest, vouched, head, proof, looked, altered, earlier })) say(each);
  for (const each of judgeFiles({ manifest, looked, reads, altered, known: findings })) say(each);
  if (head) compareEarlier(earlier, head, say);
  for (const each of held) {
    const finding = compareHeld(each, keys, head, earlier, looked?.entriesLead ? looked.rootAt : () => null);
    if (finding) say(finding);
  }
  return { findings, remarks: remarksOn(earlier), manifest };
}

interface Reading {
  archive: Archive;
  manifest: Manifest;
  reads: Map<string, Read>;
  step(bytes: number): void;
}

/** A file's lines; null where it is not there, or so much larger than the manifest says that it is not looked at. */
async function open({ archive, manifest, step }: Reading, name: string): Promise<Lines | null> {
  const file = archive.files.get(name);
  const listed = manifest.files.find((each) => each.name === name);
  if (!file || !listed || file.bytes > listed.bytes + limits.line) return null;
  return linesOf(await file.open(), limits.line, step);
}

/** Reads to the end; a file that is damaged counts as none that the manifest could mean. */
const ended = (lines: Lines): Promise<Read> => lines.rest().catch(() => ({ bytes: -1, sha256: '' }));

async function proofIn(
  archive: Archive,
  { selection }: Manifest,
  head: Head | null,
  say: (finding: Finding) => void,
): Promise<BundleProof | null> {
  const file = archive.files.get(names.proof);
  const bytes = file ? await contentOf(file, limits.small) : null;
  const proof = bytes && readProof(bytes.toString());
  if (!proof) {
    if (file) say(found(names.proof, 'it is no proof of a kind that is known here'));
    return null;
  }
  const wanted = selection.kind === 'grant' ? 'inclusion' : 'range';
  const isOfHead = head === null || (proof.size === head.size && proof.origin === head.origin);
  if (proof.kind === wanted && isOfHead) return proof;
  say(found(names.proof, isOfHead ? `expected a proof of the kind ${wanted}` : 'it is about another checkpoint'));
  return null;
}

async function entriesIn(
  reading: Reading,
  { proof, head, sizes }: { proof: BundleProof; head: Head | null; sizes: ReadonlySet<number> },
): Promise<Looked | null> {
  const placesName = proof.kind === 'range' ? names.leaves : names.proofs;
  const [texts, places] = [await open(reading, names.entries), await open(reading, placesName)];
  if (!texts || !places) return null;
  const { selection } = reading.manifest;
  const looked = await lookAtEntries({ texts, places, selection, proof, head, sizes }).catch(() => null);
  reading.reads.set(names.entries, await ended(texts));
  reading.reads.set(placesName, await ended(places));
  return looked;
}

async function readRest(reading: Reading, { name, bytes }: BundleFile): Promise<void> {
  const file = reading.archive.files.get(name);
  if (!file || reading.reads.has(name)) return;
  if (file.bytes !== bytes) reading.reads.set(name, { bytes: file.bytes, sha256: '' });
  else reading.reads.set(name, await ended(linesOf(await file.open(), limits.line, reading.step)));
}

/** It is there, and not what the manifest says. */
function isAltered({ name, bytes, sha256 }: BundleFile, reads: ReadonlyMap<string, Read>): boolean {
  const read = reads.get(name);
  return read !== undefined && (read.bytes !== bytes || read.sha256 !== sha256);
}

interface Judged {
  manifest: Manifest;
  looked: Looked | null;
  reads: ReadonlyMap<string, Read>;
  altered: ReadonlySet<string>;
  known: readonly Finding[];
}

/** Each file against the manifest, against the entries that it follows from, and against those that have its hash. */
function* judgeFiles({ manifest, looked, reads, altered, known }: Judged): Generator<Finding> {
  const said = new Set(known.map(({ file }) => file));
  const entriesHold = looked?.entriesLead === true;
  const hashed = new Map(
    [...(looked?.attachments.values() ?? []), ...(looked?.policies.values() ?? [])].map((each) => [each.file, each]),
  );
  for (const file of manifest.files) {
    const read = reads.get(file.name);
    const [wanted, named] = [looked?.derived.get(file.name), hashed.get(file.name)];
    hashed.delete(file.name);
    if (!read || said.has(file.name)) continue;
    if (altered.has(file.name)) yield found(file.name, 'it is not what the manifest says');
    else if (!entriesHold) continue;
    else if (wanted && wanted.sha256 !== read.sha256) yield found(file.name, 'it says something else than the entries');
    else if (named && named.sha256 !== read.sha256)
      yield found(file.name, 'it is not what its entry has the hash of', { leaf: named.leaf });
    else if (!named && file.source === sources.hashed) yield found(file.name, 'no entry has its hash');
  }
  if (!entriesHold) return;
  for (const { file, leaf } of hashed.values()) {
    if (!said.has(file)) yield found(file, 'an entry has its hash, and it is missing', { leaf });
  }
}

function remarksOn(earlier: readonly Earlier[]): string[] {
  const unknown = earlier.filter(({ vouched }) => !vouched).length;
  return unknown === 0
    ? []
    : [
        `${unknown} earlier checkpoints in the bundle are signed by keys that were not given: their signatures were not looked at.`,
      ];
}
