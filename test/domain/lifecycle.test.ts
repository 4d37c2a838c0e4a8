import { describe, expect, test } from 'vitest';
import { outcome } from './lifecycle-cast.ts';
import {
  expected,
  people,
  type Scene,
  type Shape,
  type Somebody,
  scenes,
  shapes,
  type Verb,
  verbs,
} from './lifecycle-table.ts';

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] =>
  Object.keys(record).filter((key): key is K => key in record);

/** A request with one leg only is never half agreed. */
const scenesOf = (shape: Shape): Scene[] =>
  scenes.filter((scene) => scene !== 'half agreed' || shapes[shape].legs.length > 1);

const rows = keysOf(shapes).flatMap((shape) =>
  scenesOf(shape).flatMap((scene) => verbs.map((verb): [Shape, Verb, Scene] => [shape, verb, scene])),
);

describe('every verb from every state by everybody answers as the table of the lifecycle says', () => {
  let seen = 0;

  test.each(rows)('%s: %s when %s', (shape, verb, scene) => {
    const answered: Partial<Record<Somebody, string>> = {};
    const specified: Partial<Record<Somebody, string>> = {};
    for (const who of keysOf(people)) {
      answered[who] = outcome(verb, scene, who, shape);
      specified[who] = expected(verb, scene, who, shape);
      seen += 1;
    }
    expect(answered).toEqual(specified);
  });

  test('no cell of the table is left out', () => {
    // Two shapes of two legs in twelve scenes, one of one leg in eleven; seventeen verbs, twenty-one people.
    expect(seen).toBe((2 * 12 + 11) * 17 * 21);
    expect(seen).toBe(12_495);
  });
});
