import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inFlight } from '../../src/slack/in-flight.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that ends when it is told to. */
function work() {
  let end: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => done, end };
}

/** What has come of a wait so far. */
function watched(wait: Promise<boolean>) {
  const seen: { result?: boolean } = {};
  void wait.then((result) => {
    seen.result = result;
  });
  return seen;
}

test('it is quiet at once where nothing is being done and nobody asks for a pause', async () => {
  expect(await inFlight().quiet(0, 10_000)).toBe(true);
});

test('all that is being done has to end, also what ends in an error', async () => {
  const busy = inFlight();
  const [one, other] = [work(), work()];
  const first = busy.during(one.run);
  const second = busy.during(() => other.run().then(() => Promise.reject(new Error('broken'))));
  const wait = watched(busy.quiet(0, 10_000));
  one.end();
  await first;
  await vi.advanceTimersByTimeAsync(0);
  expect(wait.result).toBeUndefined();
  other.end();
  await expect(second).rejects.toThrow('broken');
  await vi.advanceTimersByTimeAsync(0);
  expect(wait.result).toBe(true);
});

test('each that comes in starts the pause anew', async () => {
  const busy = inFlight();
  const wait = watched(busy.quiet(500, 10_000));
  for (let count = 0; count < 4; count += 1) {
    await vi.advanceTimersByTimeAsync(499);
    await busy.during(async () => {});
    expect(wait.result).toBeUndefined();
  }
  await vi.advanceTimersByTimeAsync(499);
  expect(wait.result).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(wait.result).toBe(true);
});

test('at the deadline it says no, whatever goes on', async () => {
  const busy = inFlight();
  void busy.during(() => new Promise(() => {}));
  const wait = watched(busy.quiet(0, 5_000));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(wait.result).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(wait.result).toBe(false);
});

test('everybody who waits is told, not only the last', async () => {
  const busy = inFlight();
  const { run, end } = work();
  void busy.during(run);
  const waits = [busy.quiet(0, 10_000), busy.quiet(0, 10_000)];
  end();
  expect(await Promise.all(waits)).toEqual([true, true]);
});
