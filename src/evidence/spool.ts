import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { BundleFile, Source } from './bundle.ts';
import type { Sink } from './derive.ts';

/** Bytes that wait in memory for the disk, per file. */
const FULL = 64 * 1024;

/** A file of a bundle while it is written: it counts and hashes what goes into it. */
export interface Spool extends Sink {
  /** Waits until what was written has gone to the disk, where there is much of it. */
  drain(): Promise<void>;
}

export interface Spools {
  /** Begins a file. */
  open(name: string, source: Source): Promise<Spool>;
  /** A whole file at once. */
  put(name: string, source: Source, text: string): Promise<void>;
  drain(): Promise<void>;
  /** Closes what is open. @returns what was written, in the order in which it was begun */
  end(): Promise<BundleFile[]>;
  pathOf(name: string): string;
}

interface OpenFile {
  file: BundleFile;
  handle: FileHandle;
  hash: Hash;
  waiting: string[];
  length: number;
}

async function flush(open: OpenFile): Promise<void> {
  if (open.waiting.length === 0) return;
  const bytes = Buffer.from(open.waiting.join(''));
  open.waiting = [];
  open.length = 0;
  open.hash.update(bytes);
  open.file.bytes += bytes.length;
  await open.handle.writeFile(bytes);
}

/** Files in a folder that is there. */
export function spoolsIn(folder: string): Spools {
  const files: BundleFile[] = [];
  const opened = new Set<OpenFile>();
  const pathOf = (name: string) => path.join(folder, ...name.split('/'));
  const close = async (open: OpenFile): Promise<void> => {
    opened.delete(open);
    await flush(open).finally(() => open.handle.close());
    open.file.sha256 = open.hash.digest('hex');
  };
  const begin = async (name: string, source: Source): Promise<OpenFile> => {
    if (name.includes('/')) await mkdir(path.dirname(pathOf(name)), { recursive: true });
    const file = { name, bytes: 0, sha256: '', source };
    const handle = await open(pathOf(name), 'wx', 0o600);
    const spool = { file, handle, hash: createHash('sha256'), waiting: [], length: 0 };
    files.push(file);
    opened.add(spool);
    return spool;
  };
  const write = (spool: OpenFile, text: string): void => {
    spool.waiting.push(text);
    spool.length += text.length;
  };
  return {
    pathOf,
    open: async (name, source) => {
      const spool = await begin(name, source);
      return {
        write: (text) => write(spool, text),
        drain: async () => {
          if (spool.length >= FULL) await flush(spool);
        },
      };
    },
    put: async (name, source, text) => {
      const spool = await begin(name, source);
      write(spool, text);
      await close(spool);
    },
    drain: async () => {
      for (const spool of opened) if (spool.length >= FULL) await flush(spool);
    },
    end: async () => {
      for (const spool of [...opened]) await close(spool);
      return [...files];
    },
  };
}
