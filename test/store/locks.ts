import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';

/** How often is looked before a wait counts as not coming: each look is a round trip to the server. */
const LOOKS = 20_000;

/** Resolves when at least so many sessions of this database wait for a lock that this session holds. */
export async function untilWaitedFor(db: TestDatabase, holder: pg.Client, waiters = 1): Promise<void> {
  const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
  for (let look = 0; look < LOOKS; look += 1) {
    const [found] = await db.query<{ waiting: number }>(
      'superuser',
      `select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and $1::int = any (pg_blocking_pids(pid))`,
      [rows[0]?.pid],
    );
    if ((found?.waiting ?? 0) >= waiters) return;
  }
  throw new Error('Nobody came to wait for this lock.');
}

/** Whether something went through or was refused, once it is over: so that a race can be looked at whole. */
export const settled = <T>(work: Promise<T>): Promise<PromiseSettledResult<T>> =>
  Promise.allSettled([work]).then(([result]) => result);
