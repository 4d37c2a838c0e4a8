/** A small workspace, and a real Bolt app to stand in for the bot. */
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { type LocalSlack, type LocalSlackOptions, startLocalSlack } from '../../sandbox/slack/index.ts';

export const OPTIONS: LocalSlackOptions = {
  signingSecret: 'local-signing-secret',
  botToken: 'xoxb-local',
  appToken: 'xapp-local',
  team: { id: 'T0HOME', domain: 'home', name: 'Home' },
  botUserId: 'U0BOT',
  appId: 'A0APP',
  ackTimeoutMs: 2_000,
};

/** Ann and Bob are in #general with the bot, Bob is not in #secret, Eve is from a connected company. */
export async function localSlack(overrides: Partial<LocalSlackOptions> = {}): Promise<LocalSlack> {
  const slack = await startLocalSlack({ ...OPTIONS, ...overrides });
  onTestFinished(() => slack.stop());
  slack.addUser({ id: 'U0ANN', name: 'ann', real_name: 'Ann Operator', tz: 'Europe/Berlin' });
  slack.addUser({ id: 'U0BOB', name: 'bob', real_name: 'Bob Security' });
  slack.addUser({ id: 'U0EVE', name: 'eve', real_name: 'Eve Customer', team_id: 'T0ACME' });
  slack.addChannel({ id: 'C0GENERAL', name: 'general', members: ['U0ANN', 'U0BOB', 'U0EVE'], is_ext_shared: true });
  slack.addChannel({ id: 'C0SECRET', name: 'secret', is_private: true, members: ['U0ANN'] });
  return slack;
}

/** A client that neither retries nor waits, so that a test sees what the server said. */
export const client = (
  slack: LocalSlack,
  options: WebClientOptions = {},
  token: string | undefined = OPTIONS.botToken,
) =>
  new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    logger: silent,
    ...options,
  });

export const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** A Bolt app behind its HTTP receiver, with the local Slack pointed at it. */
export async function boltApp(
  slack: LocalSlack,
  listen: (app: App) => void,
  /** When Bolt answers 404 for want of an acknowledgement; its own default unless told. */
  unhandledMs = 3_001,
): Promise<App> {
  const receiver = new HTTPReceiver({
    signingSecret: OPTIONS.signingSecret,
    logger: silent,
    unhandledRequestTimeoutMillis: unhandledMs,
  });
  const app = new App({
    token: OPTIONS.botToken,
    receiver,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
  });
  app.error(async () => {});
  listen(app);
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => void (await receiver.stop()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  slack.pointAt(`http://127.0.0.1:${address.port}/slack/events`);
  return app;
}

/** What a call was refused with: Slack's error code. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && 'data' in error && typeof error.data === 'object' && error.data !== null) {
      return String('error' in error.data ? error.data.error : '');
    }
    throw error;
  }
  throw new Error('the call was not refused');
}

export const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
export const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const option = (value: string, text = value) => ({ text: plain(text), value });

/** An approval card with two buttons, one of them behind a confirmation. */
export const card = (id = 'g1') => [
  section('Approve?'),
  {
    type: 'actions' as const,
    block_id: 'decide',
    elements: [
      { type: 'button' as const, action_id: 'approve', text: plain('Approve'), value: id },
      {
        type: 'button' as const,
        action_id: 'deny',
        text: plain('Deny'),
        value: id,
        confirm: { title: plain('Sure?'), text: plain('No way back'), confirm: plain('Yes'), deny: plain('No') },
      },
    ],
  },
];
