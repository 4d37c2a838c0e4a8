import { expect, onTestFinished, test, vi } from 'vitest';
import { together } from '../../src/readiness.ts';

test('whoever asks gets an answer in 2.5 seconds, and the question goes on for those who ask then', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let answered: (word: string) => void = () => {};
  const question = vi.fn(
    () =>
      new Promise<string>((resolve) => {
        answered = resolve;
      }),
  );
  const ask = together(question, 'nobody knows');
  const first = ask();
  await vi.advanceTimersByTimeAsync(2_500);
  expect(await first).toBe('nobody knows');
  const [second, third] = [ask(), ask()];
  answered('now');
  expect(await Promise.all([second, third])).toEqual(['now', 'now']);
  expect(question).toHaveBeenCalledTimes(1);
});

test('a question that fails is answered too, and asked anew by the next', async () => {
  const question = vi.fn(() => Promise.reject(new Error('no way there')));
  const ask = together(question, 'nobody knows');
  expect(await ask()).toBe('nobody knows');
  expect(await ask()).toBe('nobody knows');
  expect(question).toHaveBeenCalledTimes(2);
});
