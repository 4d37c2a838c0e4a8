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
/** A look that takes longer says too little about when it was (ms). */
const LOOK_WITHIN_MS = 5_000;

/**
 * Between two looks at the database the process only counts the time that passes.
 * @param read milliseconds since 1970, as the database has them
 * @throws what `read` throws, and an Error where it took too long
 */
export async function wallClock(read: () => Promise<number>, log: Log): Promise<WallClock> {
  let started = 0;
  let off = 0;
  const now = () => started + performance.now();
  const correct = async (): Promise<void> => {
    const asked = performance.now();
    const there = await read();
    const answered = performance.now();
    if (answered - asked > LOOK_WITHIN_MS) throw new Error('The database took too long to say what time it is.');
    started = there - (asked + answered) / 2;
    const was = off;
    off = Date.now() - now();
    if (Math.abs(off) > WORTH_A_LINE_MS && Math.abs(off - was) > WORTH_A_LINE_MS / 2) {
      log.warn({ off_by_s: Math.round(off / 1000) }, 'the clock of this machine is not that of the database');
    }
  };
  await correct();
  return { now, correct };
}
