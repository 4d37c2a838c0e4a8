import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BotProcess, startBotProcess } from '../../sandbox/bot-process.ts';
import { configuration, workspace } from '../../sandbox/cast.ts';
import type { LocalSlack } from '../../sandbox/slack/index.ts';
import type { TestDatabase } from './database.ts';

/** Real bots, each in a process of its own, on the test's Slack and database. */
export interface BotProcesses {
  /** @param entry another entry than `src/main.ts`, and its arguments */
  start(entry?: readonly string[], variables?: Readonly<Record<string, string>>): Promise<BotProcess>;
  /** Stops all that still run; nothing is left behind. */
  stop(): Promise<void>;
}

export async function botProcesses(slack: LocalSlack, db: TestDatabase): Promise<BotProcesses> {
  const folder = await mkdtemp(path.join(tmpdir(), 'breakglass-bots-'));
  const configFile = path.join(folder, 'breakglass.yml');
  await writeFile(configFile, configuration);
  const environment = {
    DATABASE_URL: db.url('app'),
    CONFIG_FILE: configFile,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_SIGNING_SECRET: workspace.signingSecret,
  };
  const bots: BotProcess[] = [];
  return {
    start: async (entry, variables = {}) => {
      const bot = await startBotProcess({ ...environment, ...variables }, entry);
      bots.push(bot);
      return bot;
    },
    stop: async () => {
      await Promise.all(bots.map((bot) => bot.stop()));
      await rm(folder, { recursive: true });
    },
  };
}
