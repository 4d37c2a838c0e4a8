import { lines } from './config/mistakes.ts';
import type { Settings } from './config/settings.ts';
import type { Environment } from './config.ts';
import type { ApiServer } from './http/server.ts';
import { putInForce } from './in-force.ts';
import type { Alarm } from './jobs/alarm.ts';
import { type Clock, startClock } from './jobs/clock.ts';
import { keepSealed } from './jobs/keep-sealed.ts';
import { headKeptIn } from './kept-head.ts';
import type { Log } from './log.ts';
import { newMetrics } from './metrics/metrics.ts';
import { whatIsMissing } from './readiness.ts';
import { seldom } from './seldom.ts';
import { openSideDoor } from './side-door.ts';
import { signInAddressOf } from './sign-in-desk.ts';
import { startSlackApp } from './slack/app.ts';
import { slackClients } from './slack/clients.ts';
import { deliver } from './slack/deliver.ts';
import { slackDirectory } from './slack/directory.ts';
import type { Door } from './slack/door.ts';
import { channelReaders } from './slack/shared-channel.ts';
import { reasonsNotToStart } from './store/assert-ready.ts';
import { type Checks, openChecks } from './store/checks/open.ts';
import { type Database, openDatabase } from './store/database.ts';
import { listen, tellOfSharedChannel } from './store/listen.ts';
import { openReading } from './store/reading.ts';
import { serverTime } from './store/server-time.ts';
import { insisting, type TenantMemory, tenantMemory } from './tenant-memory.ts';
import { bundleDesk } from './usecases/bundle-desk.ts';
import type { CheckDesk } from './usecases/check.ts';
import type { Context } from './usecases/context.ts';
import { refusalLog } from './usecases/refusal-log.ts';
import type { Sealing } from './usecases/seal.ts';
import { type VolumeWatch, volumeWatch } from './usecases/tell-unusual.ts';
import { wallClock } from './wall-clock.ts';

/** How long a stop waits for what is being done (ms). */
const DRAIN_MS = 10_000;

export interface Bot {
  slackPort: number | null;
  apiPort: number;
  /** What happens without anybody asking; a test may ring it instead of waiting for it. */
  clock: Clock;
  /** Waits until nothing from Slack is being worked on, up to a deadline (ms); false when some still is. */
  idle(deadlineMs: number): Promise<boolean>;
  /** Reads the configuration again; a broken one is refused and the old one stays. */
  reload(): Promise<void>;
  /**
   * Readiness off, nothing new, what runs is finished, everything closed: the reverse of the start.
   * @param quietMs the front door stays open until nothing has come for so long, so that a load balancer can look elsewhere
   */
  stop(quietMs?: number): Promise<void>;
}

export interface BotParts {
  environment: Environment;
  settings: Settings;
  databaseUrl: string;
  log: Log;
  /** The configuration file as it is now, for a reload. */
  readFile?: () => Settings;
  /** Told of each named step between a click and a delivered notice. Tests stop the process there; nothing else sets it. */
  reach?: (point: string) => void;
}

/** Puts the rooms together. Read from top to bottom: database, policy, doors, clock. */
export async function startBot(started: BotParts): Promise<Bot> {
  const { environment, settings, databaseUrl, log, readFile = () => settings, reach = () => {} } = started;
  const metrics = newMetrics(() => performance.now());
  const onAcross = (reason: string): void => log.debug({ reason }, 'across tenants');
  const db = openDatabase({ url: databaseUrl, reach, onAcross, changing: metrics.grants });
  const wrong = await reasonsNotToStart(db);
  if (wrong.length > 0) {
    await db.close();
    throw lines(wrong);
  }
  const time = await wallClock(() => db.acrossTenants("the database's time", serverTime), log);
  const current = await putInForce(db, settings, readFile, log);
  const context: Context = {
    db,
    inForce: current.inForce,
    refusals: refusalLog(db, (error) => log.error({ err: error }, 'a refusal could not be recorded')),
  };
  const checks = metrics.checks(openChecks({ url: databaseUrl }));
  const volume = volumeWatch(context, (error) =>
    log.error({ err: error }, 'security could not be told of unusual use'),
  );
  const desk: CheckDesk = {
    checks,
    inForce: current.inForce,
    defaultIssuer: environment.oidcIssuer,
    used: volume.used,
  };
  const tenants = await tenantMemory(db, log);

  const slack = slackClients(environment.slack.botToken, environment.slack.apiUrl, metrics.slack);
  const readers = channelReaders(slack.patient, () => performance.now());
  const directory = slackDirectory(slack.quick, current.settings, () => performance.now());
  const bundles = bundleDesk(
    environment.sealing && { db, sealing: environment.sealing, openReading: () => openReading(databaseUrl) },
  );
  const door: Door = {
    context,
    bundles,
    desk,
    settings: current.settings,
    directory,
    channelShared: async () => {
      readers.forget();
      await db.acrossTenants('tell the others of a shared channel', tellOfSharedChannel);
    },
    tenants: tenants.all,
    signInAddress: signInAddressOf(environment),
    slack,
    log,
    peopleChanged: () => clock.leavers.ring(),
  };

  const channels = () => current.settings().channels;
  const clock = startClock({
    context,
    log,
    digest: () => current.settings().schedules.digest,
    seal: keepSealed({ db, log, channels, sealing: sealingOf(environment, db, channels, log) }),
    correctTime: time.correct,
    isOperator: async (account) => {
      const { standing, roles, unsure } = await directory.lookUp(account.split(':').at(-1) ?? '');
      if (standing === 'member' && roles.operator !== undefined) return 'yes';
      if (standing === 'refused' || standing === 'guest') return 'gone';
      return unsure && (standing === 'member' || standing === 'unknown') ? 'unknown' : 'no';
    },
    outbox: {
      db,
      log,
      deliver: async (queued, destination, folded) => {
        reach(`${queued.notice.kind}: before Slack`);
        const tried = await deliver(queued, destination, folded, {
          db,
          slack: slack.patient,
          readers,
          settings: current.settings,
        });
        reach(`${queued.notice.kind}: after Slack`);
        return tried;
      },
      channels,
      deadAfterMinutes: () => current.settings().notices.deadAfterMinutes,
    },
  });
  // Who lost a role by the new file loses what rests on it now, not at the next look.
  const reload = async (): Promise<void> => {
    const taken = await current.reload().catch((error: unknown) => {
      log.error({ err: error }, 'the configuration could not be put in force; the one before stays');
      return false;
    });
    if (taken) clock.leavers.ring();
  };
  const policy = insisting(log, 'reading which configuration is in force', current.follow);
  const bells = listen(
    databaseUrl,
    bellsOf(clock, tenants, policy, reload, readers.forget),
    (error) => log.warn({ err: error }, 'listening to the database was interrupted'),
    () => {
      log.info('listening to the database again');
      clock.time.ring(); // it may be another machine by now
    },
  );

  const state = { stopping: false };
  const notReady = whatIsMissing(db, state);
  const parts = { environment, db, checks, current, door, metrics, now: time.now, notReady, log };
  const api = await openSideDoor(parts);
  const unverified = seldom((why, times) => log.warn({ why, times }, 'a request that is not from Slack was refused'));
  const front = await startSlackApp(
    door,
    environment.slack.botToken,
    environment.slack.apiUrl,
    connectionOf(environment, time.now, (why) => {
      unverified(why);
      if (why === 'ahead' || why === 'old') clock.time.ring(); // or is it we who are late?
    }),
  );
  if (environment.sealing === null) {
    log.warn('AUDIT_SIGNING_KEY is not set: the audit trail is kept, and not sealed');
  }
  return {
    slackPort: front.port,
    apiPort: api.port,
    clock,
    idle: front.idle,
    reload,
    stop: async (quietMs = 0) => {
      state.stopping = true;
      const drained = await front.stop(quietMs, DRAIN_MS);
      if (!drained) log.warn({ waited_ms: DRAIN_MS }, 'some work from Slack was still running');
      await clock.stop();
      await bells.close();
      await Promise.all([tenants.changed.stop(), policy.stop()]);
      await context.refusals.flush();
      await closeAll(api, checks, volume, db);
    },
  };
}

/** What history is sealed with; null without a key. */
function sealingOf(
  { sealing, dataDir }: Environment,
  db: Database,
  channels: Sealing['channels'],
  log: Log,
): Sealing | null {
  return sealing && { db, ...sealing, kept: headKeptIn(dataDir, log), channels };
}

function bellsOf(
  clock: Clock,
  tenants: TenantMemory,
  policy: Alarm,
  reload: () => Promise<void>,
  channels: () => void,
) {
  return {
    breakglass_outbox: clock.outbox.ring,
    breakglass_clock: clock.due.ring,
    breakglass_schedules: () => {
      clock.digests.ring();
      clock.reviews.ring();
    },
    breakglass_tenants: tenants.changed.ring,
    breakglass_policy: policy.ring,
    breakglass_reload: () => void reload(),
    breakglass_channels: channels,
  };
}

function connectionOf(
  { slack, host }: Environment,
  time: () => number,
  onUnverified: (why: string) => void,
): Parameters<typeof startSlackApp>[3] {
  return slack.mode === 'socket'
    ? { mode: 'socket', appToken: slack.appToken }
    : { mode: 'http', signingSecret: slack.signingSecret, port: slack.port, host, time, onUnverified };
}

async function closeAll(api: ApiServer, checks: Checks, volume: VolumeWatch, db: Database): Promise<void> {
  await api.stop();
  await checks.close();
  await volume.idle();
  await db.close();
}
