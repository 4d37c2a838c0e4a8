import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Pace, PausedTooLong, startPace } from '../../../sandbox/page/server/tour-pace.ts';

const LONGEST_PAUSE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const started = (): Pace => startPace({ paceMs: 1_000, longestPauseMs: LONGEST_PAUSE_MS });

/** A wait, and what became of it. */
function waits(hold: Promise<void>) {
  const wait = { isOver: false, error: undefined as unknown };
  const over = () => {
    wait.isOver = true;
  };
  hold.then(over, (error: unknown) => {
    wait.error = error;
    over();
  });
  /** @returns whether it is over after so many milliseconds */
  const overAfter = async (milliseconds: number): Promise<boolean> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    return wait.isOver;
  };
  return { wait, overAfter };
}

describe('the pace', () => {
  test.each([
    ['slow', 4_000],
    ['usual', 2_000],
    ['quick', 1_000],
  ] as const)('%s: two parts take %i ms', async (speed, takesMs) => {
    const pace = started();
    pace.speed = speed;
    const { overAfter } = waits(pace.hold(2));
    expect([await overAfter(takesMs - 1), await overAfter(1)]).toEqual([false, true]);
  });

  test('counts at once for what is left of a wait', async () => {
    const pace = started();
    const { overAfter } = waits(pace.hold(2));
    await overAfter(1_000);
    pace.speed = 'quick';
    expect([await overAfter(499), await overAfter(1)]).toEqual([false, true]);
  });

  test('a pause takes nothing from a wait', async () => {
    const pace = started();
    const { overAfter } = waits(pace.hold(1));
    await overAfter(400);
    pace.pause();
    expect(await overAfter(30_000)).toBe(false);
    pace.goOn();
    expect([await overAfter(599), await overAfter(1)]).toEqual([false, true]);
  });

  test('holds while nobody watches, even what hurries', async () => {
    const pace = started();
    pace.attend(false);
    pace.hurry();
    const { overAfter } = waits(pace.hold(1));
    expect(await overAfter(2 * LONGEST_PAUSE_MS)).toBe(false);
    pace.attend(true);
    expect(await overAfter(0)).toBe(true);
  });

  test('a step ends the wait, and no later one', async () => {
    const pace = started();
    const first = waits(pace.holdBetween(1));
    pace.step();
    expect([await first.overAfter(0), pace.paused]).toEqual([true, false]);
    const second = waits(pace.hold(1));
    expect([await second.overAfter(999), await second.overAfter(1)]).toEqual([false, true]);
  });

  test('a step in a pause is played in its time, and the next one waits', async () => {
    const pace = started();
    pace.pause();
    const between = waits(pace.holdBetween(1));
    pace.step();
    expect([await between.overAfter(0), pace.paused]).toEqual([true, true]);
    const intent = waits(pace.hold(2));
    expect([await intent.overAfter(1_999), await intent.overAfter(1)]).toEqual([false, true]);
    const next = waits(pace.holdBetween(0));
    expect(await next.overAfter(30_000)).toBe(false);
    pace.goOn();
    expect([await next.overAfter(0), pace.paused]).toEqual([true, false]);
  });

  test('a pause that takes too long is the end', async () => {
    const pace = started();
    pace.pause();
    const { wait, overAfter } = waits(pace.hold(0));
    expect(await overAfter(LONGEST_PAUSE_MS - 1)).toBe(false);
    await overAfter(1);
    expect(wait.error).toBeInstanceOf(PausedTooLong);
  });

  test('pauses that are too long together are told', async () => {
    const pace = started();
    for (const was of [false, true]) {
      pace.pause();
      const { overAfter } = waits(pace.hold(0));
      await overAfter(LONGEST_PAUSE_MS - 1_000);
      pace.goOn();
      expect([await overAfter(0), pace.wasPausedLong]).toEqual([true, was]);
    }
  });

  test('that was left holds nobody, and lets nobody go on', async () => {
    const pace = started();
    const { wait, overAfter } = waits(pace.hold(1));
    pace.leave();
    expect(await overAfter(0)).toBe(true);
    expect(wait.error).toBeInstanceOf(Error);
  });
});
