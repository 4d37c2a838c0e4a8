import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { configuration, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { commands, type Running } from './command.ts';

/** A bot's process that is ready. */
export interface Started extends Running {
  api: string;
  slackPort: number;
}

/** The bot as `npm start` runs it, on a Slack and a database of the test file's own. */
export function runningBots() {
  const { cli, main, start, folder } = commands();
  const at = {} as { slack: LocalSlack; db: TestDatabase };
  const configFile = () => path.join(folder(), 'breakglass.yml');
  beforeAll(async () => {
    [at.slack, at.db] = await Promise.all([
      startLocalSlack({ ...workspace, pacing: false, waitMs: 15_000 }),
      testDatabase(),
    ]);
    populate(at.slack);
    writeFileSync(configFile(), configuration);
  });
  afterAll(() => Promise.all([at.slack.stop(), at.db.drop()]));

  const variables = (): Record<string, string> => ({
    DATABASE_URL: at.db.url('app'),
    SLACK_API_URL: at.slack.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_SIGNING_SECRET: workspace.signingSecret,
    SLACK_PORT: '0',
    API_PORT: '0',
    HOST: '127.0.0.1',
  });
  return {
    ...{ at, cli, main, start, folder, configFile, variables },
    /** Starts one, waits until it is ready, and has Slack talk to it. */
    started: async (given: Record<string, string> = {}): Promise<Started> => {
      const running = start('main', [], { ...variables(), ...given });
      const ready = JSON.parse(await running.said('"msg":"ready"'));
      at.slack.pointAt(`http://127.0.0.1:${ready.slack_port}/slack/events`);
      return { ...running, api: `http://127.0.0.1:${ready.api_port}`, slackPort: ready.slack_port };
    },
  };
}

/** What a process said of its course, in its order. */
export const course = (lines: readonly string[]): string[] =>
  lines.map((line) => JSON.parse(line).msg).filter((said) => ['ready', 'stopping', 'stopped'].includes(said));
