import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** Counts wrong credentials by where they come from, so that nobody tries thousands of them. */
export interface WrongTries {
  /** For how long nothing is looked at that comes from there (ms); 0 where it is. What was right lately is always looked at. */
  pause(address: string, authorization: string | undefined): Promise<number>;
  wrong(address: string): Promise<void>;
  right(authorization: string | undefined): void;
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
  const keyOf = (authorization: string): string => hash('sha256', authorization, 'base64url');
  return {
    pause: async (address, authorization) => {
      const count = await counts.get(networkOf(address));
      if (count === null || count.consumedPoints < most) return 0;
      if (authorization !== undefined && good.has(keyOf(authorization))) return 0;
      return Math.max(count.msBeforeNext, 1);
    },
    wrong: async (address) => {
      await counts.penalty(networkOf(address));
    },
    right: (authorization) => {
      if (authorization === undefined) return;
      const key = keyOf(authorization);
      good.delete(key);
      good.add(key);
      if (good.size > REMEMBERED) good.delete(good.values().next().value ?? '');
    },
  };
}

/** Whoever has one address of IPv6 has 2^64 of them. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const missing = 8 - before.length - tail.split(':').filter(Boolean).length;
  const groups = address.includes('::')
    ? [...before, ...Array<string>(Math.max(missing, 0)).fill('0'), ...tail.split(':')]
    : before;
  return groups.slice(0, 4).join(':');
}
