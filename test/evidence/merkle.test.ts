import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyPath,
  emptyRoot,
  extendsTree,
  Frontier,
  foldRight,
  inclusionPath,
  leafHash,
  rootFromInclusion,
  type Stretch,
  wholeBetween,
} from '../../src/evidence/merkle.ts';

/** The definition of RFC 9162, section 2.1.1, word by word: slow and on its own. */
function treeHash(entries: readonly Buffer[]): Buffer {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sha();
  if (entries.length === 1) return sha(Buffer.of(0), entries[0] ?? Buffer.of());
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha(Buffer.of(1), treeHash(entries.slice(0, k)), treeHash(entries.slice(k)));
}

function frontierOf(entries: readonly Buffer[]): Frontier {
  const frontier = Frontier.empty();
  for (const entry of entries) frontier.append(leafHash(entry));
  return frontier;
}

const some = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => Buffer.from(`entry ${i}`));
const rootsOf = (entries: readonly Buffer[], stretches: readonly Stretch[]): Buffer[] =>
  stretches.map(([from, to]) => treeHash(entries.slice(from, to)));
const hex = (hashes: readonly Buffer[]) => hashes.map((each) => each.toString('hex'));
const flipped = (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte)));

/** The vectors that implementations of RFC 6962 share (google/certificate-transparency, merkle_tree_test). */
const published = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((each) => Buffer.from(each, 'hex'));
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const a = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const b = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const c = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const d = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const e = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const f = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';
const four = String(roots[3]);

describe('the published vectors of RFC 6962', () => {
  test('the root of nothing', () => {
    expect(emptyRoot().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(Frontier.empty().root()).toEqual(emptyRoot());
  });

  test.each(roots.map((root, i) => ({ size: i + 1, root })))('the root of $size leaves', ({ size, root }) => {
    expect(frontierOf(published.slice(0, size)).root().toString('hex')).toBe(root);
  });

  test.each([
    { leaf: 0, size: 1, path: [] },
    { leaf: 0, size: 8, path: [a, b, c] },
    { leaf: 5, size: 8, path: [d, e, four] },
    { leaf: 2, size: 3, path: [String(roots[1])] },
    {
      leaf: 1,
      size: 5,
      path: [String(roots[0]), b, d],
    },
  ])('leaf $leaf of $size', ({ leaf, size, path }) => {
    expect(hex(rootsOf(published, inclusionPath(leaf, size)))).toEqual(path);
  });

  test.each([
    { from: 1, to: 1, path: [] },
    { from: 1, to: 8, path: [a, b, c] },
    { from: 6, to: 8, path: [f, e, four] },
    { from: 2, to: 5, path: [b, d] },
  ])('$to leaves extend $from', ({ from, to, path }) => {
    expect(hex(rootsOf(published, consistencyPath(from, to)))).toEqual(path);
  });
});

const sizes = fc.integer({ min: 1, max: 130 });

describe('whatever its size, a tree', () => {
  test('has the root of the definition, by one leaf after the other', () => {
    const entries = some(130);
    const frontier = Frontier.empty();
    entries.forEach((entry, i) => {
      frontier.append(leafHash(entry));
      expect(frontier.root()).toEqual(treeHash(entries.slice(0, i + 1)));
    });
  });

  test('tells of each whole subtree once, when its last leaf comes', () => {
    const entries = some(37);
    const told: string[] = [];
    const frontier = Frontier.empty();
    for (const entry of entries) {
      frontier.append(leafHash(entry), ({ level, index }, root) => {
        const from = index * 2 ** level;
        expect(root).toEqual(treeHash(entries.slice(from, from + 2 ** level)));
        told.push(`${level}/${index}`);
      });
    }
    const whole = [1, 2, 3, 4, 5].flatMap((level) =>
      Array.from({ length: Math.floor(37 / 2 ** level) }, (_, index) => `${level}/${index}`),
    );
    expect(told.sort()).toEqual(whole.sort());
  });

  test('is taken up again where it was left, and never with hashes of another size', () => {
    fc.assert(
      fc.property(sizes, sizes, (before, more) => {
        const entries = some(before + more);
        const left = frontierOf(entries.slice(0, before));
        const again = Frontier.of(before, left.peaks);
        for (const entry of entries.slice(before)) again?.append(leafHash(entry));
        expect(again?.root()).toEqual(treeHash(entries));
        expect(Frontier.of(before, [...left.peaks, leafHash('x')])).toBeNull();
        expect(Frontier.of(before, left.peaks.slice(1))).toBeNull();
      }),
    );
  });

  test('proves each of its leaves, and no other in its place', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, any) => {
        const entries = some(size);
        const leaf = any % size;
        const path = rootsOf(entries, inclusionPath(leaf, size));
        const root = treeHash(entries);
        const proven = leafHash(entries[leaf] ?? '');
        expect(rootFromInclusion(leaf, size, proven, path)).toEqual(root);
        expect(rootFromInclusion(leaf, size, flipped(proven), path)).not.toEqual(root);
        expect(rootFromInclusion(leaf, size, proven, [...path, proven])).toBeNull();
        expect(rootFromInclusion(size, size, proven, path)).toBeNull();
        for (const [i, each] of path.entries()) {
          expect(rootFromInclusion(leaf, size, proven, path.with(i, flipped(each)))).not.toEqual(root);
        }
        if (size > 1 && leaf + 1 < size) expect(rootFromInclusion(leaf + 1, size, proven, path)).not.toEqual(root);
      }),
    );
  });

  test('proves that it extends each smaller one, and no other', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, any) => {
        const entries = some(size);
        const before = any % (size + 1);
        const [smaller, larger] = [
          { size: before, root: treeHash(entries.slice(0, before)) },
          { size, root: treeHash(entries) },
        ];
        const proof = before === 0 ? [] : rootsOf(entries, consistencyPath(before, size));
        expect(extendsTree(smaller, larger, proof)).toBe(true);
        expect(extendsTree({ ...smaller, root: flipped(smaller.root) }, larger, proof)).toBe(false);
        expect(extendsTree(smaller, { ...larger, root: flipped(larger.root) }, proof)).toBe(before === 0);
        expect(extendsTree(smaller, larger, [...proof, larger.root])).toBe(false);
        for (const [i, each] of proof.entries()) {
          expect(extendsTree(smaller, larger, proof.with(i, flipped(each)))).toBe(false);
          expect(extendsTree(smaller, larger, proof.toSpliced(i, 1))).toBe(false);
        }
        if (before < size) expect(extendsTree(larger, smaller, proof)).toBe(false);
      }),
    );
  });

  test('is put together from what stands left of some leaves, the leaves, and what stands right of them', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, x, y) => {
        const entries = some(size);
        const [from = 0, to = 0] = [x % (size + 1), y % (size + 1)].sort((p, q) => p - q);
        const whole = (stretchFrom: number, stretchTo: number) =>
          wholeBetween(stretchFrom, stretchTo).map(({ level, index }) => ({
            level,
            root: treeHash(entries.slice(index * 2 ** level, (index + 1) * 2 ** level)),
          }));
        const frontier = Frontier.of(
          from,
          whole(0, from).map(({ root }) => root),
        );
        for (const entry of entries.slice(from, to)) frontier?.append(leafHash(entry));
        for (const { level, root } of whole(to, size)) frontier?.appendWhole(level, root);
        expect(frontier?.root()).toEqual(treeHash(entries));
      }),
    );
  });
});

test('a subtree stands only where a multiple of its width ends', () => {
  const frontier = frontierOf(some(3));
  expect(() => frontier.appendWhole(1, leafHash('x'))).toThrow(RangeError);
});

test('neighbours are folded from the right', () => {
  const [x, y, z] = some(3).map(leafHash) as [Buffer, Buffer, Buffer];
  expect(foldRight([x, y, z])).toEqual(foldRight([x, foldRight([y, z])]));
});
