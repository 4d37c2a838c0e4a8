import { createServer } from 'node:http';
import { HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { silentLogger } from './clients.ts';
import { verified } from './signature.ts';

export type Connection =
  /** `time`: milliseconds since 1970, to tell how old a signature is. */
  | { mode: 'http'; signingSecret: string; port: number; host: string; time: () => number }
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

function overHttp({ signingSecret, port, host, time }: Extract<Connection, { mode: 'http' }>): StartedReceiver {
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
  const server = createServer((request, response) => {
    if (leaving) response.setHeader('connection', 'close');
    const nothingHere = () => void response.writeHead(404).end();
    if (request.method !== 'POST') return nothingHere();
    verified(request, signingSecret, time())
      .then((refusal) => {
        if (refusal !== null) response.writeHead(refusal).end();
        else receiver.requestListener(request, response);
      })
      .catch(nothingHere); // Bolt refuses a path it does not know by an error
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
