import { describe, expect, test } from 'vitest';
import { lineAddress, readAddress, writeAddress } from '../../../../sandbox/page/browser/address.ts';
import { troublesOf } from '../../../../sandbox/page/browser/banner.tsx';
import { day, lengthOfTime, moment, shortDay, timeToTheSecond } from '../../../../sandbox/page/browser/moments.ts';
import { groupsOf, speakerOf } from '../../../../sandbox/page/browser/names.ts';
import { remainingOf } from '../../../../sandbox/page/browser/panel-state.tsx';
import { marksOf } from '../../../../sandbox/page/browser/request-ids.ts';
import { SLACKBOT } from '../../../../sandbox/page/browser/state.ts';
import type { Machine } from '../../../../sandbox/page/wire.ts';
import { everything, request, someone } from './sample.ts';

describe('the address', () => {
  test.each([
    ['?as=anna', { as: 'anna', channel: null, message: null, tour: false }],
    ['?as=anna&channel=C1&message=1.2&tour', { as: 'anna', channel: 'C1', message: '1.2', tour: true }],
    ['', { as: 'olivia', channel: null, message: null, tour: false }],
  ])('%j says who sits here and what they look at', (search, address) => {
    expect(readAddress(search)).toEqual(address);
    expect(readAddress(writeAddress(address).slice(1))).toEqual(address);
  });

  test('of the line carries nothing but who and whether they watch, and no way out of its place', () => {
    expect(lineAddress('127.0.0.1:3030', { as: 'a&b', channel: 'C1', message: '1.2', tour: true })).toBe(
      'ws://127.0.0.1:3030/live?as=a%26b&tour',
    );
  });
});

test.each([
  [0, 'now'],
  [-5, 'now'],
  [7_000, '7 s'],
  [250_000, '4 min 10 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90_061_000, '1 d 1 h'],
])('%d ms is %j', (ms, words) => expect(lengthOfTime(ms)).toBe(words));

test('days are written as the bot writes them, and no hour is called 24', () => {
  const at = new Date(2026, 10, 21, 0, 5, 7).getTime();
  expect([day(at), shortDay(at), moment(at), timeToTheSecond(at)]).toEqual([
    ...['Saturday, November 21, 2026', 'Sat, Nov 21', 'Nov 21, 00:05', '00:05:07'],
  ]);
});

describe('what is left of a request', () => {
  const now = Date.parse('2026-11-21T09:15:30.000Z');
  test.each([
    ['requested', {}, 'lapses in 59 min 30 s'],
    ['active', { expiresAt: '2026-11-21T09:16:00.000Z' }, 'ends in 30 s'],
    ['ended', { closedAt: '2026-11-21T09:20:10.000Z' }, 'since \\d\\d:20$'],
    ['expired', { expiresAt: '2026-11-21T09:25:10.000Z' }, 'since \\d\\d:25$'],
  ] as const)('is told while it is %s', (state, changes, begins) => {
    expect(remainingOf(request({ state, ...changes }), now)).toMatch(new RegExp(`^${begins}`));
  });
});

test('whoever speaks is one of the cast, Slack itself, or else the app', () => {
  const known = everything();
  expect(speakerOf('UANNA', known)).toMatchObject({ name: 'Anna', is: 'person', initials: 'A' });
  expect(speakerOf(SLACKBOT, known)).toMatchObject({ name: 'Slackbot', is: 'slack' });
  expect(speakerOf('UBOT', known)).toMatchObject({ name: 'Breakglass', is: 'app' });
});

test('everybody stands in the switch once', () => {
  const cast = ['operator', 'ops, through a group', 'security', 'owner of Acme', 'auditor', 'guest'].map((is, place) =>
    someone(`p${place}`, { is }),
  );
  const groups = groupsOf(cast);
  expect(groups.map(({ members }) => members.map(({ is }) => is))).toEqual([
    ['operator'],
    ['ops, through a group', 'security'],
    ['owner of Acme'],
    ['auditor'],
    ['guest'],
  ]);
});

test('rows of one piece of work bear one mark, and those of two never the same letter', () => {
  const ids = ['b', 'a', 'b', ...Array.from({ length: 30 }, (_, place) => `x${place}`)];
  const marks = marksOf(ids.map((requestId) => ({ requestId })));
  expect([marks.get('b')?.letter, marks.get('a')?.letter]).toEqual(['A', 'B']);
  expect(new Set([...marks.values()].map(({ letter }) => letter)).size).toBe(32);
});

describe('what does not work', () => {
  const bot = (running: boolean) => ({ running, busy: false });
  const { machine } = everything();
  test.each<[Partial<Machine>, RegExp | null]>([
    [{}, null],
    [{ weather: 'down' }, /^Slack is down/],
    [{ weather: 'slow' }, /^Slack answers 429/],
    [{ bots: [bot(false)] }, /^The bot is not running/],
    [{ bots: [bot(false), bot(false)] }, /^No bot is running/],
    [{ bots: [bot(true), bot(false)] }, /^Not running: bot 2\./],
  ])('%j is said', (changes, said) => {
    const troubles = troublesOf({ ...machine, ...changes });
    expect(troubles).toHaveLength(said === null ? 0 : 1);
    if (said !== null) expect(troubles[0]).toMatch(said);
  });
});
