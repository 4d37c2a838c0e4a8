import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { workers } from '../../src/jobs/workers.ts';
import { type Gate, gate, settled } from './gate.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Pieces of work that end when the test says so, and a look at how many are being done. */
function bench(due: number) {
  const pieces: Gate<void>[] = [];
  const at = {
    /** How many pieces nobody has taken yet. */
    due,
    looks: 0,
    pieces,
    errors: [] as unknown[],
    untilNext: async (): Promise<number | null> => null,
    next: async (taken: () => void): Promise<boolean> => {
      at.looks += 1;
      if (at.due === 0) return false;
      at.due -= 1;
      const piece = gate();
      pieces.push(piece);
      taken();
      await piece.passed;
      return true;
    },
  };
  return at;
}
type Bench = ReturnType<typeof bench>;
const workersAt = (atOnce: number, at: Bench) =>
  workers(atOnce, { next: (taken) => at.next(taken), untilNext: () => at.untilNext() }, (error) =>
    at.errors.push(error),
  );

test('one ring is enough for everything that is due, several at once, up to the limit', async () => {
  const at = bench(5);
  const { ring } = workersAt(3, at);
  ring();
  await settled();
  expect(at.pieces).toHaveLength(3);
  at.pieces[0]?.open();
  await settled();
  expect(at.pieces).toHaveLength(4);
  for (const piece of at.pieces) piece.open();
  await settled();
  expect(at.pieces).toHaveLength(5);
});

test('a piece that takes long holds up no other', async () => {
  const at = bench(4);
  const { ring } = workersAt(2, at);
  ring();
  await settled();
  for (const done of [1, 2]) {
    at.pieces[done]?.open();
    await settled();
  }
  expect(at.pieces).toHaveLength(4);
});

test('however often somebody rings, no more than the limit work', async () => {
  const at = bench(50);
  const { ring } = workersAt(4, at);
  for (let i = 0; i < 20; i += 1) ring();
  await settled();
  expect(at.pieces).toHaveLength(4);
});

test('rung while all are at work, one of them looks again when it is done, also if it had looked just before', async () => {
  const at = bench(1);
  const asked = gate<null>();
  at.untilNext = () => asked.passed;
  const { ring } = workersAt(2, at);
  ring();
  await settled();
  // One works; the other found nothing and asks how long it may sleep. Now there is something.
  expect(at.pieces).toHaveLength(1);
  at.due = 1;
  ring();
  asked.open(null);
  await settled();
  expect(at.pieces).toHaveLength(2);
});

test('where nothing is due, nobody looks again until somebody rings', async () => {
  const at = bench(0);
  const { ring } = workersAt(2, at);
  ring();
  await settled();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(at.looks).toBe(1);
  at.due = 1;
  ring();
  await settled();
  expect(at.pieces).toHaveLength(1);
});

test('what is due later is taken then, and not before', async () => {
  const at = bench(0);
  at.untilNext = async () => 5_000;
  const { ring, stop } = workersAt(2, at);
  ring();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(at.looks).toBe(1);
  at.due = 1;
  await vi.advanceTimersByTimeAsync(1);
  expect(at.pieces).toHaveLength(1);
  at.pieces[0]?.open();
  await stop();
});

test('nobody sleeps longer than a minute, because a moment may move nearer', async () => {
  const at = bench(0);
  at.untilNext = async () => 60 * 60_000;
  const { ring, stop } = workersAt(1, at);
  ring();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at.looks).toBe(2);
  await stop();
});

test('after a failure, which is reported, it is tried again a second later, then two', async () => {
  const at = bench(1);
  const trouble = new Error('the database is gone');
  const next = vi.fn(at.next).mockRejectedValueOnce(trouble).mockRejectedValueOnce(trouble);
  at.next = next;
  const { ring, stop } = workersAt(2, at);
  ring();
  await vi.advanceTimersByTimeAsync(999);
  expect(next).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(next).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(at.pieces).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(at.pieces).toHaveLength(1);
  expect(at.errors).toEqual([trouble, trouble]);
  at.pieces[0]?.open();
  await stop();
});

test('a stop waits for what is being done, and nothing is begun after it', async () => {
  const at = bench(5);
  const { ring, stop } = workersAt(2, at);
  ring();
  await settled();
  const stopped = vi.fn();
  const stopping = stop().then(stopped);
  ring();
  at.pieces[0]?.open();
  await settled();
  expect(stopped).not.toHaveBeenCalled();
  at.pieces[1]?.open();
  await stopping;
  ring();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at.pieces).toHaveLength(2);
});

test('a stop takes back the next time that was set', async () => {
  const at = bench(0);
  at.untilNext = async () => 1_000;
  const { ring, stop } = workersAt(2, at);
  ring();
  await settled();
  expect(vi.getTimerCount()).toBe(1);
  await stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(at.looks).toBe(1);
});

test('a stop where nothing is done is done at once', async () => {
  await workersAt(2, bench(0)).stop();
});

test('several that fail together have met one trouble: they are back after one second, not after the longest pause', async () => {
  const at = bench(0);
  const next = vi.fn(async () => {
    throw new Error('the database is gone');
  });
  at.next = next;
  const { ring, stop } = workersAt(8, at);
  for (let count = 0; count < 8; count += 1) ring();
  await vi.advanceTimersByTimeAsync(0);
  const together = next.mock.calls.length;
  expect(together).toBeGreaterThan(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(next.mock.calls.length).toBeGreaterThan(together);
  await stop();
});

test('a look that knows only of something later does not put off what is due sooner', async () => {
  const at = bench(0);
  const moments = [1_000, 50_000];
  at.untilNext = async () => moments.shift() ?? null;
  const { ring, stop } = workersAt(2, at);
  ring();
  ring();
  await vi.advanceTimersByTimeAsync(0);
  const looks = at.looks;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(at.looks).toBe(looks + 1);
  await stop();
});
