import { createServer } from 'node:http';
import { setTimeout as pass } from 'node:timers/promises';
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

/** A start does not wait longer for Slack: there are other doors, and the line is tried on until it leads somewhere (ms). */
const CONNECT_WITHIN_MS = 3_000;
/** Between two tries to connect, at most; and for one of them (ms). */
const TRY_AGAIN_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 10_000;

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

/** @param onLate told when Slack was not there for the start, with an error where it never will be */
export const receiverFor = (
  connection: Connection,
  apiUrl: string | null,
  onLate: (error: unknown) => void,
): StartedReceiver => (connection.mode === 'socket' ? overSocket(connection, apiUrl, onLate) : overHttp(connection));

function overSocket(
  { appToken }: { appToken: string },
  apiUrl: string | null,
  onLate: (error: unknown) => void,
): StartedReceiver {
  let stopped = false;
  const receiver = new SocketModeReceiver({
    appToken,
    logger: silentLogger,
    installerOptions: {
      clientOptions: {
        ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
        timeout: ANSWER_WITHIN_MS,
        retryConfig: { forever: true, factor: 1.3, maxTimeout: TRY_AGAIN_WITHIN_MS, unref: true },
        // Its tries to connect can't be called off: after the stop they ask nobody any more.
        fetch: (...asked) => (stopped ? new Promise<never>(() => {}) : fetch(...asked)),
      },
    },
  });
  return {
    bolt: receiver,
    start: async () => {
      const connecting = receiver.start();
      const late = Symbol('late');
      const first = await Promise.race([connecting, pass(CONNECT_WITHIN_MS, late, { ref: false })]);
      if (first === late) {
        onLate(null);
        connecting.catch(onLate);
      }
      return null;
    },
    leave: () => {},
    stop: () => {
      stopped = true;
      return receiver.stop();
    },
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
