import { describe, expect, test } from 'vitest';
import { lastMatch } from '../../src/jobs/schedule.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface Schedule {
  cron: string;
  timezone: string;
}

/** Every moment at which a schedule is due between two others, found as the bot does: a look a minute, each from the last. */
function dueBetween(schedule: Schedule, from: string, to: string): string[] {
  const lastDue = lastMatch(schedule);
  const found: string[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += MINUTE_MS) {
    const due = lastDue(new Date(at), new Date(at + MINUTE_MS));
    if (due) found.push(due.toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

/** The day, in UTC, around midnight before and after it in any zone here. */
const on = (schedule: Schedule, day: string) => dueBetween(schedule, `${day}T00:00Z`, `${day}T23:59Z`);

// In Berlin, clocks go from 2:00 to 3:00 on 29 March 2026 and from 3:00 to 2:00 on 25 October 2026, both at 1:00 UTC.
const [forward, back] = ['2026-03-29', '2026-10-25'];

describe('a schedule in UTC', () => {
  const schedule = { cron: '30 1 * * *', timezone: 'UTC' };
  test.each(['2026-03-28', forward, '2026-03-30', '2026-10-24', back, '2026-10-26'])(
    'is due at the same moment on %s, whatever other zones do',
    (day) => expect(on(schedule, day)).toEqual([`${day}T01:30Z`]),
  );
});

describe('a schedule in a zone whose clocks change', () => {
  test.each([
    ['8:00', '0 8 * * *', [`${forward}T06:00Z`], [`${back}T07:00Z`]],
    ['1:59, the last minute before clocks go forward', '59 1 * * *', [`${forward}T00:59Z`], ['2026-10-24T23:59Z']],
    ['2:30, which is skipped and repeated', '30 2 * * *', [`${forward}T01:00Z`], [`${back}T00:30Z`]],
    ['2:00, the first minute of both', '0 2 * * *', [`${forward}T01:00Z`], [`${back}T00:00Z`]],
    ['2:59, the last minute of both', '59 2 * * *', [`${forward}T01:00Z`], [`${back}T00:59Z`]],
    ['3:00, where both are over', '0 3 * * *', [`${forward}T01:00Z`], [`${back}T02:00Z`]],
    ['2:15 and 2:45', '15,45 2 * * *', [`${forward}T01:00Z`], [`${back}T00:15Z`, `${back}T00:45Z`]],
    ['2:30 on Sundays, as both days are', '30 2 * * 0', [`${forward}T01:00Z`], [`${back}T00:30Z`]],
    ['2:30 on Mondays', '30 2 * * 1', [], []],
  ])('%s is due once on both days', (_, cron, onForward, onBack) => {
    const schedule = { cron, timezone: 'Europe/Berlin' };
    expect(dueBetween(schedule, '2026-03-28T23:00Z', '2026-03-29T22:00Z')).toEqual(onForward);
    expect(dueBetween(schedule, '2026-10-24T22:00Z', '2026-10-25T23:00Z')).toEqual(onBack);
  });

  test('is due at the same time of day before and after', () => {
    const schedule = { cron: '0 8 * * *', timezone: 'Europe/Berlin' };
    expect(dueBetween(schedule, '2026-03-27T23:00Z', '2026-03-30T22:00Z')).toEqual([
      '2026-03-28T07:00Z',
      '2026-03-29T06:00Z',
      '2026-03-30T06:00Z',
    ]);
  });

  test.each([
    ['America/New_York', '2026-11-01T04:00Z', '2026-11-02T04:59Z', '30 1 * * *', '2026-11-01T05:30Z'],
    // Half an hour is what clocks change by on Lord Howe Island.
    ['Australia/Lord_Howe', '2026-04-04T13:00Z', '2026-04-05T13:29Z', '45 1 * * *', '2026-04-04T14:45Z'],
    ['Australia/Lord_Howe', '2026-10-03T13:30Z', '2026-10-04T12:59Z', '15 2 * * *', '2026-10-03T15:30Z'],
  ])('in %s from %s, the change is met once', (timezone, from, to, cron, due) => {
    expect(dueBetween({ cron, timezone }, from, to)).toEqual([due]);
  });
});

test('an hourly schedule is due with every hour that passes, also when clocks change', () => {
  const schedule = { cron: '0 * * * *', timezone: 'Europe/Berlin' };
  expect(on(schedule, forward)).toEqual(on({ ...schedule, timezone: 'UTC' }, forward));
  expect(on(schedule, back)).toEqual(on({ ...schedule, timezone: 'UTC' }, back));
});

describe('looked at after a standstill', () => {
  const lastDue = lastMatch({ cron: '30 2 * * *', timezone: 'Europe/Berlin' });

  test.each([
    ['over the skipped hour', '2026-03-28T12:00Z', '2026-03-29T12:00Z', '2026-03-29T01:00:00.000Z'],
    ['over the repeated hour', '2026-10-24T12:00Z', '2026-10-25T12:00Z', '2026-10-25T00:30:00.000Z'],
    ['between the two showings of an hour', '2026-10-25T00:45Z', '2026-10-25T12:00Z', undefined],
    ['of days, the last time counts', '2026-10-20T12:00Z', '2026-10-26T12:00Z', '2026-10-26T01:30:00.000Z'],
  ])('%s', (_, after, until, due) => {
    expect(lastDue(new Date(after), new Date(until))?.toISOString()).toBe(due);
  });

  test('of more than a week, a week is looked through', () => {
    const yearly = lastMatch({ cron: '30 2 1 1 *', timezone: 'Europe/Berlin' });
    const newYear = Date.parse('2026-01-01T01:30Z');
    const look = (days: number) => yearly(new Date(newYear - DAY_MS), new Date(newYear + days * DAY_MS));
    expect(look(6)?.getTime()).toBe(newYear);
    expect(look(8)).toBeNull();
  });
});
