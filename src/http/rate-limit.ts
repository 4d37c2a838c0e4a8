import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Caller } from './identity/caller.ts';

/** Counts answers, a second at a time. */
export interface RateLimit {
  /** @returns for how long to come back (ms), or 0 where there is room */
  take(caller: Pick<Caller, 'name' | 'perSecond'>, answers: number): Promise<number>;
}

export function rateLimit(): RateLimit {
  const counts = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 1 });
  return {
    take: async ({ name, perSecond }, answers) => {
      const { consumedPoints, msBeforeNext } = await counts.penalty(name, answers);
      return consumedPoints > perSecond ? Math.max(msBeforeNext, 1) : 0;
    },
  };
}
