import { createHash, type Hash } from 'node:crypto';
import type { Sink } from './derive.ts';
import type { Read } from './lines.ts';

interface Digest {
  hash: Hash;
  bytes: number;
  waiting: string[];
  held: number;
}

/** Characters that are hashed at once. */
const FULL = 64 * 1024;

function flush(digest: Digest): void {
  const bytes = Buffer.from(digest.waiting.join(''));
  digest.hash.update(bytes);
  digest.bytes += bytes.length;
  digest.waiting = [];
  digest.held = 0;
}

/** Hashes what files should be, without writing them. */
export function digests(): { sinkOf(file: string): Sink; end(): ReadonlyMap<string, Read> } {
  const all = new Map<string, Digest>();
  return {
    sinkOf: (file) => {
      const digest: Digest = { hash: createHash('sha256'), bytes: 0, waiting: [], held: 0 };
      all.set(file, digest);
      return {
        write: (text) => {
          digest.waiting.push(text);
          digest.held += text.length;
          if (digest.held >= FULL) flush(digest);
        },
      };
    },
    end: () =>
      new Map(
        [...all].map(([file, digest]): [string, Read] => {
          flush(digest);
          return [file, { bytes: digest.bytes, sha256: digest.hash.digest('hex') }];
        }),
      ),
  };
}
