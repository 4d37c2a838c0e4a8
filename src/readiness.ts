import { takesWrites } from './store/assert-ready.ts';
import type { Database } from './store/database.ts';

/** Whoever asks gets an answer within this time, also of a database that hangs (ms). */
const READINESS_WITHIN_MS = 2_500;

/** What keeps the process from taking work, asked anew each time; one word each, none when it is ready. */
export function whatIsMissing(db: Database, state: { stopping: boolean }): () => Promise<string[]> {
  const databaseTakesWork = together(() => db.acrossTenants('does the database take work', takesWrites), false);
  return async () => {
    if (state.stopping) return ['stopping'];
    return (await databaseTakesWork()) ? [] : ['database'];
  };
}

/**
 * One question at a time for all who ask meanwhile, answered in time: those who ask often must not take the connections
 * of those who work.
 * @param otherwise the answer where the question fails or takes too long
 */
export function together<T>(ask: () => Promise<T>, otherwise: T): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => {
    asking ??= ask()
      .catch(() => otherwise)
      .finally(() => {
        asking = undefined;
      });
    return withinMs(READINESS_WITHIN_MS, asking, otherwise);
  };
}

/** What comes of some work, or something else where that takes too long. The work goes on. */
async function withinMs<T>(limit: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), limit);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
