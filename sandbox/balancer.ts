import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** A replica, by the addresses of its two ports. */
export interface Target {
  slackUrl: string;
  apiUrl: string;
}

/** A plain round-robin in front of several replicas, as any load balancer does it. */
export interface Balancer {
  url: string;
  /** Which replicas there are from now on. */
  use(targets: readonly Target[]): void;
  stop(): Promise<void>;
}

/** How often each replica is asked whether it is ready (ms). */
const LOOK_EVERY_MS = 100;
/** A replica that has not answered by then is not ready (ms). */
const LOOK_AT_MOST_MS = 1_000;

/**
 * Forwards each request to the next replica that says it is ready; one that can't be connected to is passed over, an
 * answer is never retried. The path is the request's own.
 */
export async function startBalancer(): Promise<Balancer> {
  let targets: readonly Target[] = [];
  const away = new Set<Target>();
  const lookedAt = new Set<Target>();
  let turn = 0;

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    const ready = targets.filter((target) => !away.has(target));
    for (let tries = 0; tries < ready.length; tries += 1) {
      const target = ready[turn++ % ready.length];
      if (target && (await send(target.slackUrl, incoming, body, outgoing))) return;
    }
    outgoing.writeHead(503).end();
  };
  const look = async (target: Target): Promise<void> => {
    if (lookedAt.has(target)) return; // looks at a replica that hangs would pile up
    lookedAt.add(target);
    const ready = await fetch(`${target.apiUrl}/readyz`, { signal: AbortSignal.timeout(LOOK_AT_MOST_MS) }).then(
      ({ ok }) => ok,
      () => false,
    );
    lookedAt.delete(target);
    if (ready || !targets.includes(target)) away.delete(target);
    else away.add(target);
  };
  const looking = setInterval(() => {
    for (const target of targets) void look(target);
  }, LOOK_EVERY_MS);
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The balancer has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/slack/events`,
    use: (next) => {
      targets = next;
      for (const target of away) if (!targets.includes(target)) away.delete(target);
    },
    stop: () => {
      clearInterval(looking);
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** @returns false where nobody was listening, so that the next replica may be asked */
function send(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const { method, headers, url: path } = incoming;
    const sent = request(new URL(target), { method, headers, path, agent: false }, (answer) => {
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
