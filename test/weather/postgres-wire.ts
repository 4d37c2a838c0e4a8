import { connect, createServer, type Socket } from 'node:net';

/** The network between the bot and PostgreSQL, and what can happen to it. */
export interface Wire {
  /** The same database, through the wire. */
  through(url: string): string;
  /** Carries nothing any more, in both directions, and says so to nobody: a firewall that drops. */
  swallow(): void;
  /** Carries what is sent to the server, and none of its answers. */
  swallowAnswers(): void;
  /** New connections are carried again. Those from before have lost bytes and stay silent. */
  mend(): void;
  /** Ends every connection now. */
  cut(): void;
  /** Refuses new connections, or takes them again. */
  refuse(refusing: boolean): void;
  /** Connections that were opened so far. */
  readonly opened: number;
  stop(): Promise<void>;
}

export async function wire(): Promise<Wire> {
  let target = { host: '', port: 0 };
  let carries = { there: true, back: true };
  let refusing = false;
  let opened = 0;
  const ends = new Set<Socket>();

  const server = createServer((near) => {
    opened += 1;
    if (refusing) return void near.destroy();
    const far = connect(target);
    const state = carries; // a line that lost bytes never carries again
    for (const [from, to, way] of [
      [near, far, 'there'],
      [far, near, 'back'],
    ] as const) {
      ends.add(from);
      from.on('data', (chunk) => {
        if (state[way]) to.write(chunk);
      });
      from.on('error', () => {});
      from.on('close', () => {
        ends.delete(from);
        if (state.there && state.back) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The wire has no port.');
  const cut = () => {
    for (const end of ends) end.destroy();
  };
  return {
    through: (url) => {
      const at = new URL(url);
      target = { host: at.hostname, port: Number(at.port || 5432) };
      at.hostname = '127.0.0.1';
      at.port = String(address.port);
      return at.href;
    },
    swallow: () => Object.assign(carries, { there: false, back: false }),
    swallowAnswers: () => Object.assign(carries, { back: false }),
    mend: () => {
      carries = { there: true, back: true };
    },
    cut,
    refuse: (now) => {
      refusing = now;
    },
    get opened() {
      return opened;
    },
    stop: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
