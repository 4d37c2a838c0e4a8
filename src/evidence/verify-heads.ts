import { type Finding, found } from './archive.ts';
import { limits, names } from './bundle.ts';
import { type EarlierLine, readEarlierLine } from './bundle-proof.ts';
import { type Head, headIn, openHead, tidyNote } from './checkpoint.ts';
import type { Lines } from './lines.ts';
import { extendsTree } from './merkle.ts';
import type { Verifier } from './note.ts';

/** A checkpoint that somebody held on to. */
export interface HeldNote {
  /** Where it came from, as findings call it. */
  file: string;
  note: string;
}

/** An earlier checkpoint in a bundle, with what proves that the bundle's extends it. */
export interface Earlier {
  line: number;
  head: Head;
  proof: EarlierLine['proof'];
  /** A key that was given signed it. */
  vouched: boolean;
}

/** Reads the earlier checkpoints of a bundle. */
export async function readEarlier(
  lines: Lines,
  keys: readonly Verifier[],
  say: (finding: Finding) => void,
): Promise<Earlier[]> {
  const all: Earlier[] = [];
  for (let line = 1; ; line += 1) {
    const bytes = await lines.next();
    if (bytes === null) return all;
    const read = bytes.length <= limits.small ? readEarlierLine(bytes.toString()) : null;
    const signed = read && openHead(read.note, keys);
    const head = signed ?? (read && headIn(read.note));
    if (!read || !head) say(found(names.checkpoints, 'this is no checkpoint', { line }));
    else if (signed === null && keys.some((key) => namesKey(read.note, key))) {
      say(found(names.checkpoints, 'the signature on this checkpoint is wrong', { line }));
    } else all.push({ line, head, proof: read.proof, vouched: signed !== null });
  }
}

/** A note that says it was signed by a key, whether it was or not. */
const namesKey = (note: string, { name, id }: Verifier): boolean =>
  note.split('\n').some((line) => {
    const [, by, signature = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    return by === name && Buffer.from(signature, 'base64').subarray(0, 4).equals(id);
  });

/** Each earlier checkpoint is of the same tree, and the bundle's extends it. */
export function compareEarlier(earlier: readonly Earlier[], head: Head, say: (finding: Finding) => void): void {
  for (const { line, head: before, proof } of earlier) {
    if (before.origin !== head.origin) {
      say(found(names.checkpoints, `this is a checkpoint of another tree: ${before.origin}`, { line }));
    } else if (!extendsTree(before, head, proof)) {
      say(
        found(names.checkpoints, `the bundle's checkpoint is not shown to extend this one of ${before.size} entries`, {
          line,
        }),
      );
    }
  }
}

/** What the checkpoint that somebody held on to says of the bundle's. @returns null where they agree */
export function compareHeld(
  { file, note }: HeldNote,
  keys: readonly Verifier[],
  head: Head | null,
  earlier: readonly Earlier[],
  rootAt: (size: number) => Buffer | null,
): Finding | null {
  const held = openHead(tidyNote(note), keys);
  if (held === null) return found(file, 'it is no checkpoint that one of the keys that were given signed');
  if (head === null) return found(file, 'there is no checkpoint in the bundle that it could be compared with');
  if (held.origin !== head.origin) return found(file, `it is of the tree ${held.origin}, the bundle of ${head.origin}`);
  const { size } = held;
  if (size > head.size) {
    return found(
      file,
      `the export ends before this checkpoint of ${size} entries, at ${head.size}: it is older, or history was cut`,
    );
  }
  const forked = found(file, `history was changed: the first ${size} entries are not what this checkpoint says`);
  if (size === head.size) return held.root.equals(head.root) ? null : forked;
  const root = rootAt(size);
  if (root !== null) return held.root.equals(root) ? null : forked;
  const known = earlier.find((each) => each.head.size === size);
  if (known) return extendsTree(held, head, known.proof) ? null : forked;
  return found(
    file,
    `this checkpoint of ${size} entries can't be compared: the bundle has no proof that leads from it`,
  );
}
