import { createServer } from 'node:http';
import type { Bench } from './harness.ts';

/**
 * As little of Slack as a measurement needs: it answers every method, keeps nothing and checks nothing, so that what is
 * measured is the bot and not the other side.
 */
export interface StubSlack {
  apiUrl: string;
  /** Resolves with the body of the call that uses a trigger, as soon as it arrives. */
  used(trigger: string): Promise<string>;
  /** Resolves with the body of the next call of a method. */
  next(method: string): Promise<string>;
}

const member = { id: 'U0SOMEBODY', team_id: 'T0HOME', deleted: false, is_bot: false, is_restricted: false };
const answers: Readonly<Record<string, (body: string) => object>> = {
  'auth.test': () => ({ team_id: 'T0HOME', user_id: 'U0BOT', bot_id: 'B0BOT' }),
  'users.info': (body) => ({ user: { ...member, id: /(?:^|&)user=(\w+)/.exec(body)?.[1] } }),
  'usergroups.list': () => ({ usergroups: [] }),
  'views.open': () => ({ view: { id: 'V0VIEW' } }),
  'views.update': () => ({ view: { id: 'V0VIEW' } }),
  'conversations.info': () => ({ channel: {} }),
};

export async function startStubSlack(bench: Bench): Promise<StubSlack> {
  const waiting = new Map<string, (body: string) => void>();
  const arrival = (key: string): Promise<string> => new Promise((resolve) => waiting.set(key, resolve));
  const tell = (key: string, body: string): void => {
    waiting.get(key)?.(body);
    waiting.delete(key);
  };
  const server = createServer((request, response) => {
    const method = request.url?.split('/').at(-1) ?? '';
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const said = answers[method]?.(body) ?? { ts: '1.000001', channel: 'C0CHANNEL' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, ...said }));
      tell(method, body);
      const trigger = /(?:^|&)trigger_id=([^&]+)/.exec(body)?.[1];
      if (trigger) tell(trigger, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bench.onEnd(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stub has no port.');
  return { apiUrl: `http://127.0.0.1:${address.port}/api/`, used: arrival, next: arrival };
}
