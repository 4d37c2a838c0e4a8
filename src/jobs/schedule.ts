import { createTask, type ScheduledTask } from 'node-cron';
import type { LastDue } from '../usecases/send-digests.ts';

const MINUTE_MS = 60_000;
/** How far back a standstill is looked through: a week of minutes. */
const FURTHEST_BACK_MS = 7 * 24 * 60 * MINUTE_MS;

/** node-cron keeps every task it made: one for each expression, not one for each look. */
const matchers = new Map<string, ScheduledTask>();

function matcherOf(cron: string, timezone: string): ScheduledTask {
  const key = `${cron} ${timezone}`;
  const known = matchers.get(key) ?? createTask(cron, () => {}, { timezone });
  matchers.set(key, known);
  return known;
}

/**
 * When a cron expression last fell due between two moments, told by the moments alone: no clock is read.
 * Minutes are looked at from the latest backwards, so that of many missed ones the last is found first.
 */
export function lastMatch({ cron, timezone }: { cron: string; timezone: string }): LastDue {
  const task = matcherOf(cron, timezone);
  return (after, until) => {
    const earliest = Math.max(after.getTime(), until.getTime() - FURTHEST_BACK_MS);
    for (let at = Math.floor(until.getTime() / MINUTE_MS) * MINUTE_MS; at > earliest; at -= MINUTE_MS) {
      if (task.match(new Date(at))) return new Date(at);
    }
    return null;
  };
}
