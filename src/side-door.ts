import { apiDoor, tlsFiles } from './api-door.ts';
import type { Environment } from './config.ts';
import type { Trouble } from './http/refusals.ts';
import { type ApiServer, startApi } from './http/server.ts';
import type { CurrentPolicy } from './in-force.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import { together } from './readiness.ts';
import { seldom } from './seldom.ts';
import { signInDesk } from './sign-in-desk.ts';
import type { Directory } from './slack/directory.ts';
import type { Door } from './slack/door.ts';
import { lately } from './slack/lately.ts';
import type { Checks } from './store/checks/open.ts';
import type { Database } from './store/database.ts';
import { type Present, readPresent } from './store/present.ts';

export interface SideDoorParts {
  environment: Environment;
  db: Database;
  checks: Checks;
  current: Pick<CurrentPolicy, 'settings' | 'inForce'>;
  /** The front door, whose desks this one shares. */
  door: Door;
  metrics: Metrics;
  /** How late it is, by the database's machine (ms). */
  now: () => number;
  notReady: () => Promise<string[]>;
  log: Log;
}

/** Opens the API: checks, administration, figures, sign-in pages. */
export async function openSideDoor(parts: SideDoorParts): Promise<ApiServer> {
  const { environment, db, checks, current, door, now, notReady, log } = parts;
  const { context, desk, bundles, directory } = door;
  const tls = tlsFiles(environment.apiTls);
  const trouble = troubleIn(log);
  return startApi(
    {
      ...{ health: { notReady }, desk, trouble, publicUrl: environment.apiUrl },
      door: await apiDoor({
        ...{ environment, db, checks, settings: current.settings, now, log, refusals: context.refusals },
        askSlack: lately(directory, () => performance.now()),
      }),
      network: { trustedProxies: environment.trustedProxies, ...(tls && { tls }) },
      v1: { context, bundles, ...slackSide(directory) },
      metering: meteringOf(parts),
      signIn: signInDesk(environment, door, trouble),
    },
    { port: environment.apiPort, host: environment.host },
  );
}

function troubleIn(log: Log): Trouble {
  const unanswered = seldom((why, times) => log.warn({ why, times }, 'a check could not be answered'));
  return {
    outage: ({ name, message }) => unanswered(`${name}: ${message}`),
    defect: (error) => log.error({ err: error }, 'a request to the API failed'),
  };
}

function meteringOf({ environment, db, checks, current, metrics, notReady }: SideDoorParts) {
  const sealing = environment.sealing !== null;
  const readings = (): Promise<Present> => db.acrossTenants('figures for monitoring', (tx) => readPresent(tx, sealing));
  return {
    request: metrics.request,
    scrape: metrics.scraping({
      ...{ notReady, sealing, present: together<Present | null>(readings, null) },
      ...{ epoch: () => current.inForce().epoch, pools: { work: db.pool, checks: checks.pool } },
    }),
  };
}

/** What the API has to know of Slack: where the bot writes to somebody, and who is in the groups of a request. */
const slackSide = (directory: Directory) => ({
  directMessage: ({ name }: { name: string }) => name.split(':').at(-1) ?? name,
  groupMembers: () => directory.groupMembers(),
});
