import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anything } from '../../src/domain/trail.ts';
import { whenFrom, wishFrom } from '../../src/slack/views/audit-words.ts';

const said = (wish: object, rest: object = {}) => ({
  wish: { ...anything, ...wish },
  user: null,
  kindSaid: false,
  ...rest,
});

describe('what is typed behind audit', () => {
  test.each([
    ['', said({})],
    ['acme', said({ tenant: 'acme' })],
    ['  ACME  ', said({ tenant: 'acme' })],
    ['tenant acme', said({ tenant: 'acme' })],
    ['by <@U0OLIVIA|olivia>', said({}, { user: 'U0OLIVIA' })],
    ['by <@U0OLIVIA>', said({}, { user: 'U0OLIVIA' })],
    ['by U0OLIVIA', said({}, { user: 'U0OLIVIA' })],
    ['by key:reader', said({ person: 'key:reader' })],
    ['by oidc:https://id.example.com#00u1', said({ person: 'oidc:https://id.example.com#00u1' })],
    ['since 7d', said({ since: { minutesAgo: 10_080 } })],
    ['from 30m to today', said({ since: { minutesAgo: 30 }, until: { daysAgo: -1 } })],
    ['since 2026-01-05', said({ since: { at: new Date('2026-01-05T00:00:00Z') } })],
    ['action approved', said({ action: 'approved' })],
    ['action ACCESS.DENIED', said({ action: 'access.denied' })],
    ['kind support', said({ kind: 'support_access' }, { kindSaid: true })],
    ['kind Break-Glass', said({ kind: 'break_glass' }, { kindSaid: true })],
    ['kind all', said({}, { kindSaid: true })],
    [
      'acme by <@U0OLIVIA|olivia> since 12h until 1h action break_glass.approved kind break_glass',
      said(
        {
          tenant: 'acme',
          since: { minutesAgo: 720 },
          until: { minutesAgo: 60 },
          action: 'break_glass.approved',
          kind: 'break_glass',
        },
        { user: 'U0OLIVIA', kindSaid: true },
      ),
    ],
    [
      'kind support since 1d on acme',
      said({ kind: 'support_access', since: { minutesAgo: 1_440 }, tenant: 'acme' }, { kindSaid: true }),
    ],
  ])('%j', (text, expected) => expect(wishFrom(text)).toEqual(expected));

  test.each([
    ['acme globex', '"globex"'],
    ['acme since', '"since"'],
    ['since since 7d', '"since"'],
    ['since tomorrow', '"tomorrow"'],
    ['since 2026-02-30', '"2026-02-30"'],
    ['since 5', '"5"'],
    ['by @olivia', 'press Filter'],
    ['by olivia', 'Mention the person'],
    ['action exploded', 'There is no such action'],
    ['kind emergency', 'A kind is break-glass, support or all'],
    ['kind constructor', 'A kind is'],
    ['acme tenant globex', 'said before'],
    ['constructor x', '"x"'],
  ])('%j is told what is wrong with it', (text, words) => {
    const read = wishFrom(text);
    expect('mistake' in read ? read.mistake : read).toContain(words);
  });

  test('whatever it is, it is read or told, and nothing that was typed is markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const read = wishFrom(text);
        if ('mistake' in read) expect(read.mistake).not.toMatch(/<(?!@U0)[@!#h]/);
      }),
    );
  });
});

describe('a moment', () => {
  const day = (text: string) => new Date(`${text}T00:00:00Z`);
  test.each([
    ['2026-01-05', 'begins', { at: day('2026-01-05') }],
    ['2026-01-05', 'ends', { at: day('2026-01-06') }],
    ['2026-01-05T09:30', 'ends', { at: new Date('2026-01-05T09:30:00Z') }],
    ['2026-01-05T09:30:15Z', 'begins', { at: new Date('2026-01-05T09:30:15Z') }],
    ['today', 'begins', { daysAgo: 0 }],
    ['yesterday', 'begins', { daysAgo: 1 }],
    ['ever', 'begins', { at: new Date(0) }],
    ['yesterday', 'ends', { daysAgo: 0 }],
    ['2w', 'begins', { minutesAgo: 20_160 }],
    ['1y', 'begins', { minutesAgo: 525_600 }],
  ] as const)('%s, where it %s', (text, as, expected) => expect(whenFrom(text, as)).toEqual(expected));

  test.each(['', '7', 'd', '-1d', '1.5d', '2026-13-01', '2026-01-05T25:00', '20260105', 'now', '999999d'])(
    'is not %j',
    (text) => {
      expect(whenFrom(text, 'begins')).toBeNull();
    },
  );
});
