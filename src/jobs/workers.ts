import type { Alarm } from './alarm.ts';
import { pauses } from './trouble.ts';

export interface Work {
  /** Takes one piece of work that is due and does it; calls `taken` as soon as it has it. False where none is due. */
  next(taken: () => void): Promise<boolean>;
  /** Milliseconds until something is due; null where nothing waits. */
  untilNext(): Promise<number | null>;
}

const LONGEST_SLEEP_MS = 60_000;

/**
 * Several at once, none waiting for another: who has work sends for the next one, up to a limit, so that a piece that
 * takes long (a Slack that does not answer) never holds up the rest.
 */
export function workers(
  atOnce: number,
  work: Work,
  onError: (error: unknown) => void,
  onDone: () => void = () => {},
): Alarm {
  const pause = pauses();
  let stopped = false;
  let active = 0;
  /** Somebody rang while all were at work: whoever is done first looks once more. */
  let missed = false;
  let timer: NodeJS.Timeout | undefined;
  /** Several that fail together met one trouble: one pause is enough for all. */
  let pausing = false;
  let onIdle: (() => void) | undefined;

  /** Several look at different moments: whoever has to wake first decides. */
  let wakesAt = Number.POSITIVE_INFINITY;
  const sleep = (ms: number): void => {
    const pauseMs = Math.min(Math.max(ms, 0), LONGEST_SLEEP_MS);
    const at = performance.now() + pauseMs;
    if (stopped || at >= wakesAt) return;
    clearTimeout(timer);
    wakesAt = at;
    timer = setTimeout(() => {
      wakesAt = Number.POSITIVE_INFINITY;
      pausing = false;
      ring();
    }, pauseMs);
  };
  const run = async (): Promise<void> => {
    try {
      while (!stopped && (await work.next(ring))) {
        // the next piece
      }
      const next = stopped ? null : await work.untilNext();
      pause.reset();
      pausing = false;
      onDone();
      if (next !== null) sleep(next);
    } catch (error) {
      onError(error);
      if (!pausing) sleep(pause.next());
      pausing = true;
    } finally {
      active -= 1;
      if (missed) ring();
      if (active === 0) onIdle?.();
    }
  };
  const ring = (): void => {
    missed = active >= atOnce;
    if (stopped || missed) return;
    active += 1;
    void run();
  };
  return {
    ring,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      if (active > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
    },
  };
}
