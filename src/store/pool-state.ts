import type pg from 'pg';

/** What the connections of a pool are doing now. */
export interface PoolState {
  /** Open ones, and those of them that nobody uses. */
  total: number;
  idle: number;
  /** Callers that wait for one. */
  waiting: number;
  /** How many may be open. */
  max: number;
}

export const poolState = (pool: pg.Pool): PoolState => ({
  total: pool.totalCount,
  idle: pool.idleCount,
  waiting: pool.waitingCount,
  max: pool.options.max,
});
