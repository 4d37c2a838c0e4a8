import { lines } from './config/mistakes.ts';
import { parseSettings, policyOf, type Settings } from './config/settings.ts';
import type { Environment } from './config.ts';
import { type ApiServer, startApi } from './http/server.ts';
import { type Clock, startClock } from './jobs/clock.ts';
import { asOneWork, type Log } from './log.ts';
import { startSlackApp } from './slack/app.ts';
import { slackClients } from './slack/clients.ts';
import { deliver } from './slack/deliver.ts';
import { slackDirectory } from './slack/directory.ts';
import type { Door } from './slack/door.ts';
import { reasonsNotToStart } from './store/assert-ready.ts';
import { type Database, openDatabase } from './store/database.ts';
import { listen } from './store/listen.ts';
import { listTenants, type TenantEntry } from './store/tenants.ts';
import { adoptPolicy } from './usecases/adopt-policy.ts';
import type { Context, InForce } from './usecases/context.ts';
import { refusalLog } from './usecases/refusal-log.ts';

/** How long a stop waits for what is being done (ms). */
const DRAIN_MS = 10_000;

export interface Bot {
  slackPort: number | null;
  apiPort: number;
  /** What happens without anybody asking; a test may ring it instead of waiting for it. */
  clock: Clock;
  /** Readiness off, nothing new, what runs is finished, everything closed: the reverse of the start. */
  stop(): Promise<void>;
}

/** Puts the rooms together. Read from top to bottom: database, policy, doors, clock. */
export async function startBot(
  environment: Environment,
  settings: Settings,
  databaseUrl: string,
  log: Log,
): Promise<Bot> {
  const db = openDatabase({ url: databaseUrl, onAcross: (reason) => log.debug({ reason }, 'across tenants') });
  const wrong = await reasonsNotToStart(db);
  if (wrong.length > 0) {
    await db.close();
    throw lines(wrong);
  }
  const inForce = await putInForce(db, settings);
  const context: Context = {
    db,
    inForce: () => inForce,
    refusals: refusalLog(db, (error) => log.error({ err: error }, 'a refusal could not be recorded')),
  };
  const tenants = await tenantMemory(db, log);

  const slack = slackClients(environment.slack.botToken, environment.slack.apiUrl);
  const directory = slackDirectory(
    slack.quick,
    () => settings,
    () => performance.now(),
  );
  const door: Door = { context, settings: () => settings, directory, tenants: tenants.all, slack, log };

  const clock = startClock({
    context,
    log,
    digest: () => settings.schedules.digest,
    isOperator: async (account) => {
      const { standing, roles, unsure } = await directory.lookUp(account.split(':').at(-1) ?? '');
      if (standing === 'member' && roles.operator !== undefined) return 'yes';
      return unsure && (standing === 'member' || standing === 'unknown') ? 'unknown' : 'no';
    },
    outbox: {
      db,
      log,
      deliver: (queued, destination) =>
        deliver(queued, destination, { db, slack: slack.patient, settings: () => settings }),
      channels: () => settings.channels,
      deadAfterMinutes: () => settings.notices.deadAfterMinutes,
    },
  });
  const bells = listen(databaseUrl, bellsOf(clock, tenants), (error) =>
    log.warn({ err: error }, 'listening to the database was interrupted'),
  );

  const state = { stopping: false };
  const api = await startApi(
    { notReady: () => whatIsMissing(db, state) },
    { port: environment.apiPort, host: environment.host },
  );
  const front = await startSlackApp(
    door,
    environment.slack.botToken,
    environment.slack.apiUrl,
    connectionOf(environment),
  );
  return {
    slackPort: front.port,
    apiPort: api.port,
    clock,
    stop: async () => {
      state.stopping = true;
      const drained = await front.stop(DRAIN_MS);
      if (!drained) log.warn({ waited_ms: DRAIN_MS }, 'some work from Slack was still running');
      await clock.stop();
      await bells.close();
      await context.refusals.flush();
      await closeAll(api, db);
    },
  };
}

async function putInForce(db: Database, settings: Settings): Promise<InForce> {
  const previous = (text: string): Settings | null => {
    try {
      return parseSettings(text, 'the configuration before');
    } catch {
      return null;
    }
  };
  const epoch = await asOneWork((requestId) => adoptPolicy(db, settings, previous, requestId));
  return { epoch, policy: policyOf(settings), channels: settings.channels };
}

interface TenantMemory {
  all: () => readonly TenantEntry[];
  refresh: () => void;
}

/** Tenants for the forms, in memory; refreshed when one changes. */
async function tenantMemory(db: Database, log: Log): Promise<TenantMemory> {
  const read = () => db.acrossTenants('tenants for the forms', listTenants);
  let known: readonly TenantEntry[] = await read();
  return {
    all: () => known,
    refresh: () => {
      read().then(
        (fresh) => {
          known = fresh;
        },
        (error) => log.warn({ err: error }, 'the tenants could not be read; the forms show those known before'),
      );
    },
  };
}

const bellsOf = (clock: Clock, tenants: TenantMemory) => ({
  breakglass_outbox: clock.outbox.ring,
  breakglass_clock: clock.due.ring,
  breakglass_schedules: clock.digests.ring,
  breakglass_tenants: tenants.refresh,
  breakglass_policy: () => {},
});

function connectionOf({ slack, host }: Environment): Parameters<typeof startSlackApp>[3] {
  return slack.mode === 'socket'
    ? { mode: 'socket', appToken: slack.appToken }
    : { mode: 'http', signingSecret: slack.signingSecret, port: slack.port, host };
}

async function whatIsMissing(db: Database, { stopping }: { stopping: boolean }): Promise<string[]> {
  if (stopping) return ['stopping'];
  const reachable = await db.acrossTenants('is the database there', async () => true).catch(() => false);
  return reachable ? [] : ['database'];
}

async function closeAll(api: ApiServer, db: Database): Promise<void> {
  await api.stop();
  await db.close();
}
