import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { startTourOnPage, type TourOnPage } from '../../../sandbox/page/server/tour-on-page.ts';
import type { TourNews } from '../../../sandbox/page/wire.ts';
import { type Stack, startStack } from '../../../sandbox/stack.ts';
import { happens } from '../../../sandbox/tour/acts.ts';
import { type Journey, PATIENCE_MS, type Step } from '../../../sandbox/tour/play.ts';
import { tourMorning } from '../../../sandbox/tour.ts';

/** Longer than any test: whoever waits so long was held up by it (ms). */
export const FOREVER_MS = 10 * 60_000;

/** Keeps what is told, newest last. */
export function listening() {
  const told: (TourNews | null)[] = [];
  const now = () => told.at(-1);
  const until = (what: Partial<TourNews>) => vi.waitFor(() => expect(now()).toMatchObject(what), 50_000);
  return { told, now, until, onNews: (news: TourNews | null) => void told.push(news) };
}

/** For a file of tests: one stack that all their tours are played in, none of which outlives its test. */
export function onTour() {
  let stack: Stack | undefined;
  const running: TourOnPage[] = [];
  const there = (): Stack => {
    if (stack === undefined) throw new Error('The stack is not there yet.');
    return stack;
  };
  beforeAll(async () => {
    stack = await startStack({ startsAt: tourMorning() });
  });
  afterEach(async () => {
    for (const tour of running.splice(0)) await left(tour);
  });
  afterAll(() => stack?.stop());
  return {
    there,
    /** It is there at once, and the tour's end does not take it from the other tests. */
    lent: () => {
      const stop = vi.fn(async () => {});
      return { stop, start: async () => ({ ...there(), stop }) };
    },
    play: (...how: Parameters<typeof startTourOnPage>): TourOnPage => {
      const tour = startTourOnPage(...how);
      running.push(tour);
      return tour;
    },
  };
}

export const left = async (tour: TourOnPage): Promise<void> => {
  tour.steer('stop');
  await tour.over;
};

export const journey = (title: string, ...steps: Step[]): Journey => ({ title, steps });
export const nothing = (name: string): Step => happens(name, () => {});
/** Sees the checkpoints that were posted meanwhile, so that none of them is one too many at the end. */
export const settles: Step = happens('settles', async (play) => {
  await play.records.sealed(PATIENCE_MS);
  await play.records.quiet(PATIENCE_MS);
  for (const message of play.overlooked()) play.show(message);
});
