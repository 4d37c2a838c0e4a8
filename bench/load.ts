import { Agent, request } from 'node:http';
import { encoded, signature } from '../sandbox/slack/deliver.ts';
import type { JsonObject } from '../sandbox/slack/index.ts';
import type { Bench } from './harness.ts';

export const SIGNING_SECRET = 'bench-signing-secret';
export const BOT_TOKEN = 'xoxb-bench';

export type Send = (kind: 'command' | 'interactive', body: JsonObject) => Promise<void>;

/** Sends payloads as Slack does, signed, over connections that stay open; resolves with the acknowledgement. */
export function sender(bench: Bench, url: string): Send {
  const agent = new Agent({ keepAlive: true });
  bench.onEnd(async () => agent.destroy());
  return (kind, body) =>
    new Promise((resolve, reject) => {
      const { text, contentType } = encoded(kind, body);
      const timestamp = Math.floor(Date.now() / 1000);
      const headers = {
        'content-type': contentType,
        'content-length': String(Buffer.byteLength(text)),
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': signature(SIGNING_SECRET, timestamp, text),
      };
      const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`A payload was answered ${answer.statusCode}.`)),
        );
      });
      sent.once('error', reject);
      sent.end(text);
    });
}

let made = 0;
/** A trigger that was never used before. */
export function aTrigger(): string {
  made += 1;
  return `${Date.now()}.${made}.bench`;
}

const from = (user: string) => ({
  id: user,
  username: user.toLowerCase(),
  name: user.toLowerCase(),
  team_id: 'T0HOME',
});
const nowhere = 'http://127.0.0.1:9/nobody';

export const commandBody = (user: string, trigger: string): JsonObject => ({
  ...{ token: 'bench', team_id: 'T0HOME', team_domain: 'home', channel_id: 'D0BENCH', channel_name: 'directmessage' },
  ...{ user_id: user, user_name: user.toLowerCase(), command: '/breakglass', text: '', api_app_id: 'A0BENCH' },
  ...{ is_enterprise_install: 'false', response_url: nowhere, trigger_id: trigger },
});

/** A press on a button of a card in a channel. */
export const clickBody = (user: string, trigger: string, action: string, value: string): JsonObject => ({
  ...{ type: 'block_actions', team: { id: 'T0HOME', domain: 'home' }, enterprise: null, api_app_id: 'A0BENCH' },
  ...{ is_enterprise_install: false, user: from(user), token: 'bench', trigger_id: trigger, response_url: nowhere },
  container: { type: 'message', message_ts: '1.000001', channel_id: 'C0SECURITY', is_ephemeral: false },
  channel: { id: 'C0SECURITY', name: 'security' },
  actions: [{ type: 'button', action_id: action, block_id: 'decide', value, action_ts: '1.000002' }],
});
