/** How fast a tour goes, as whoever watches it steers. One at a time waits on it. */
export interface Pace {
  /** Waits so long, or for as long as it is held up. @throws Left once nobody watches any more */
  hold(milliseconds: number): Promise<void>;
  pause(): void;
  goOn(): void;
  /** Without any wait from now on, until it is told to take its time again. */
  hurry(): void;
  takeTime(): void;
  leave(): void;
  readonly paused: boolean;
  readonly hurries: boolean;
  /** Aborted when nobody watches any more. */
  readonly left: AbortSignal;
}

/** Nobody watches any more. */
class Left extends Error {}

export function startPace(): Pace {
  const left = new AbortController();
  let mode: 'timed' | 'paused' | 'hurrying' = 'timed';
  let wake = (): void => {};
  const become = (next: typeof mode): void => {
    mode = next;
    wake();
  };
  const untilWoken = (milliseconds?: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    hold: async (milliseconds) => {
      if (mode === 'timed' && milliseconds > 0 && !left.signal.aborted) await untilWoken(milliseconds);
      while (mode === 'paused' && !left.signal.aborted) await untilWoken();
      if (left.signal.aborted) throw new Left();
    },
    pause: () => become('paused'),
    goOn: () => become(mode === 'paused' ? 'timed' : mode),
    hurry: () => become('hurrying'),
    takeTime: () => become(mode === 'hurrying' ? 'timed' : mode),
    leave: () => {
      left.abort();
      wake();
    },
    get paused() {
      return mode === 'paused';
    },
    get hurries() {
      return mode === 'hurrying';
    },
    left: left.signal,
  };
}
