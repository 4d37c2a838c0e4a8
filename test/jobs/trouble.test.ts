import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alarm } from '../../src/jobs/alarm.ts';
import { troubleLog } from '../../src/jobs/trouble.ts';
import { workers } from '../../src/jobs/workers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Run = () => Promise<null>;
const kinds: { kind: string; start: (run: Run, failed: () => void, done: () => void) => { ring(): void } }[] = [
  { kind: 'an alarm', start: alarm },
  {
    kind: 'workers',
    start: (run, failed, done) => workers(1, { next: async () => false, untilNext: run }, failed, done),
  },
];

describe.each(kinds)('$kind that fail over and over', ({ start }) => {
  test('pause longer each time, fifteen seconds at most, and a second again after a success', async () => {
    const run = vi.fn<Run>().mockRejectedValue(new Error('the database is gone'));
    const done = vi.fn();
    const { ring } = start(run, () => {}, done);
    ring();
    await vi.advanceTimersByTimeAsync(0);
    for (const pause of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const tries = run.mock.calls.length;
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(run).toHaveBeenCalledTimes(tries);
      await vi.advanceTimersByTimeAsync(1);
      expect(run).toHaveBeenCalledTimes(tries + 1);
    }
    expect(done).not.toHaveBeenCalled();
    run.mockResolvedValueOnce(null);
    ring();
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledTimes(1);
    ring();
    await vi.advanceTimersByTimeAsync(0);
    const tries = run.mock.calls.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(tries + 1);
  });
});

/** A log, and its lines without the time and the error. */
function book() {
  const lines: { level: number; failures: number; msg: string }[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, said: () => lines.map(({ level, failures, msg }) => `${level} ${msg} (${failures})`) };
}

test('a trouble is said when it begins, once a minute while it lasts, and when it is over', async () => {
  const { log, said } = book();
  const { failed, over } = troubleLog(log, 'delivering notices');
  for (let second = 0; second < 125; second += 1) {
    failed(new Error('the database is gone'));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  over();
  over();
  expect(said()).toEqual([
    '50 delivering notices failed; it is tried again (1)',
    '50 delivering notices failed; it is tried again (61)',
    '50 delivering notices failed; it is tried again (121)',
    '30 delivering notices works again (125)',
  ]);
});

test('the next trouble is said at once, and counted from its beginning', async () => {
  const { log, said } = book();
  const { failed, over } = troubleLog(log, 'delivering notices');
  failed(new Error('the database is gone'));
  over();
  failed(new Error('the database is gone'));
  expect(said()).toHaveLength(3);
  expect(said().at(-1)).toBe('50 delivering notices failed; it is tried again (1)');
});

test('what never failed says nothing', () => {
  const { log, said } = book();
  troubleLog(log, 'delivering notices').over();
  expect(said()).toEqual([]);
});
