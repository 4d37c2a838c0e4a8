import { type Archive, type ArchivedFile, type Finding, found } from './archive.ts';
import { filesOf, limits, type Manifest, manifestText, names, readManifest } from './bundle.ts';
import { type Head, openHead, tenantOrigin } from './checkpoint.ts';
import { wholeOf } from './lines.ts';
import { openNote, type Verifier } from './note.ts';

/** What is signed of a bundle, as far as it can be believed. */
export interface Signed {
  /** Null where it can't be read. */
  manifest: Manifest | null;
  /** A key that was given signed exactly this manifest. */
  vouched: boolean;
  /** The head that the entries are proven against; null where no key that was given signed it. */
  head: Head | null;
}

/** Reads what is signed, and holds it against the keys that the caller trusts. */
export async function readSigned(
  archive: Archive,
  keys: readonly Verifier[],
  say: (finding: Finding) => void,
): Promise<Signed> {
  const nothing = { manifest: null, vouched: false, head: null };
  const bytes = await small(archive, names.manifest, limits.manifest, say);
  if (bytes === null) return nothing;
  const log = await signerOf(archive, bytes, keys, say);
  const manifest = readManifest(bytes.toString());
  if (manifest === null) {
    say(found(names.manifest, 'it is no manifest of a format that is known here'));
    return nothing;
  }
  if (log !== null && manifest.log !== log)
    say(found(names.manifest, `it is of another log than its key: ${manifest.log}`));
  compareNames(archive, manifest, say);
  return { manifest, vouched: log !== null, head: await readHead(archive, manifest, keys, say) };
}

async function small(
  archive: Archive,
  name: string,
  most: number,
  say: (finding: Finding) => void,
): Promise<Buffer | null> {
  const file = archive.files.get(name);
  if (!file) {
    say(found(name, 'it is missing'));
    return null;
  }
  const bytes = await contentOf(file, most);
  if (bytes === null) say(found(name, 'it is larger than it can be, or damaged'));
  return bytes;
}

/** @returns null where it is larger than that, or damaged */
export async function contentOf(file: ArchivedFile, most: number): Promise<Buffer | null> {
  if (file.bytes > most) return null;
  return wholeOf(await file.open(), most).catch(() => null);
}

/** @returns the name of the key that signed the manifest; null where none of those that are trusted did */
async function signerOf(
  archive: Archive,
  manifest: Buffer,
  keys: readonly Verifier[],
  say: (finding: Finding) => void,
): Promise<string | null> {
  const note = await small(archive, names.signature, limits.small, say);
  if (note === null) return null;
  const opened = openNote(note.toString(), keys);
  if (opened === null) {
    say(found(names.signature, 'none of the keys that were given signed it'));
    return null;
  }
  if (opened.text === manifestText(opened.by.name, manifest)) return opened.by.name;
  say(found(names.manifest, 'it is not what was signed'));
  return null;
}

/** What is there and not in the manifest, and the other way round. */
function compareNames(archive: Archive, manifest: Manifest, say: (finding: Finding) => void): void {
  const listed = new Set(manifest.files.map(({ name }) => name));
  if (listed.size < manifest.files.length) say(found(names.manifest, 'it names a file twice'));
  for (const name of filesOf(manifest.selection.kind)) {
    if (!listed.has(name)) say(found(name, 'the manifest does not name it'));
  }
  for (const name of listed) if (!archive.files.has(name)) say(found(name, 'it is missing'));
  for (const name of archive.files.keys()) {
    const isSigned = name === names.manifest || name === names.signature;
    if (isSigned === listed.has(name)) say(found(name, 'it is in the zip and not in the manifest'));
  }
}

async function readHead(
  archive: Archive,
  { log, selection, tree }: Manifest,
  keys: readonly Verifier[],
  say: (finding: Finding) => void,
): Promise<Head | null> {
  if (!archive.files.has(names.checkpoint)) return null;
  const note = await small(archive, names.checkpoint, limits.small, say);
  const head = note && openHead(note.toString(), keys);
  if (!head) {
    if (note) say(found(names.checkpoint, 'none of the keys that were given signed it'));
    return null;
  }
  const tenant = selection.kind === 'window' ? selection.tenant : null;
  const origin = tenant === null ? log : tenantOrigin(log, tenant.id);
  if (head.origin !== origin) say(found(names.checkpoint, `it is of the tree ${head.origin}, expected ${origin}`));
  if (tree.origin !== head.origin || tree.size !== head.size || tree.root !== head.root.toString('base64')) {
    say(found(names.manifest, 'it names another checkpoint than checkpoint.txt'));
  }
  return head;
}
