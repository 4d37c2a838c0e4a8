import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** What a file turned out to be, read to its end. */
export interface Read {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** The lines of a file, one after the other, while it is hashed. Memory holds one line and a little more. */
export interface Lines {
  /** The next line, without its end; null behind the last. */
  next(): Promise<Buffer | null>;
  /** What the whole file is; it is read to its end first. */
  rest(): Promise<Read>;
  /** The file does not end where a line does. */
  broken(): boolean;
}

const LINE_END = 0x0a;

/** @param longest bytes of a line; a longer one is taken in pieces, which are no lines of anything */
export function linesOf(stream: Readable, longest: number, onBytes: (bytes: number) => void = () => {}): Lines {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const hash: Hash = createHash('sha256');
  const at = { bytes: 0, ended: false, broken: false };
  let held: Buffer = Buffer.alloc(0);
  let from = 0;
  const more = async (): Promise<boolean> => {
    const { value, done } = await chunks.next();
    if (done) {
      at.ended = true;
      return false;
    }
    hash.update(value);
    at.bytes += value.length;
    onBytes(value.length);
    held = from === held.length ? value : Buffer.concat([held.subarray(from), value]);
    from = 0;
    return true;
  };
  return {
    next: async () => {
      for (let looked = from; ; ) {
        const end = held.indexOf(LINE_END, looked);
        if (end >= 0) {
          const line = held.subarray(from, end);
          from = end + 1;
          return line;
        }
        const waiting = held.length - from;
        if (waiting > longest || at.ended || !(await more())) {
          if (waiting === 0) return null;
          at.broken = true;
          const line = held.subarray(from);
          from = held.length;
          return line;
        }
        looked = waiting;
      }
    },
    rest: async () => {
      held = Buffer.alloc(0);
      from = 0;
      while (!at.ended) {
        await more();
        from = held.length;
      }
      return { bytes: at.bytes, sha256: hash.digest('hex') };
    },
    broken: () => at.broken,
  };
}

/** A whole small file. @returns null where it is larger than that */
export async function wholeOf(stream: Readable, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
