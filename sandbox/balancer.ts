import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** A plain round-robin in front of several replicas, as any load balancer does it. */
export interface Balancer {
  url: string;
  /** Which replicas get traffic from now on, as base URLs. */
  use(targets: readonly string[]): void;
  stop(): Promise<void>;
}

/** Forwards each request to the next replica; one that can't be connected to is passed over, an answer is never retried. */
export async function startBalancer(): Promise<Balancer> {
  let targets: readonly string[] = [];
  let turn = 0;

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    for (let tries = 0; tries < targets.length; tries += 1) {
      const target = targets[turn++ % targets.length];
      if (target && (await send(target, incoming, body, outgoing))) return;
    }
    outgoing.writeHead(503).end();
  };
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The balancer has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    use: (next) => {
      targets = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @returns false where nobody was listening, so that the next replica may be asked */
function send(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const { method, headers } = incoming;
    const sent = request(new URL(incoming.url ?? '/', target), { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.once('end', () => resolve(true));
      answer.once('error', reject);
    });
    sent.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve(false) : reject(error),
    );
    sent.end(body);
  });
}
