import type { Log } from './log.ts';

/** The time outside, by the database's machine and not by ours. */
export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks the database again: a process that was suspended has missed some time. */
  correct(): Promise<void>;
}

/** From here on somebody should look at our clock, although only the times in our log go by it (ms). */
const WORTH_A_LINE_MS = 60_000;

/**
 * Between two looks at the database the process only counts the time that passes.
 * @param read milliseconds since 1970, as the database has them
 */
export async function wallClock(read: () => Promise<number>, log: Log): Promise<WallClock> {
  let started = 0;
  const correct = async (): Promise<void> => {
    const asked = performance.now();
    const there = await read();
    const answered = performance.now();
    started = there - (asked + answered) / 2;
  };
  await correct();
  const off = Math.round(Date.now() - (started + performance.now()));
  if (Math.abs(off) > WORTH_A_LINE_MS) {
    log.warn({ off_by_s: Math.round(off / 1000) }, 'the clock of this machine is not that of the database');
  }
  return { now: () => started + performance.now(), correct };
}
