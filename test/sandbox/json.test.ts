import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSame, type Json } from '../../sandbox/slack/json.ts';

const json: fc.Arbitrary<Json> = fc.json({ maxDepth: 3 }).map((text) => {
  const parsed: Json = JSON.parse(text);
  return parsed;
});
const small: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -0, 1, '', 'a', [], {}, [null], { a: null }, { b: null }),
  fc.array(fc.constantFrom<Json>(null, 0, 'a'), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'toString'), fc.constantFrom<Json>(null, 0, []), { maxKeys: 2 }),
);

test('two texts of JSON are the same when Node’s own comparison says so', () => {
  fc.assert(
    fc.property(fc.oneof(fc.tuple(json, json), fc.tuple(small, small)), ([one, other]) => {
      const plain: Json = JSON.parse(JSON.stringify([one, other]));
      const [a = null, b = null] = Array.isArray(plain) ? plain : [];
      expect(isSame(a, b)).toBe(isDeepStrictEqual(a, b));
    }),
    { numRuns: 2_000 },
  );
});

test('everything is the same as its copy, whatever the order of the keys', () => {
  fc.assert(
    fc.property(json, (one) => {
      expect(isSame(one, structuredClone(one))).toBe(true);
    }),
  );
  expect(isSame({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
});

test('what one has and the other has not makes a difference', () => {
  expect(isSame({ a: null }, {})).toBe(false);
  expect(isSame({ a: null }, { b: null })).toBe(false);
  expect(isSame([null], [])).toBe(false);
  expect(isSame([], {})).toBe(false);
});
