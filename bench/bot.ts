import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BotProcess, startBotProcess } from '../sandbox/bot-process.ts';
import { aFolder, type Bench } from './harness.ts';
import { BOT_TOKEN, SIGNING_SECRET } from './load.ts';

/** The real bot in a process of its own, stopped at the end. */
export async function aBot(
  bench: Bench,
  { databaseUrl, apiUrl, yaml }: { databaseUrl: string; apiUrl: string; yaml: string },
): Promise<BotProcess> {
  const configFile = path.join(await aFolder(bench), 'breakglass.yml');
  await writeFile(configFile, yaml);
  return aProcess(bench, { DATABASE_URL: databaseUrl, CONFIG_FILE: configFile, SLACK_API_URL: apiUrl });
}

/** A process that listens to Slack: the bot's entry unless told. */
export async function aProcess(
  bench: Bench,
  environment: Readonly<Record<string, string>>,
  entry?: readonly string[],
): Promise<BotProcess> {
  const started = await startBotProcess(
    { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, ...environment },
    entry,
  );
  bench.onEnd(started.stop);
  return started;
}
