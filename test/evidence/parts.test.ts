import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditActions } from '../../src/domain/audit.ts';
import { readEntry } from '../../src/evidence/entry.ts';
import { partHeader, partNames, partOf, partRow } from '../../src/evidence/parts.ts';
import { entryText } from './bundles.ts';

describe('every entry is in exactly one table', () => {
  test.each(auditActions)('%s', (action) => {
    expect(partNames).toContain(partOf(action));
  });

  test('an action that nobody knows is among the others', () => {
    for (const action of [
      '',
      'requested',
      'x.requested',
      'break_glass',
      'break_glass.',
      'access.denied.more',
      'constructor',
      '__proto__',
    ]) {
      expect(partOf(action)).toBe('other');
    }
  });

  test.each([
    ['break_glass.requested', 'requests'],
    ['support_access.denied', 'approvals'],
    ['support_access.ownerless_waived', 'waivers'],
    ['break_glass.expired', 'lifecycle'],
    ['access.denied', 'uses'],
    ['break_glass.review_excused', 'reviews'],
    ['support_access.evidence_attached', 'attachments'],
    ['policy.adopted', 'policies'],
    ['role.changed', 'other'],
  ])('%s is in %s', (action, part) => expect(partOf(action)).toBe(part));
});

describe('a row', () => {
  test('has as many cells as its table has columns, and the same as JSON and as CSV', () => {
    for (const action of auditActions) {
      const part = partOf(action);
      const row = partRow(
        part,
        7,
        readEntry(entryText(3, action, { leg: 'owner', minutes: 5, legs: ['owner', 'ops'] })),
      );
      const [columns = [], cells = []] = parse(partHeader(part) + row.csv, { record_delimiter: '\r\n' }) as string[][];
      expect(cells).toHaveLength(columns.length);
      expect(Object.keys(JSON.parse(row.json))).toEqual(columns);
      expect(cells[0]).toBe('7');
    }
  });

  test('runs nothing in a spreadsheet, whatever was typed', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('=1+1', '+1', '@x', '\t=1', '-2+3', ';=1', '=HYPERLINK("//x")'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...auditActions), typed, (action, text) => {
        const details = Object.fromEntries(
          ['reason', 'comment', 'ticket', 'title', 'subject', 'requester', 'links'].map((name) => [name, text]),
        );
        const { csv } = partRow(partOf(action), 0, readEntry(entryText(0, action, details)));
        const cells = parse(csv, { record_delimiter: '\r\n' })[0] as string[];
        expect(cells.filter((cell) => /^[=+\-@\t\r\n]/.test(cell))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('of a text that is no entry says nothing, and breaks nothing', () => {
    for (const text of ['', 'null', '[]', '{', '"x"', '{"details":null,"id":"1","at":5}']) {
      expect(JSON.parse(partRow('other', 0, readEntry(text)).json)).toMatchObject({
        leaf: 0,
        entry: null,
        details: {},
      });
    }
  });
});
