import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from '../../src/evidence/csv.ts';

/** A parser that is not ours, as strict as RFC 4180. */
const parsed = (csv: string, delimiter = ','): string[][] =>
  parse(csv, { delimiter, relax_column_count: true, record_delimiter: '\r\n' });

/** Whatever a spreadsheet might start a formula with, and what it shows as nothing before it. */
const starters = [...'=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−'];
const unseen = [
  '',
  ' ',
  '\u00a0',
  '\u3000',
  '\u200b',
  '\ufeff',
  '\u2060',
  '\u00ad',
  '\u3164',
  '\u202e',
  '\u0001',
  '\u2028',
];

/** Takes the guard away again: one apostrophe at each place where something dangerous would stand without it. */
function unguarded(cell: string): string {
  const before = String.raw`'*(?:(?![\t\r\n])[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}])*`;
  const dangerous = `[${starters.join('').replace('-', '\\-')}]`;
  const guard = new RegExp(
    `^'(?=${before}(?:${dangerous}|[\\t\\r\\n]))|(?<=[;\\t\\r\\n])'(?=${before}${dangerous})`,
    'gu',
  );
  return cell.replace(guard, '');
}

const nasty = fc.constantFrom(...starters, ...unseen, ...'",;\t\r\n\'|a1é🚒', '\r\n', 'cmd', '\u0000');
const text = fc.oneof(
  fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);
const cells = fc.array(text, { minLength: 2, maxLength: 6 });

describe('a line of a CSV', () => {
  test('ends in CRLF and has commas between its cells', () => {
    expect(csvLine(['a', 1, true, null, 'b'])).toBe('a,1,true,,b\r\n');
  });

  test.each([
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    [' spaced ', '" spaced "'],
    ['', '""'],
  ])('quotes %j', (value, written) => expect(csvLine([value])).toBe(`${written}\r\n`));

  test('leaves numbers numbers, also those below nothing', () => {
    expect(csvLine([-5, 0, 1.5, 1e21])).toBe('-5,0,1.5,1e+21\r\n');
  });

  test('is read by another parser as it was written, and what it guards can be unguarded', () => {
    fc.assert(
      fc.property(fc.array(cells, { minLength: 1, maxLength: 4 }), (rows) => {
        const read = parsed(rows.map(csvLine).join(''));
        expect(read.map((row) => row.map(unguarded))).toEqual(rows);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is left alone where nothing in it is dangerous', () => {
    const harmless = fc.string({ unit: fc.constantFrom(...'abc, "\n0189._:/é🚒') }).map((rest) => `a${rest}`);
    fc.assert(
      fc.property(fc.array(harmless, { minLength: 2, maxLength: 5 }), (row) => {
        expect(parsed(csvLine(row))).toEqual([row]);
      }),
    );
  });
});

describe('opened in a spreadsheet, nothing is run', () => {
  const runs = (cell: string): boolean =>
    new RegExp(
      `^[\\s\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}]*[${starters.map((each) => `\\u${each.codePointAt(0)?.toString(16).padStart(4, '0')}`).join('')}]`,
      'u',
    ).test(cell);
  const begins = (cell: string): boolean => runs(cell) || /^[\t\r\n]/.test(cell);

  const attacks = starters.flatMap((starter) => unseen.map((before) => `${before}${starter}HYPERLINK("x")`));
  test.each([...attacks, '\tx', '\rx', '\nx', '\r\n=1', "=cmd|' /C calc'!A0", '@SUM(1)', '\ufeff\t=1', ' \u200b =1'])(
    '%j',
    (attack) => {
      const [[cell = '']] = parsed(csvLine([attack, 'x'])) as [[string]];
      expect(cell.startsWith("'")).toBe(true);
      expect(unguarded(cell)).toBe(attack);
      expect(csvLine([attack]).startsWith('"\'')).toBe(true);
    },
  );

  test('whatever a cell holds, it begins with nothing dangerous', () => {
    fc.assert(
      fc.property(cells, (row) => {
        expect(parsed(csvLine(row))[0]?.filter(begins)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([';', '\t'])('nor where a spreadsheet splits at %j and knows no quotes within a cell', (separator) => {
    fc.assert(
      fc.property(cells, (row) => {
        const pieces = csvLine(['1', ...row])
          .split(/\r\n|[\r\n]/)
          .flatMap((line) => line.split(separator));
        expect(pieces.filter(runs)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['x;=1+1', 'x";=1+1;"', 'x\t=1+1', 'x\n=1+1', 'x;\u200b＝1'])('%j, in either country', (attack) => {
    const line = csvLine(['1', attack]);
    expect(line.split(/[;\t\r\n]/).filter(runs)).toEqual([]);
    expect(unguarded(parsed(line)[0]?.[1] ?? '')).toBe(attack);
  });
});
