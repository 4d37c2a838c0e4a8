import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newSigner } from '../src/evidence/note.ts';
import { reachableTemporary } from '../src/store/embedded/binaries.ts';
import { startEmbeddedDatabase } from '../src/store/embedded/bootstrap.ts';
import { startBalancer } from './balancer.ts';
import { type BotProcess, startBotProcess } from './bot-process.ts';
import { configuration, populate, workspace } from './cast.ts';
import { type SandboxClock, sandboxClock } from './clock.ts';
import { type Service, startService } from './service.ts';
import { type LocalSlack, startLocalSlack } from './slack/index.ts';

/** Everything, running: a PostgreSQL, a local Slack with its people, and the real bot between them. */
export interface Stack {
  slack: LocalSlack;
  /** One or more replicas; behind a round-robin where there are more. */
  bots: readonly BotProcess[];
  /** Where Slack sends its payloads. */
  slackUrl: string;
  clock: SandboxClock;
  /** The public half of the key that seals this history: what verify is told to trust. */
  sealKey: string;
  /** Asks the bots; what it asks with may ask about everything. */
  service: Service;
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
}

export async function startStack({ signal, startsAt, replicas = 1 }: StackOptions = {}): Promise<Stack> {
  const folder = await mkdtemp(path.join(await reachableTemporary(), 'breakglass-sandbox-'));
  await chmod(folder, 0o711); // PostgreSQL may run as another user, which has to pass through
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const database = await startEmbeddedDatabase({ dataDir: folder, durable: false });
    closers.push(database.server.stop);
    signal?.throwIfAborted();
    const clock = sandboxClock(database.ownerUrl);
    if (startsAt) await clock.advanceTo(startsAt);
    const slack = await startLocalSlack({ ...workspace, pacing: {} });
    closers.push(() => slack.stop());
    populate(slack);
    const configFile = path.join(folder, 'breakglass.yml');
    await writeFile(configFile, configuration);
    const environment = {
      DATABASE_URL: database.url,
      CONFIG_FILE: configFile,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_SIGNING_SECRET: workspace.signingSecret,
    };
    const key = newSigner('sandbox.localhost');
    const bots: BotProcess[] = [];
    closers.push(() => Promise.all(bots.map((bot) => bot.stop())));
    for (let count = 0; count < replicas; count += 1) {
      // Each keeps the last head of the history for itself, as bots on machines of their own do.
      const own = { AUDIT_SIGNING_KEY: key.secret, DATA_DIR: path.join(folder, `bot-${count + 1}`) };
      bots.push(await startBotProcess({ ...environment, ...own }));
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
      slack,
      bots,
      slackUrl,
      clock,
      sealKey: key.verifier,
      service,
      ownerUrl: database.ownerUrl,
      adminUrl: database.server.url('breakglass'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One replica is spoken to directly, more through a balancer. */
async function inFrontOf(bots: readonly BotProcess[], closers: (() => Promise<unknown>)[]): Promise<string> {
  const [only] = bots;
  if (only && bots.length === 1) return only.slackUrl;
  const balancer = await startBalancer();
  closers.push(() => balancer.stop());
  balancer.use(bots);
  return balancer.url;
}
