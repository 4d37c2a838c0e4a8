import { Registry } from 'prom-client';
import type { Checks } from '../store/checks/open.ts';
import type { Present } from '../store/present.ts';
import { countChecks } from './checks.ts';
import { type Figures, gauge, newFigures } from './figures.ts';
import { countGrants, type WatchGrants } from './grants.ts';
import { openMetrics } from './open-metrics.ts';
import { type Pools, showPools } from './pools.ts';
import { showPresent } from './present.ts';
import { type AnsweredRequest, countRequests } from './requests.ts';
import { countSlack, type SlackEnd } from './slack.ts';

/** What one process says about itself: observers for where things happen, and what a scrape is told. */
export interface Metrics {
  figures: Figures;
  grants: WatchGrants;
  checks: (checks: Checks) => Checks;
  slack: (method: string) => (end: SlackEnd) => void;
  request: (answered: AnsweredRequest) => void;
  /** What can be asked of a process that runs. */
  scraping: (of: Asked) => Scrape;
}

export interface Asked {
  /** What the database has now; null where it does not answer. Comes in bounded time. */
  present: () => Promise<Present | null>;
  /** What keeps the process from taking work. */
  notReady: () => Promise<readonly string[]>;
  /** The configuration this process decides by. */
  epoch: () => number;
  /** Whether this process has a key to seal history with. */
  sealing: boolean;
  pools: Pools;
}

/** All figures now, as text, and which sort of text that is. */
export type Scrape = (format: 'prometheus' | 'openmetrics') => Promise<{ type: string; text: string }>;

/** @param elapsed milliseconds from any moment on */
export function newMetrics(elapsed: () => number): Metrics {
  const figures = newFigures();
  const ready = gauge(figures, 'breakglass_ready', 'Whether this process takes work, as /readyz says.', {});
  const current = gauge(
    figures,
    'breakglass_policy_current',
    'Whether this process decides by the configuration in force. No value where the database does not answer.',
    {},
  );
  const key = gauge(figures, 'breakglass_sealing', 'Whether this process has a key to seal history with.', {});
  const present = showPresent(figures);
  const pools = showPools(figures);
  return {
    figures,
    grants: countGrants(figures, elapsed),
    checks: countChecks(figures),
    slack: countSlack(figures),
    request: countRequests(figures),
    scraping: (of) => async (format) => {
      const [found, missing] = await Promise.all([of.present(), of.notReady()]);
      ready.set(missing.length === 0 ? 1 : 0);
      key.set(of.sealing ? 1 : 0);
      current.remove();
      if (found) current.set(found.epoch === of.epoch() ? 1 : 0);
      present(found);
      pools(of.pools);
      const text = await figures.registry.metrics();
      return format === 'openmetrics'
        ? { type: Registry.OPENMETRICS_CONTENT_TYPE, text: openMetrics(text) }
        : { type: Registry.PROMETHEUS_CONTENT_TYPE, text };
    },
  };
}
