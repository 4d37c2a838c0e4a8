import { isRecord, recordIn } from './entry.ts';

/** What proves the entries of a bundle, beside them (docs/evidence.md). Hashes are hexadecimal. */
export type BundleProof =
  /** All leaves from `first` on, `count` of them, with the roots of what stands left and right of them. */
  | { kind: 'range'; origin: string; size: number; first: number; count: number; left: string[]; right: string[] }
  /** Each entry by itself: its leaf and its path are a line of another file. */
  | { kind: 'inclusion'; origin: string; size: number };

/** An entry's place in the tree, and what leads from it to the root. */
export interface ProofLine {
  leaf: number;
  hash: Buffer;
  path: readonly Buffer[];
}

/** An earlier checkpoint that people got, and what proves that the bundle's extends it. */
export interface EarlierLine {
  note: string;
  proof: readonly Buffer[];
}

export const hexOf = (hashes: readonly Buffer[]): string[] => hashes.map((each) => each.toString('hex'));

/** 32 bytes in lower case; null for anything else. */
export const hashFrom = (text: unknown): Buffer | null =>
  typeof text === 'string' && /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : null;

export function hashesFrom(value: unknown): Buffer[] | null {
  if (!Array.isArray(value) || value.length > 128) return null;
  const hashes = value.map(hashFrom);
  return hashes.every((each) => each !== null) ? hashes : null;
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export function readProof(text: string): BundleProof | null {
  const said = recordIn(text);
  const { kind, origin, size, first, count } = said;
  if (typeof origin !== 'string' || !isPlace(size)) return null;
  if (kind === 'inclusion') return { kind, origin, size };
  const [left, right] = [hashesFrom(said.left), hashesFrom(said.right)];
  if (kind !== 'range' || !isPlace(first) || !isPlace(count) || !left || !right) return null;
  return { kind, origin, size, first, count, left: hexOf(left), right: hexOf(right) };
}

export const proofLine = ({ leaf, hash, path }: ProofLine): string =>
  `${JSON.stringify({ leaf, hash: hash.toString('hex'), path: hexOf(path) })}\n`;

export function readProofLine(text: string): ProofLine | null {
  const said = recordIn(text);
  const [hash, path] = [hashFrom(said.hash), hashesFrom(said.path)];
  return isPlace(said.leaf) && hash && path ? { leaf: said.leaf, hash, path } : null;
}

export const earlierLine = ({ note, proof }: EarlierLine): string =>
  `${JSON.stringify({ note, proof: hexOf(proof) })}\n`;

export function readEarlierLine(text: string): EarlierLine | null {
  const said = recordIn(text);
  const proof = isRecord(said) ? hashesFrom(said.proof) : null;
  return typeof said.note === 'string' && proof ? { note: said.note, proof } : null;
}
