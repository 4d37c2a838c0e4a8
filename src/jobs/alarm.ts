import { pauses } from './trouble.ts';

/** Something to do when it is time or when somebody rings; never twice at once. */
export interface Alarm {
  ring(): void;
  /** Lets what is running finish; nothing starts after. */
  stop(): Promise<void>;
}

/** A timer never sleeps longer than this (ms): a moment found out once may move nearer. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * @param run does what is due and says in how many milliseconds something is due again; null for "somebody will ring".
 *   The time comes from the database; the process only measures how long to sleep.
 * @param onError told of every failure
 * @param onDone told of every run that went through
 */
export function alarm(
  run: () => Promise<number | null>,
  onError: (error: unknown) => void,
  onDone: () => void = () => {},
): Alarm {
  const pause = pauses();
  let stopped = false;
  let rung = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const sleep = (ms: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(ring, Math.min(Math.max(ms, 0), LONGEST_SLEEP_MS));
  };
  const once = async (): Promise<void> => {
    do {
      rung = false;
      try {
        const next = await run();
        pause.reset();
        onDone();
        if (next !== null) sleep(next);
      } catch (error) {
        onError(error);
        sleep(pause.next());
      }
    } while (rung && !stopped);
  };
  const ring = (): void => {
    rung = true;
    if (stopped || running) return;
    running = once().finally(() => {
      running = undefined;
      if (rung && !stopped) ring(); // rung after the last look and before this line
    });
  };
  return {
    ring,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
