import { pino } from 'pino';
import { configuration, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, type LocalSlackOptions, startLocalSlack } from '../../sandbox/slack/index.ts';
import { type Bot, startBot } from '../../src/bot.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';
import { readEnvironment } from '../../src/config.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** The sandbox's workspace and the real bot, in this process, on a database of its own. */
export interface TestStack {
  slack: LocalSlack;
  db: TestDatabase;
  bot: Bot;
  /** It and every other one that runs. */
  bots: readonly Bot[];
  /** The bot's log lines so far, parsed. */
  log: readonly Record<string, unknown>[];
  /** A further process's worth of bot on the same database. */
  anotherBot(yaml?: string): Promise<Bot>;
  restart(yaml?: string): Promise<Bot>;
  /** Changes the file of one bot; it is in force only when somebody reloads it. */
  edit(bot: Bot, yaml: string): void;
  /** Resolves when this message has been logged so often. */
  logged(words: string, times?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Where a bot in this process listens. */
export const addressesOf = ({ slackPort, apiPort }: Bot) => ({
  slackUrl: `http://127.0.0.1:${slackPort}/slack/events`,
  apiUrl: `http://127.0.0.1:${apiPort}`,
});

export interface TestStackOptions {
  /** breakglass.yml; the sandbox's own unless given. */
  yaml?: string;
  slack?: Partial<LocalSlackOptions>;
  /** Variables beside those of the local Slack. */
  environment?: Record<string, string>;
  /** A clone on the common server unless given; dropped at the end. */
  db?: TestDatabase;
  /** Where the bot finds its database, instead of directly. */
  databaseUrl?: (direct: string) => string;
  reach?: (point: string) => void;
}

export async function startTestStack({
  yaml = configuration,
  slack: options = {},
  environment = {},
  db: given,
  databaseUrl = (direct) => direct,
  reach = () => {},
}: TestStackOptions = {}): Promise<TestStack> {
  const db = given ?? (await testDatabase());
  // Without Slack's rate limits unless a test is about them: it is not what most rules are about.
  const slack = await startLocalSlack({ ...workspace, pacing: false, waitMs: 15_000, ...options });
  populate(slack);
  const lines: Record<string, unknown>[] = [];
  const listeners = new Set<() => void>();
  const write = (line: string): void => {
    lines.push(JSON.parse(line));
    for (const look of [...listeners]) if (listeners.delete(look)) look();
  };
  const log = pino({ level: 'debug', base: null }, { write });
  const variables = { ...environmentOf(slack, db), ...environment };
  const bots: Bot[] = [];
  const files = new WeakMap<Bot, { text: string }>();
  const start = async (text: string): Promise<Bot> => {
    const file = { text };
    const read = (): Settings => parseSettings(file.text, 'breakglass.yml');
    const bot = await startBot({
      ...{ environment: readEnvironment(variables), settings: read(), readFile: read },
      ...{ databaseUrl: databaseUrl(db.url('app')), log, reach },
    });
    files.set(bot, file);
    bots.push(bot);
    if (bot.slackPort !== null) slack.pointAt(addressesOf(bot).slackUrl);
    return bot;
  };
  const stack: TestStack = {
    slack,
    db,
    log: lines,
    bot: await start(yaml),
    bots,
    anotherBot: (text = yaml) => start(text),
    restart: async (text = yaml) => {
      for (const bot of bots.splice(0)) await bot.stop();
      stack.bot = await start(text);
      return stack.bot;
    },
    edit: (bot, text) => {
      const file = files.get(bot);
      if (file) file.text = text;
    },
    logged: (words, times = 1) =>
      new Promise((resolve) => {
        const look = () => {
          if (lines.filter(({ msg }) => msg === words).length >= times) resolve();
          else listeners.add(look);
        };
        look();
      }),
    stop: async () => {
      for (const bot of bots.splice(0)) await bot.stop();
      await slack.stop();
      await db.drop();
    },
  };
  return stack;
}

const environmentOf = (slack: LocalSlack, db: TestDatabase): Record<string, string> => ({
  DATABASE_URL: db.url('app'),
  SLACK_API_URL: slack.apiUrl,
  SLACK_BOT_TOKEN: workspace.botToken,
  SLACK_SIGNING_SECRET: workspace.signingSecret,
  SLACK_PORT: '0',
  API_PORT: '0',
  HOST: '127.0.0.1',
});
