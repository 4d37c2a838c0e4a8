import { describe, expect, test, vi } from 'vitest';
import type { TourOnPage } from '../../../sandbox/page/server/tour-on-page.ts';
import type { TourNews } from '../../../sandbox/page/wire.ts';
import { startStack } from '../../../sandbox/stack.ts';
import { step } from '../../../sandbox/tour/acts.ts';
import { FOREVER_MS, journey, left, listening, nothing, onTour, settles } from './on-tour.ts';

const { there, lent, play } = onTour();

describe('a tour is left at once, and its stack stops', () => {
  const two = [journey('One', nothing('first'), nothing('second'))];
  const goneAfter = async (tour: TourOnPage, told: (TourNews | null)[], stop: ReturnType<typeof vi.fn>) => {
    tour.steer('stop');
    expect(told.at(-1)).toBeNull();
    await tour.over;
    tour.steer('next');
    tour.steer('stop');
    expect([told.filter((news) => news === null).length, told.at(-1), stop.mock.calls.length]).toEqual([1, null, 1]);
  };

  test('while it starts, which is told to whoever starts it', async () => {
    const { told, onNews } = listening();
    const { start, stop } = lent();
    let aborted = false;
    const whenLeft = (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve();
        });
      });
    const tour = play((signal) => whenLeft(signal).then(start), onNews, { journeys: two });
    await goneAfter(tour, told, stop);
    expect(aborted).toBe(true);
    expect(told).toHaveLength(2);
  });

  test('while it starts, so that nothing ever ran', async () => {
    const { now, onNews } = listening();
    const tour = play((signal) => startStack({ signal }), onNews);
    await left(tour);
    await expect(tour.stack).rejects.toThrow();
    expect(now()).toBeNull();
  });

  test('between two steps', async () => {
    const { told, until, onNews } = listening();
    const { start, stop } = lent();
    const tour = play(start, onNews, { paceMs: FOREVER_MS, journeys: two });
    await until({ coming: 'second' });
    await goneAfter(tour, told, stop);
  });

  test('in a pause', async () => {
    const { told, until, onNews } = listening();
    const { start, stop } = lent();
    const tour = play(start, onNews, { paceMs: 0, journeys: two });
    tour.steer('pause');
    await until({ playing: 'paused', coming: 'first' });
    await goneAfter(tour, told, stop);
  });

  test('in the middle of a step that waits for something', async () => {
    const { told, until, onNews } = listening();
    const stopWaiting = new AbortController();
    const stop = vi.fn(async () => stopWaiting.abort());
    let waits = false;
    const waiting = step('waits', () => {
      waits = true;
      return new Promise((_, reject) => {
        stopWaiting.signal.addEventListener('abort', () => reject(new Error('The stack is gone.')));
      });
    });
    const tour = play(async () => ({ ...there(), stop }), onNews, {
      ...{ paceMs: 0, journeys: [journey('One', waiting)] },
    });
    await until({ coming: 'waits' });
    await vi.waitFor(() => expect(waits).toBe(true), 20_000);
    await goneAfter(tour, told, stop);
    expect(told.some((news) => news?.playing === 'failed')).toBe(false);
  });

  test('at its end', async () => {
    const { told, until, onNews } = listening();
    const { start, stop } = lent();
    const tour = play(start, onNews, { paceMs: 0, journeys: [journey('One', settles)] });
    await until({ playing: 'over' });
    await goneAfter(tour, told, stop);
  });
});
