import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 9162, section 2.1 (as RFC 6962): a leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left ||
 * right), and the left half of a tree is the largest power of two smaller than its size. Sizes and places are whole
 * numbers; hashes 32 bytes.
 */
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

const sha256 = (...parts: Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

export const leafHash = (entry: string | Buffer): Buffer =>
  sha256(LEAF, typeof entry === 'string' ? Buffer.from(entry) : entry);
export const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(NODE, left, right);

/** The root of a tree without leaves: the hash of nothing. */
export const emptyRoot = (): Buffer => sha256();

/** A whole subtree: 2^level leaves, beginning at index * 2^level. */
export interface Subtree {
  level: number;
  index: number;
}

const width = (level: number): number => 2 ** level;

/**
 * What a tree that only grows has to remember: the roots of the whole subtrees that it consists of, the largest first, one
 * for each bit of its size. Appending costs as many hashes as the size has digits at most, two on average.
 */
export class Frontier {
  #size: number;
  readonly #peaks: Buffer[];

  private constructor(size: number, peaks: Buffer[]) {
    this.#size = size;
    this.#peaks = peaks;
  }

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** @returns null where the hashes can't be those of a tree of this size */
  static of(size: number, peaks: readonly Buffer[]): Frontier | null {
    const fits = Number.isSafeInteger(size) && size >= 0 && peaks.length === peaksOf(size).length;
    return fits && peaks.every((peak) => peak.length === 32) ? new Frontier(size, [...peaks]) : null;
  }

  get size(): number {
    return this.#size;
  }

  get peaks(): readonly Buffer[] {
    return this.#peaks;
  }

  /** @param onWhole told of each subtree of two leaves or more that this leaf completes */
  append(leaf: Buffer, onWhole: (subtree: Subtree, root: Buffer) => void = () => {}): void {
    this.appendWhole(0, leaf, onWhole);
  }

  /** Appends a whole subtree of 2^level leaves; the size so far must be a multiple of that. */
  appendWhole(level: number, root: Buffer, onWhole: (subtree: Subtree, root: Buffer) => void = () => {}): void {
    if (this.#size % width(level) !== 0) throw new RangeError('A subtree stands where a multiple of its width ends.');
    this.#size += width(level);
    let [joined, at] = [root, level];
    for (let left = this.#size / width(level); left % 2 === 0; left /= 2) {
      joined = nodeHash(this.#peaks.pop() ?? joined, joined);
      at += 1;
      onWhole({ level: at, index: left / 2 - 1 }, joined);
    }
    this.#peaks.push(joined);
  }

  /** The root of the tree: ragged on the right, so folded from there. */
  root(): Buffer {
    return foldRight(this.#peaks);
  }
}

/** The root of neighbouring subtrees of which each is larger than those to its right. */
export const foldRight = (roots: readonly Buffer[]): Buffer =>
  roots.length === 0 ? emptyRoot() : roots.reduceRight((right, left) => nodeHash(left, right));

/** The whole subtrees that a tree of this size consists of, the largest first. */
export const peaksOf = (size: number): Subtree[] => wholeBetween(0, size);

/** The fewest whole subtrees that cover the leaves from one place up to another, from left to right. */
export function wholeBetween(from: number, to: number): Subtree[] {
  const found: Subtree[] = [];
  for (let at = from; at < to; ) {
    let level = 0;
    while (at % width(level + 1) === 0 && at + width(level + 1) <= to) level += 1;
    found.push({ level, index: at / width(level) });
    at += width(level);
  }
  return found;
}

/** Leaves from one place up to another. */
export type Stretch = readonly [from: number, to: number];

/** The largest power of two smaller than a number above 1. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** The stretches whose roots prove that a leaf is in a tree, from the leaf up (RFC 9162, section 2.1.3.1). */
export function inclusionPath(leaf: number, size: number): Stretch[] {
  const path: Stretch[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (leaf < middle) {
      path.unshift([middle, to]);
      to = middle;
    } else {
      path.unshift([from, middle]);
      from = middle;
    }
  }
  return path;
}

/** The stretches whose roots prove that a tree extends a smaller one (RFC 9162, section 2.1.4.1). */
export function consistencyPath(smaller: number, size: number): Stretch[] {
  const path: Stretch[] = [];
  let [from, to, known] = [0, size, true];
  while (smaller < to) {
    const middle = from + split(to - from);
    if (smaller <= middle) {
      path.unshift([middle, to]);
      to = middle;
    } else {
      path.unshift([from, middle]);
      from = middle;
      known = false;
    }
  }
  return known ? path : [[from, to], ...path];
}

/** The root of the tree that a leaf and its path lead to; null where the path has not the length it must have. */
export function rootFromInclusion(leaf: number, size: number, hashOf: Buffer, path: readonly Buffer[]): Buffer | null {
  if (leaf < 0 || leaf >= size) return null;
  const stretches = inclusionPath(leaf, size);
  if (stretches.length !== path.length) return null;
  return path.reduce((root, sibling, i) => {
    const [from = 0] = stretches[i] ?? [];
    return from > leaf ? nodeHash(root, sibling) : nodeHash(sibling, root);
  }, hashOf);
}

/** Whether a tree extends a smaller one, by a proof (RFC 9162, section 2.1.4.2). */
export function extendsTree(
  smaller: { size: number; root: Buffer },
  larger: { size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (smaller.size > larger.size) return false;
  if (smaller.size === larger.size) return proof.length === 0 && smaller.root.equals(larger.root);
  if (smaller.size === 0) return proof.length === 0 && smaller.root.equals(emptyRoot());
  const isWhole = split(smaller.size * 2) === smaller.size;
  const [first, ...rest] = isWhole ? [smaller.root, ...proof] : proof;
  if (first === undefined) return false;
  let [node, last] = [smaller.size - 1, larger.size - 1];
  while (node % 2 === 1) [node, last] = [(node - 1) / 2, Math.floor(last / 2)];
  let [ours, theirs] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      ours = nodeHash(sibling, ours);
      theirs = nodeHash(sibling, theirs);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      theirs = nodeHash(theirs, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && ours.equals(smaller.root) && theirs.equals(larger.root);
}
