import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { revoke } from '../../src/domain/close.ts';
import { approve, deny } from '../../src/domain/decide.ts';
import type { Decision } from '../../src/domain/events.ts';
import { request } from '../../src/domain/request.ts';
import { excuse, review } from '../../src/domain/review.ts';
import { codePoints, isStorable } from '../../src/domain/text.ts';
import {
  aGrant,
  anActiveGrant,
  aPolicy,
  asked,
  at,
  auditor,
  everyAnswer,
  operator,
  owner,
  owners,
  refusalOf,
  requestGrounds,
  security,
} from './builders.ts';

const codePoint = fc.integer({ min: 0x1, max: 0x10ffff }).filter((point) => point < 0xd800 || point > 0xdfff);
/** Code units that meet as often as they don't: halves of pairs, NUL, letters. */
const codeUnits = fc
  .array(fc.constantFrom(0, 0x61, 0x20ac, 0xd800, 0xd83d, 0xdbff, 0xdc00, 0xde92, 0xdfff, 0xe000, 0xffff), {
    maxLength: 8,
  })
  .map((units) => String.fromCharCode(...units));

describe('text that PostgreSQL and JSON carry unchanged', () => {
  const cases: [string, boolean][] = [
    ['', true],
    ['Search is down.', true],
    ['tab\t, newline\n and \u0001', true],
    ['🚒', true],
    ['👩‍👩‍👧‍👦 \u202E', true],
    ['\0', false],
    ['in\0side', false],
    ['\uD83D', false],
    ['\uDE92', false],
    ['\uDE92\uD83D', false],
    ['\uD83D\uD83D\uDE92', false],
    ['\uD83D\uDE92\uDE92', false],
    ['a\uD83D', false],
    ['\uDE92a', false],
  ];
  test.each(cases)('%j is storable: %s', (text, storable) => {
    expect(isStorable(text)).toBe(storable);
  });

  test('is what comes back from UTF-8 and has no NUL', () => {
    const survives = (text: string) => Buffer.from(text, 'utf8').toString('utf8') === text && !text.includes('\0');
    fc.assert(
      fc.property(codeUnits, (text) => isStorable(text) === survives(text)),
      { numRuns: 2_000 },
    );
  });

  test('is measured in code points', () => {
    fc.assert(
      fc.property(fc.array(codePoint), (points) => codePoints(String.fromCodePoint(...points)) === points.length),
    );
  });
});

describe('whatever a person types, in whichever field, is refused when it could not be kept as typed', () => {
  const world = { now: at(20), policy: aPolicy(), owners };
  const closed = anActiveGrant({
    status: {
      state: 'ended',
      activatedAt: at(10),
      expiresAt: at(70),
      closed: { at: at(20), by: 'operator', reason: null },
    },
  });
  const owed = { operator: 'operator', dueAt: at(0), reviewed: null, excused: null };

  type Door = [string, 'reason' | 'ticket' | 'comment', (text: string) => Decision<{ name: string }>];
  const fields: Door[] = [
    ['reason of a request', 'reason', (reason) => request(operator, asked({ reason }), requestGrounds())],
    ['ticket', 'ticket', (ticket) => request(operator, asked({ ticket }), requestGrounds())],
    [
      'comment of an approval',
      'comment',
      (comment) => approve(aGrant(), owner, { leg: 'owner', minutes: null, comment }, world),
    ],
    ['reason of a denial', 'comment', (reason) => deny(aGrant(), owner, 'owner', reason, world)],
    ['reason of a revocation', 'comment', (reason) => revoke(anActiveGrant(), owner, reason, world)],
    [
      'answer of a review',
      'comment',
      (text) => review(closed, owed, auditor, { ...everyAnswer, cause_documented: text }, at(90)),
    ],
    ['reason of an excuse', 'comment', (reason) => excuse(owed, security, reason, at(90))],
  ];
  test.each(fields)('%s', (_, field, decide) => {
    for (const broken of ['\0', '\uD83D', '\uDE92']) {
      for (const text of [`Nothing wrong here${broken}`, `${broken}INC-42 of today`, `INC-42${broken}`]) {
        expect(refusalOf(decide(text))).toEqual({ kind: 'unprintable_text', field });
      }
    }
  });

  const reasons = fields.filter(([name]) => ['denial', 'revocation', 'excuse'].some((verb) => name.endsWith(verb)));
  test.each(reasons)('%s says something and has at most 1,000 characters', (_, __, decide) => {
    const lengths: [string, number | null][] = [
      ['', 0],
      [' \n\t', 3],
      ['x', null],
      ['🚒'.repeat(1000), null],
      ['🚒'.repeat(1001), 1001],
      [' '.repeat(1001), 1001],
    ];
    expect(reasons).toHaveLength(3);
    for (const [text, found] of lengths) {
      const decision = decide(text);
      if (found === null) expect(decision.events).toHaveLength(1);
      else expect(refusalOf(decision)).toEqual({ kind: 'reason_length', min: 1, max: 1000, found });
    }
  });
});
