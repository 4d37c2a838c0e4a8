import type { Log } from '../log.ts';

/** What is told of a job that fails over and over. */
export interface Trouble {
  failed(error: unknown): void;
  /** It went through. */
  over(): void;
}

/** An outage is no news after a while (ms). */
const SAID_EVERY_MS = 60_000;

/** Says a trouble when it begins, once a minute while it lasts, and when it is over. */
export function troubleLog(log: Log, what: string): Trouble {
  let failures = 0;
  let quiet: NodeJS.Timeout | undefined;
  return {
    failed: (error) => {
      failures += 1;
      if (quiet) return;
      quiet = setTimeout(() => {
        quiet = undefined;
      }, SAID_EVERY_MS);
      quiet.unref();
      log.error({ err: error, failures }, `${what} failed; it is tried again`);
    },
    over: () => {
      if (failures === 0) return;
      log.info({ failures }, `${what} works again`);
      failures = 0;
      clearTimeout(quiet);
      quiet = undefined;
    },
  };
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** Pauses between failures that grow, because whatever is broken is not helped by asking at once; short again after a success. */
export function pauses(): { next(): number; reset(): void } {
  let next = FIRST_PAUSE_MS;
  return {
    next: () => {
      const pause = next;
      next = Math.min(next * 2, LONGEST_PAUSE_MS);
      return pause;
    },
    reset: () => {
      next = FIRST_PAUSE_MS;
    },
  };
}
