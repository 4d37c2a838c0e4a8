import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { type BundleFile, names } from './bundle.ts';
import type { Spools } from './spool.ts';

/** Writes files into a zip, and waits until it is on the disk. Memory does not grow with them. */
export async function writeZip(
  files: readonly BundleFile[],
  spools: Pick<Spools, 'pathOf'>,
  at: Date,
  { target, signal }: { target: string; signal?: AbortSignal },
): Promise<void> {
  const archive = new yazl.ZipFile();
  const options = { mtime: at, mode: 0o100644, compress: true, compressionLevel: 6, forceDosTimestamp: true };
  // For people: what says what all this is comes first.
  const first = [names.readme, names.report, names.controls, names.manifest, names.signature] as readonly string[];
  const ordered = [...files].sort((a, b) => place(first, a.name) - place(first, b.name));
  for (const { name } of ordered) archive.addFile(spools.pathOf(name), name, options);
  archive.end();
  const failed = new Promise<never>((_, reject) => archive.once('error', reject));
  const written = pipeline(
    archive.outputStream,
    createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    signal ? { signal } : {},
  );
  await Promise.race([written, failed]);
  const file = await open(target, 'r+');
  await file.sync().finally(() => file.close());
}

const place = (first: readonly string[], name: string): number => {
  const at = first.indexOf(name);
  return at < 0 ? first.length : at;
};
