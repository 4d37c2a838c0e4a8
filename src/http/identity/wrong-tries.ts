import { hash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { networkOf } from '../network.ts';

/** Counts wrong credentials by where they come from, so that nobody tries thousands of them. */
export interface WrongTries {
  /** For how long nothing is looked at that comes from there (ms); 0 where it is. What was right lately is always looked at. */
  pause(address: string, shown: string | undefined): Promise<number>;
  wrong(address: string): Promise<void>;
  right(shown: string | undefined): void;
}

/** So many wrong ones in a minute; what comes from there after that is not even looked up. */
const MOST = 30;
const WINDOW_SECONDS = 60;
/** Credentials that are remembered as right, by their hashes: behind one address there may be many callers. */
const REMEMBERED = 2_000;

/** @param most wrong ones in a minute from one place */
export function wrongTries(most = MOST): WrongTries {
  const counts = new RateLimiterMemory({ points: most, duration: WINDOW_SECONDS });
  const good = new Set<string>();
  const keyOf = (shown: string): string => hash('sha256', shown, 'base64url');
  return {
    pause: async (address, shown) => {
      const count = await counts.get(networkOf(address));
      if (count === null || count.consumedPoints < most) return 0;
      if (shown !== undefined && good.has(keyOf(shown))) return 0;
      return Math.max(count.msBeforeNext, 1);
    },
    wrong: async (address) => {
      await counts.penalty(networkOf(address));
    },
    right: (shown) => {
      if (shown === undefined) return;
      const key = keyOf(shown);
      good.delete(key);
      good.add(key);
      if (good.size > REMEMBERED) good.delete(good.values().next().value ?? '');
    },
  };
}
