import { createServer, type IncomingHttpHeaders } from 'node:http';
import { HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { silentLogger } from './clients.ts';

export type Connection =
  | { mode: 'http'; signingSecret: string; port: number; host: string }
  | { mode: 'socket'; appToken: string };

/** How Slack's payloads come in: Bolt's receivers, with what they lack. */
export interface StartedReceiver {
  bolt: Receiver;
  /** @returns the port of HTTP mode; null in Socket Mode */
  start(): Promise<number | null>;
  /** From now on each answer asks its caller to connect anew, elsewhere. */
  leave(): void;
  /** Takes nothing more from now on; resolves when everybody who was connected has gone. */
  stop(): Promise<void>;
  /** Ends the connections of those who have not. */
  cut(): void;
}

export const receiverFor = (connection: Connection, apiUrl: string | null): StartedReceiver =>
  connection.mode === 'socket' ? overSocket(connection, apiUrl) : overHttp(connection);

function overSocket({ appToken }: { appToken: string }, apiUrl: string | null): StartedReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: silentLogger,
    ...(apiUrl ? { installerOptions: { clientOptions: { slackApiUrl: apiUrl } } } : {}),
  });
  return {
    bolt: receiver,
    start: () => receiver.start().then(() => null),
    leave: () => {},
    stop: () => receiver.stop(),
    cut: () => {},
  };
}

function overHttp({ signingSecret, port, host }: Extract<Connection, { mode: 'http' }>): StartedReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: '/slack/events',
    logger: silentLogger,
    bodyLimit: 1024 * 1024,
    dispatchErrorHandler: ({ response }) => {
      response.writeHead(404).end();
    },
    // A payload of a shape that Bolt itself stumbles over is the sender's mistake, not an outage of ours.
    processEventErrorHandler: async ({ response }) => {
      if (!response.headersSent) response.writeHead(400).end();
      return false;
    },
  });
  let leaving = false;
  const server = createServer((request, response) => {
    if (leaving) response.setHeader('connection', 'close');
    if (futureDated(request.headers)) {
      response.writeHead(401).end();
      return;
    }
    try {
      receiver.requestListener(request, response);
    } catch {
      response.writeHead(404).end();
    }
  });
  return {
    bolt: receiver,
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address ? address.port : null);
        });
      }),
    leave: () => {
      leaving = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    cut: () => server.closeAllConnections(),
  };
}

/** Clocks differ a little; a signature from further ahead was made to be used later. Seconds. */
const TOLERANCE_SECONDS = 60;

/** Bolt refuses requests signed too long ago, but takes those signed in the future, which could be kept and replayed. */
export function futureDated(headers: IncomingHttpHeaders, nowMs: number = Date.now()): boolean {
  // What is no number is no moment, and refused by Bolt; `Infinity` is one to Bolt, and the latest of all.
  return Number(headers['x-slack-request-timestamp']) > nowMs / 1000 + TOLERANCE_SECONDS;
}
