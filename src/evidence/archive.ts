import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { isBundleName, limits } from './bundle.ts';

/** Something that is wrong, and where. */
export interface Finding {
  file: string;
  /** The line, from 1 on; null where no line is meant. */
  line: number | null;
  /** The entry's place in the tree, from 0 on; null where no entry is meant. */
  leaf: number | null;
  what: string;
}

export const found = (file: string, what: string, at: { line?: number; leaf?: number } = {}): Finding => ({
  file,
  line: at.line ?? null,
  leaf: at.leaf ?? null,
  what,
});

/** A zip, looked at and not unpacked. */
export interface Archive {
  files: ReadonlyMap<string, ArchivedFile>;
  /** What is wrong with the zip itself: names, doubles, what hides between files. */
  findings: Finding[];
  close(): void;
}

export interface ArchivedFile {
  bytes: number;
  /** The content; it ends with an error where there is more or less of it than was said. */
  open(): Promise<Readable>;
}

/** There is no such file, or it is no zip: nothing could be looked at. */
export class CannotLook extends Error {
  override name = 'CannotLook';
}

/** Sizes of what a zip may have behind a file that was written without knowing its size (PKWARE APPNOTE, 4.3.9). */
const descriptors = [12, 16, 20, 24];
const sizes = { entry: 46, end: 22, end64: 76 };

/**
 * Opens a zip that a bundle may be in.
 * @throws CannotLook
 */
export async function openArchive(path: string): Promise<Archive> {
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  );
  if (size === null) throw new CannotLook(`There is no file ${path}.`);
  const zip = await yauzl
    .openPromise(path, { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: true })
    .catch((error: unknown) => {
      throw new CannotLook(`${path} is no zip, or not all of one: ${messageOf(error)}`);
    });
  try {
    return { ...(await filesIn(zip, size)), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw new CannotLook(`${path} can not be read as a zip: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function filesIn(zip: yauzl.ZipFile, size: number): Promise<Pick<Archive, 'files' | 'findings'>> {
  const files = new Map<string, ArchivedFile>();
  const findings: Finding[] = [];
  const say = (file: string, what: string) => void findings.push(found(file, what));
  const stretches: Stretch[] = [];
  let directory = 0;
  for await (const entry of zip.eachEntry()) {
    if (stretches.length >= limits.files) throw new Error(`it has more than ${limits.files} files`);
    const name = nameOf(entry.fileNameRaw);
    const local = await zip.readLocalFileHeaderPromise(entry);
    directory += sizes.entry + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    const from = entry.relativeOffsetOfLocalHeader;
    const streamed = (entry.generalPurposeBitFlag & 8) !== 0;
    stretches.push({ name, from, to: local.fileDataStart + entry.compressedSize, streamed });
    if (!isBundleName(name)) say(name, 'a file of this name is in no bundle');
    else if (files.has(name)) say(name, 'the zip has two files of this name');
    if (!local.fileName.equals(entry.fileNameRaw)) say(name, 'the zip calls this file by two names');
    if (local.compressionMethod !== entry.compressionMethod)
      say(name, 'the zip says in two ways how this file is packed');
    if (entry.fileCommentLength > 0) say(name, 'the zip has a comment on this file');
    if (!entry.canDecodeFileData()) say(name, 'this file is encrypted, or packed in a way that bundles are not');
    else files.set(name, { bytes: entry.uncompressedSize, open: () => zip.openReadStreamPromise(entry) });
  }
  if (zip.comment.length > 0) say('the zip', 'it has a comment');
  for (const { name } of hiding(stretches, size - directory - sizes.end)) {
    say(name, 'the zip holds something beside its files, before or after this one');
  }
  return { files, findings };
}

/** For a finding: nothing in a name steers a terminal. */
const nameOf = (raw: Buffer): string => {
  const name = raw.toString('utf8');
  return isBundleName(name) ? name : JSON.stringify(name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
};

interface Stretch {
  name: string;
  from: number;
  to: number;
  streamed: boolean;
}

/** Files that do not stand right behind each other, from the beginning up to the directory: others may unpack what is between. */
function hiding(stretches: readonly Stretch[], directoryAt: number): Stretch[] {
  const sorted = [...stretches].sort((a, b) => a.from - b.from);
  return sorted.filter(({ to, streamed, from }, i) => {
    if (i === 0 && from !== 0) return true;
    const next = sorted[i + 1]?.from;
    const gaps = streamed ? descriptors : [0];
    if (next !== undefined) return !gaps.includes(next - to);
    return ![0, sizes.end64].some((more) => gaps.includes(directoryAt - more - to));
  });
}
