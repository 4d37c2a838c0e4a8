import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newSigner } from '../src/evidence/note.ts';
import { reachableTemporary } from '../src/store/embedded/binaries.ts';
import { startEmbeddedDatabase } from '../src/store/embedded/bootstrap.ts';
import { startBalancer } from './balancer.ts';
import { accounts, configuration, populate, withSignIns, workspace } from './cast.ts';
import { type SandboxClock, sandboxClock } from './clock.ts';
import { freePorts } from './free-ports.ts';
import { type SandboxProvider, startSandboxProvider } from './identity/index.ts';
import { RestartableBot } from './restartable-bot.ts';
import { type Service, startService } from './service.ts';
import { type LocalSlack, startLocalSlack } from './slack/index.ts';
import { customers, withTenants } from './tenants.ts';

/** Everything, running: a PostgreSQL, a local Slack with its people, and the real bot between them. */
export interface Stack {
  slack: LocalSlack;
  /** One or more replicas; behind a round-robin where there are more. */
  bots: readonly RestartableBot[];
  /** Where Slack sends its payloads. */
  slackUrl: string;
  clock: SandboxClock;
  /** The public half of the key that seals this history: what verify is told to trust. */
  sealKey: string;
  /** Asks the bots; what it asks with may ask about everything. */
  service: Service;
  /** Where people of the cast sign in; null where nobody can. */
  provider: SandboxProvider | null;
  /** The owner's connection: moves the clock. Row-level security hides the tenants' rows from it. */
  ownerUrl: string;
  /** The superuser's connection, to look at what was written. */
  adminUrl: string;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Gives up on a start that is not done yet, and leaves nothing behind. */
  signal?: AbortSignal;
  /** What the database's clock says when the bot starts; the real time unless it lies ahead of that. */
  startsAt?: Date;
  /** How many processes of the bot share the database. */
  replicas?: number;
  /** How many tenants there are beside the three of the cast. */
  tenants?: number;
  /** Whether there is an identity provider, so that people can link themselves and approve by a fresh sign-in. */
  signIns?: boolean;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { signal, startsAt, tenants = 0, signIns = false } = options;
  const folder = await mkdtemp(path.join(await reachableTemporary(), 'breakglass-sandbox-'));
  await chmod(folder, 0o711); // PostgreSQL may run as another user, which has to pass through
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    // Each of them, whatever becomes of the one before.
    const failures: unknown[] = [];
    for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  let aheadMs = (): number => 0;
  // Begun first: it is there by the time the database is.
  const beginning = signIns ? startSandboxProvider(accounts, () => Date.now() + aheadMs()) : null;
  const begun = beginning?.catch(() => null);
  closers.push(async () => (await begun)?.stop());
  try {
    const database = await startEmbeddedDatabase({ dataDir: folder, durable: false });
    closers.push(database.server.stop);
    signal?.throwIfAborted();
    const clock = sandboxClock(database.ownerUrl);
    aheadMs = () => clock.aheadMs;
    if (startsAt) await clock.advanceTo(startsAt);
    // What is said carries the time that the players see.
    const slack = await startLocalSlack({ ...workspace, pacing: {}, now: () => Date.now() + aheadMs() });
    closers.push(() => slack.stop());
    populate(slack);
    if (tenants > 0) slack.addChannel(customers);
    const provider = await beginning;
    const policy = provider ? withSignIns(configuration, provider.issuer) : configuration;
    await writeFile(path.join(folder, CONFIG_FILE), withTenants(policy, tenants));
    const key = newSigner('sandbox.localhost');
    const place = { folder, databaseUrl: database.url, slackApiUrl: slack.apiUrl, sealSecret: key.secret, provider };
    const bots = await placedBots(place, options);
    closers.push(() => Promise.all(bots.map((bot) => bot.stop())));
    for (const bot of bots) {
      await bot.start();
      signal?.throwIfAborted();
    }
    const slackUrl = await inFrontOf(bots, closers);
    slack.pointAt(slackUrl);
    const service = await startService(
      database.url,
      bots.map(({ apiUrl }) => apiUrl),
    );
    signal?.throwIfAborted();
    return {
      ...{ slack, bots, slackUrl, clock, service, provider, stop },
      sealKey: key.verifier,
      ownerUrl: database.ownerUrl,
      adminUrl: database.server.url('breakglass'),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a bot is told about where it runs. */
interface Place {
  folder: string;
  databaseUrl: string;
  slackApiUrl: string;
  sealSecret: string;
  provider: SandboxProvider | null;
}

const CONFIG_FILE = 'breakglass.yml';

/** The bots, not started yet. Their ports are chosen beforehand, so that they know the address of their own API. */
async function placedBots(
  { folder, databaseUrl, slackApiUrl, sealSecret, provider }: Place,
  { replicas = 1 }: StackOptions,
): Promise<RestartableBot[]> {
  const ports = await freePorts(2 * replicas);
  const apiUrl = `http://127.0.0.1:${ports[1]}`;
  provider?.allowRedirect(`${apiUrl}/sign-in/callback`);
  const common = {
    DATABASE_URL: databaseUrl,
    CONFIG_FILE: path.join(folder, CONFIG_FILE),
    SLACK_API_URL: slackApiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_SIGNING_SECRET: workspace.signingSecret,
    AUDIT_SIGNING_KEY: sealSecret,
    API_URL: apiUrl,
    ...provider?.environment,
  };
  return Array.from({ length: replicas }, (_, index) => {
    const [slack = 0, api = 0] = ports.slice(2 * index);
    // Each keeps the last head of the history for itself, as bots on machines of their own do.
    return new RestartableBot({ slack, api }, { ...common, DATA_DIR: path.join(folder, `bot-${index + 1}`) });
  });
}

/** One replica is spoken to directly, more through a balancer. */
async function inFrontOf(bots: readonly RestartableBot[], closers: (() => Promise<unknown>)[]): Promise<string> {
  const [only] = bots;
  if (only && bots.length === 1) return only.slackUrl;
  const balancer = await startBalancer();
  closers.push(() => balancer.stop());
  balancer.use(bots);
  return balancer.url;
}
