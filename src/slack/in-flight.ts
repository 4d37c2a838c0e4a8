/** Counts what is being done: Bolt stops listening without waiting for it. */
export interface InFlight {
  during(work: () => Promise<void>): Promise<void>;
  /**
   * Waits until nothing has come in and nothing has been done for a while.
   * @returns false where that was not so before the deadline
   */
  quiet(forMs: number, deadlineMs: number): Promise<boolean>;
}

export function inFlight(): InFlight {
  let running = 0;
  const watchers = new Set<() => void>();
  const count = (more: 1 | -1): void => {
    running += more;
    for (const look of [...watchers]) look();
  };
  return {
    during: async (work) => {
      count(1);
      try {
        await work();
      } finally {
        count(-1);
      }
    },
    quiet: (forMs, deadlineMs) =>
      new Promise((resolve) => {
        let calm: NodeJS.Timeout | undefined;
        const end = (quiet: boolean): void => {
          clearTimeout(calm);
          clearTimeout(deadline);
          watchers.delete(look);
          resolve(quiet);
        };
        const look = (): void => {
          clearTimeout(calm);
          if (running > 0) return;
          if (forMs === 0) end(true);
          else calm = setTimeout(() => end(true), forMs);
        };
        const deadline = setTimeout(() => end(false), deadlineMs);
        watchers.add(look);
        look();
      }),
  };
}
