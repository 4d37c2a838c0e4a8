import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { revoke } from '../../src/domain/close.ts';
import { approve, deny } from '../../src/domain/decide.ts';
import type { Decision } from '../../src/domain/events.ts';
import type { TypedField } from '../../src/domain/refusals.ts';
import { request } from '../../src/domain/request.ts';
import { excuse, review } from '../../src/domain/review.ts';
import { codePoints, isStorable, visible } from '../../src/domain/text.ts';
import {
  aGrant,
  anActiveGrant,
  aPolicy,
  asked,
  at,
  auditor,
  eventsOf,
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

/** Written out, not asked of the engine: white space, separators, and what steers the text without being seen. */
const unseen: [string, string][] = [
  ['space', ' '],
  ['tab', '\t'],
  ['new line', '\n'],
  ['no-break space', '\u00A0'],
  ['em space', '\u2003'],
  ['ideographic space', '\u3000'],
  ['line separator', '\u2028'],
  ['zero-width space', '\u200B'],
  ['zero-width joiner', '\u200D'],
  ['word joiner', '\u2060'],
  ['byte-order mark', '\uFEFF'],
  ['soft hyphen', '\u00AD'],
  ['right-to-left override', '\u202E'],
  ['first strong isolate', '\u2068'],
  ['Mongolian vowel separator', '\u180E'],
  ['tag, beyond 16 bits', '\u{E0041}'],
  ['control character', '\u0001'],
  ['next line', '\u0085'],
  ['Hangul filler', '\u3164'],
  ['empty Braille cell', '\u2800'],
  ['variation selector', '\uFE0F'],
];

describe('what is left of a text for somebody to read', () => {
  test.each(unseen)('has no %s before or after it', (_, character) => {
    expect(visible(character)).toBe('');
    expect(visible(character.repeat(40))).toBe('');
    expect(visible(`${character}Acme is down.`)).toBe('Acme is down.');
    expect(visible(`Acme is down.${character}${character}`)).toBe('Acme is down.');
  });

  test.each(['x', '.', '-', '=1+1', '🚒', 'a\nb', 'é', 'e\u0301', '障害', 'עזרה', '<!here>'])(
    'is all of %j',
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );

  test('is neither padded nor stretched by what cannot be seen', () => {
    const padding = fc.array(fc.constantFrom(...unseen.map(([, character]) => character))).map((some) => some.join(''));
    fc.assert(
      fc.property(padding, padding, padding, (before, within, after) => {
        const seen = [...within].filter((character) => /\s|\p{Z}/u.test(character)).join('');
        expect(visible(`${before}a${within}🚒${after}`)).toBe(`a${seen}🚒`);
        expect(visible(before + within + after)).toBe('');
      }),
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

  type Door = [string, TypedField, (text: string) => Decision<{ name: string }>];
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
      'note in a review',
      'cause_documented_note',
      (note) => review(closed, owed, auditor, { ...everyAnswer, cause_documented: { answer: 'yes', note } }, at(90)),
    ],
    ['reason of an excuse', 'comment', (reason) => excuse(closed, owed, security, reason, at(90))],
  ];
  test.each(fields)('%s', (_, field, decide) => {
    for (const broken of ['\0', '\uD83D', '\uDE92']) {
      for (const text of [`Nothing wrong here${broken}`, `${broken}INC-42 of today`, `INC-42${broken}`]) {
        expect(refusalOf(decide(text))).toEqual({ kind: 'unprintable_text', field });
      }
    }
  });

  const long = (field: string, found: number) => ({ kind: 'reason_length', field, max: 1000, found });
  /** Nothing about a text gets lost on its way into the event. */
  const kept = (decision: Decision<{ name: string }>, text: string) =>
    expect(JSON.stringify(eventsOf(decision))).toContain(JSON.stringify(text));

  const limited = fields.filter(([, field]) => field !== 'ticket');
  test.each(limited)('%s has at most 1,000 characters, counted as people count', (_, field, decide) => {
    for (const character of ['x', '🚒']) {
      kept(decide(character.repeat(1000)), character.repeat(1000));
      expect(refusalOf(decide(character.repeat(1001)))).toMatchObject(long(field, 1001));
    }
    expect(limited).toHaveLength(6);
  });

  test.each(limited)('%s is kept exactly as typed, with what nobody sees around it', (_, __, decide) => {
    const text = '\u200B\u00A0 Search\u200D is *down* again \u2060\uFEFF\n';
    kept(decide(text), text);
  });

  const optional = fields.filter(([name]) => name === 'comment of an approval' || name === 'note in a review');
  test.each(optional)('%s that is too long could as well be nothing', (_, field, decide) => {
    expect(optional).toHaveLength(2);
    expect(refusalOf(decide('x'.repeat(1001)))).toEqual({ ...long(field, 1001), min: 0 });
  });

  test.each([null, '', ' ', '\u200B'])('an approval needs no comment: %j', (comment) => {
    const [event] = eventsOf(approve(aGrant(), owner, { leg: 'owner', minutes: null, comment }, world));
    expect(event).toMatchObject({ name: 'approved', comment });
  });

  const reasons = fields.filter(([name]) => ['denial', 'revocation', 'excuse'].some((verb) => name.endsWith(verb)));
  test.each(reasons)('%s says something that can be read', (_, __, decide) => {
    expect(reasons).toHaveLength(3);
    const everything = unseen.map(([, character]) => character).join('');
    // NUL among them is refused as what it is, before anything is counted.
    const blanks = unseen
      .filter(([, character]) => isStorable(character))
      .flatMap(([, character]) => [character, character.repeat(15)]);
    for (const blank of ['', ' \n\t', everything.replaceAll('\0', ''), ...blanks]) {
      expect(refusalOf(decide(blank))).toEqual({ ...long('comment', codePoints(blank)), min: 1 });
    }
    for (const text of ['x', '🚒', `${everything}x${everything}`.replaceAll('\0', '')]) kept(decide(text), text);
  });
});
