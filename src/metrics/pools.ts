import type { PoolState } from '../store/pool-state.ts';
import { type Figures, gauge } from './figures.ts';

/** Who holds connections to the database: what people and the clock do, and checks. */
const pools = ['work', 'checks'] as const;
export type Pools = Readonly<Record<(typeof pools)[number], () => PoolState>>;

/** @returns takes the pools' readings, for one scrape */
export function showPools(figures: Figures): (of: Pools) => void {
  const connections = gauge(
    figures,
    'breakglass_database_connections',
    'Connections that are open, by what they are doing.',
    { pool: pools, state: ['busy', 'idle'] },
  );
  const waiting = gauge(figures, 'breakglass_database_waiting', 'Pieces of work that wait for a connection.', {
    pool: pools,
  });
  const most = gauge(figures, 'breakglass_database_connections_max', 'Connections that may be open at most.', {
    pool: pools,
  });
  return (of) => {
    for (const pool of pools) {
      const { total, idle, waiting: queued, max } = of[pool]();
      connections.set({ pool, state: 'busy' }, total - idle);
      connections.set({ pool, state: 'idle' }, idle);
      waiting.set({ pool }, queued);
      most.set({ pool }, max);
    }
  };
}
