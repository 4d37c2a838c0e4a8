import { createServer } from 'node:http';
import { HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { silentLogger } from './clients.ts';
import { type Unverified, unverified } from './signature.ts';

export type Connection =
  | {
      mode: 'http';
      signingSecret: string;
      port: number;
      host: string;
      /** Milliseconds since 1970, to tell how old a signature is. */
      time: () => number;
      /** Told of each request that is not Slack's word. */
      onUnverified: (why: Unverified['why']) => void;
    }
  | { mode: 'socket'; appToken: string };

/** Slack sends a request at once; who takes longer is not Slack (ms). */
const REQUEST_WITHIN_MS = 10_000;

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

function overHttp({
  signingSecret,
  port,
  host,
  time,
  onUnverified,
}: Extract<Connection, { mode: 'http' }>): StartedReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    // Done by us, before it: Bolt goes by the clock of this machine.
    signatureVerification: false,
    endpoints: '/slack/events',
    logger: silentLogger,
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
  const server = createServer(
    { requestTimeout: REQUEST_WITHIN_MS, connectionsCheckingInterval: REQUEST_WITHIN_MS / 2 },
    (request, response) => {
      if (leaving) response.setHeader('connection', 'close');
      // Whoever is refused does not go on sending: there may be no end to it.
      const refuse = (status: number): void => void response.writeHead(status, { connection: 'close' }).end();
      if (request.method !== 'POST') return refuse(404);
      unverified(request, signingSecret, time)
        .then((refusal) => {
          if (refusal === null) return receiver.requestListener(request, response);
          onUnverified(refusal.why);
          refuse(refusal.status);
        })
        .catch(() => refuse(404)); // Bolt refuses a path it does not know by an error
    },
  );
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
