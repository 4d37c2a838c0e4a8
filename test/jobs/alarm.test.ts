import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { alarm } from '../../src/jobs/alarm.ts';
import { type Gate, gate, settled } from './gate.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Runs that end when the test says so, with what they say. */
function runs() {
  const begun: Gate<number | null>[] = [];
  const at = {
    begun,
    errors: [] as unknown[],
    now: 0,
    most: 0,
    run: async (): Promise<number | null> => {
      at.now += 1;
      at.most = Math.max(at.most, at.now);
      const end = gate<number | null>();
      begun.push(end);
      const next = await end.passed;
      at.now -= 1;
      return next;
    },
  };
  return at;
}
const alarmOf = (at: ReturnType<typeof runs>) =>
  alarm(
    () => at.run(),
    (error) => at.errors.push(error),
  );

test('it never runs twice at once, and rung during a run it runs once more', async () => {
  const at = runs();
  const { ring } = alarmOf(at);
  ring();
  for (let i = 0; i < 5; i += 1) ring();
  await settled();
  expect(at.begun).toHaveLength(1);
  at.begun[0]?.open(null);
  await settled();
  expect(at.begun).toHaveLength(2);
  at.begun[1]?.open(null);
  await settled();
  expect(at.begun).toHaveLength(2);
  expect(at.most).toBe(1);
});

test.each(Array.from({ length: 12 }, (_, turns) => turns))(
  'rung %i turns after a run had ended, it runs once more',
  async (turns) => {
    const at = runs();
    const { ring } = alarmOf(at);
    ring();
    at.begun[0]?.open(null);
    await settled(turns);
    ring();
    await settled();
    expect(at.begun).toHaveLength(2);
    expect(at.most).toBe(1);
  },
);

test('it runs again when the run before said that something is due, and not before', async () => {
  const at = runs();
  const { ring, stop } = alarmOf(at);
  ring();
  at.begun[0]?.open(5_000);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(at.begun).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(at.begun).toHaveLength(2);
  at.begun[1]?.open(null);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(at.begun).toHaveLength(2);
  await stop();
});

test('it never sleeps longer than a minute, because a moment may move nearer', async () => {
  const at = runs();
  const { ring } = alarmOf(at);
  ring();
  at.begun[0]?.open(24 * 60 * 60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at.begun).toHaveLength(2);
});

test('what was due before now is done at once', async () => {
  const at = runs();
  const { ring } = alarmOf(at);
  ring();
  at.begun[0]?.open(-5_000);
  await vi.advanceTimersByTimeAsync(1);
  expect(at.begun).toHaveLength(2);
});

test('after a failure, which is reported, it runs again a second later', async () => {
  const at = runs();
  const trouble = new Error('the database is gone');
  const { run } = at;
  at.run = vi.fn(run).mockRejectedValueOnce(trouble);
  const { ring } = alarmOf(at);
  ring();
  await vi.advanceTimersByTimeAsync(999);
  expect(at.run).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(at.run).toHaveBeenCalledTimes(2);
  expect(at.errors).toEqual([trouble]);
});

test('a stop waits for the run that is under way; nothing runs after it, rung or due', async () => {
  const at = runs();
  const { ring, stop } = alarmOf(at);
  ring();
  ring();
  const stopped = vi.fn();
  const stopping = stop().then(stopped);
  await settled();
  expect(stopped).not.toHaveBeenCalled();
  at.begun[0]?.open(1_000);
  await stopping;
  ring();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at.begun).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a stop takes back the next time that was set', async () => {
  const at = runs();
  const { ring, stop } = alarmOf(at);
  ring();
  at.begun[0]?.open(1_000);
  await settled();
  expect(vi.getTimerCount()).toBe(1);
  await stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(at.begun).toHaveLength(1);
});
