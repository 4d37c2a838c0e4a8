import type { TourNews } from '../wire.ts';

/** How fast a tour goes, as whoever watches it steers. One at a time waits on it. */
export interface Pace {
  /**
   * Waits for a part of what a step takes, or for as long as it is held up.
   * @throws Left once the tour was left, PausedTooLong after a pause that it can't go on from
   */
  hold(part: number): Promise<void>;
  /** The same between two steps, where one that was played in a pause is over. */
  holdBetween(part: number): Promise<void>;
  pause(): void;
  goOn(): void;
  /** Ends the wait. In a pause: plays one step. */
  step(): void;
  /** Without any wait from now on, until it is told to take its time again. */
  hurry(): void;
  takeTime(): void;
  /** Holds it up while nobody watches. */
  attend(isWatched: boolean): void;
  leave(): void;
  /** How much of the time somebody needs for a step; counts at once, also for a wait that is under way. */
  speed: TourNews['pace'];
  readonly paused: boolean;
  readonly hurries: boolean;
  /** All pauses together were longer than one may be. */
  readonly wasPausedLong: boolean;
  /** Aborted when the tour is left. */
  readonly left: AbortSignal;
}

export interface PaceOptions {
  /** How long somebody needs to follow a step, by and large (ms). */
  paceMs: number;
  longestPauseMs: number;
}

/** The tour was left. */
class Left extends Error {}

/** Its clock ran on meanwhile, so that requests lapse which the next steps are about. */
export class PausedTooLong extends Error {}

const factors: Readonly<Record<TourNews['pace'], number>> = { slow: 2, usual: 1, quick: 0.5 };

export function startPace({ paceMs, longestPauseMs }: PaceOptions): Pace {
  const left = new AbortController();
  let mode: 'timed' | 'paused' | 'stepping' | 'hurrying' = 'timed';
  let speed: TourNews['pace'] = 'usual';
  let isWatched = true;
  let isSkipped = false;
  let pausedMs = 0;
  let wake = (): void => {};
  const become = (next: typeof mode): void => {
    mode = next;
    wake();
  };
  /** Until something changed, or the time is up, which is told. */
  const untilWoken = (milliseconds?: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds, true);
      wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  const inPause = async (): Promise<void> => {
    const began = performance.now();
    const isOver = await untilWoken(longestPauseMs);
    pausedMs += performance.now() - began;
    if (isOver) throw new PausedTooLong();
  };
  /** @returns what is still to be waited: something else may have come between */
  const waited = async (part: number): Promise<number> => {
    const [began, wholeMs] = [performance.now(), paceMs * factors[speed]];
    const isOver = await untilWoken(part * wholeMs);
    return isOver ? 0 : part - (performance.now() - began) / wholeMs;
  };
  const hold = async (part: number): Promise<void> => {
    let ahead = paceMs > 0 ? part : 0;
    isSkipped = false;
    while (!left.signal.aborted) {
      if (!isWatched) await untilWoken();
      else if (mode === 'paused') await inPause();
      else if (mode !== 'hurrying' && !isSkipped && ahead > 0) ahead = await waited(ahead);
      else return;
    }
    throw new Left();
  };
  return {
    hold,
    holdBetween: (part) => {
      if (mode === 'stepping') mode = 'paused';
      return hold(part);
    },
    pause: () => become('paused'),
    goOn: () => become(mode === 'hurrying' ? mode : 'timed'),
    step: () => {
      isSkipped = true;
      become(mode === 'paused' ? 'stepping' : mode);
    },
    hurry: () => become('hurrying'),
    takeTime: () => become(mode === 'hurrying' ? 'timed' : mode),
    attend: (watched) => {
      isWatched = watched;
      wake();
    },
    leave: () => {
      left.abort();
      wake();
    },
    get speed() {
      return speed;
    },
    set speed(next) {
      speed = next;
      wake();
    },
    get paused() {
      return mode === 'paused' || mode === 'stepping';
    },
    get hurries() {
      return mode === 'hurrying';
    },
    get wasPausedLong() {
      return pausedMs > longestPauseMs;
    },
    left: left.signal,
  };
}
