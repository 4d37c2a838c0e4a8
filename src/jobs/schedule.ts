import { createTask, type ScheduledTask } from 'node-cron';
import type { LastDue } from '../usecases/send-digests.ts';

const MINUTE_MS = 60_000;
/** How far back a standstill is looked through: a week of minutes. */
const FURTHEST_BACK_MS = 7 * 24 * 60 * MINUTE_MS;
/** No zone's clocks are put back by more than this (ms). */
const LONGEST_REPEAT_MS = 3 * 60 * MINUTE_MS;

/** node-cron keeps every task it made: one for each expression, not one for each look. */
const matchers = new Map<string, ScheduledTask>();

/** Does a cron expression name this minute? What a clock shows goes in as if it were UTC. */
function matcherOf(cron: string): (shown: number) => boolean {
  const task = matchers.get(cron) ?? createTask(cron, () => {}, { timezone: 'UTC' });
  matchers.set(cron, task);
  return (shown) => task.match(new Date(shown));
}

/** What a clock in a time zone shows at a moment, as if that were UTC (ms). */
type WallClock = (at: number) => number;

function wallClock(timezone: string): WallClock {
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', { ...parts, timeZone: timezone, hourCycle: 'h23' });
  return (at) => {
    // "10/25/2026, 02:30"
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0] = format.format(at).split(/\D+/).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute);
  };
}

/**
 * When a cron expression last fell due between two moments, told by the moments alone: no clock is read.
 * Minutes are looked at from the latest backwards, so that of many missed ones the last is found first.
 * Where clocks change, a time of day is due once (as in cron(8)): at its first showing where it is shown twice, and as
 * soon as clocks go on where it is skipped. An expression for every hour is due by the hours that pass.
 */
export function lastMatch({ cron, timezone }: { cron: string; timezone: string }): LastDue {
  const named = matcherOf(cron);
  const clock = wallClock(timezone);
  const hourly = cron.trim().split(/\s+/)[1]?.startsWith('*') ?? false;
  const isDue = (at: number): boolean => {
    if (named(clock(at))) return hourly || !wasShownBefore(clock, at);
    return !hourly && skippedBefore(clock, at).some(named);
  };
  return (after, until) => {
    const earliest = Math.max(after.getTime(), until.getTime() - FURTHEST_BACK_MS);
    for (let at = Math.floor(until.getTime() / MINUTE_MS) * MINUTE_MS; at > earliest; at -= MINUTE_MS) {
      if (isDue(at)) return new Date(at);
    }
    return null;
  };
}

/** Clocks were put back a while ago, and this minute of the day is shown a second time. */
function wasShownBefore(clock: WallClock, at: number): boolean {
  const behind = (moment: number) => clock(moment) - moment;
  const putBack = behind(at - LONGEST_REPEAT_MS) - behind(at);
  return putBack > 0 && clock(at - putBack) === clock(at);
}

/** The minutes that no clock showed because clocks were put forward to this one. */
function skippedBefore(clock: WallClock, at: number): number[] {
  const first = clock(at - MINUTE_MS) + MINUTE_MS;
  return Array.from({ length: Math.max(0, clock(at) - first) / MINUTE_MS }, (_, i) => first + i * MINUTE_MS);
}
