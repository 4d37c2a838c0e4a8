import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { reachableTemporary } from '../src/store/embedded/binaries.ts';
import { startEmbeddedDatabase } from '../src/store/embedded/bootstrap.ts';
import { type BotProcess, startBotProcess } from './bot-process.ts';
import { configuration, populate, workspace } from './cast.ts';
import { type SandboxClock, sandboxClock } from './clock.ts';
import { type LocalSlack, startLocalSlack } from './slack/index.ts';

/** Everything, running: a PostgreSQL, a local Slack with its people, and the real bot between them. */
export interface Stack {
  slack: LocalSlack;
  bot: BotProcess;
  clock: SandboxClock;
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
}

export async function startStack({ signal, startsAt }: StackOptions = {}): Promise<Stack> {
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
    const bot = await startBotProcess({
      DATABASE_URL: database.url,
      CONFIG_FILE: configFile,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_SIGNING_SECRET: workspace.signingSecret,
    });
    closers.push(bot.stop);
    signal?.throwIfAborted();
    slack.pointAt(bot.slackUrl);
    return { slack, bot, clock, ownerUrl: database.ownerUrl, adminUrl: database.server.url('breakglass'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
