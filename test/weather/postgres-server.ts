import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { sandboxClock } from '../../sandbox/clock.ts';
import { reachableTemporary } from '../../src/store/embedded/binaries.ts';
import { startEmbeddedDatabase } from '../../src/store/embedded/bootstrap.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbeddedServer } from '../../src/store/embedded/server.ts';
import type { Role, TestDatabase } from '../support/database.ts';

/** A PostgreSQL of one's own, to be stopped and started as the weather is; always at the same address. */
export interface PrivateServer extends TestDatabase {
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Falls over, without writing down what is in memory only, and starts again. */
  crash(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Starts it as a standby, which answers questions and takes nothing. @returns what makes it the primary again */
  startAsStandby(): Promise<() => Promise<void>>;
}

const roles: Record<Role, string> = { app: 'breakglass_app', owner: 'breakglass_owner', superuser: 'postgres' };

/** @param options what is durable survives a crash of this machine too; tests seldom need that */
export async function privateServer(options: Omit<EmbeddedOptions, 'dataDir'> = {}): Promise<PrivateServer> {
  const { durable = false, settings = {} } = options;
  const folder = await mkdtemp(path.join(await reachableTemporary(), 'breakglass-weather-'));
  await chmod(folder, 0o711); // PostgreSQL may run as another user, which has to pass through
  const first = await startEmbeddedDatabase({ dataDir: folder, durable, settings });
  const { url: at, port } = first.server;
  let server: EmbeddedServer = first.server;
  const url = (role: Role) => at('breakglass', roles[role]);
  const open: pg.Client[] = [];

  const session = async (role: Role): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url(role) });
    client.on('error', () => {});
    await client.connect();
    open.push(client);
    return client;
  };
  const query: TestDatabase['query'] = async (role, text, values) => {
    const client = await session(role);
    return client
      .query(text, values)
      .then(
        ({ rows }) => rows,
        (error: unknown) => Promise.reject(error),
      )
      .finally(() => client.end());
  };
  const launch = () => startEmbeddedServer({ dataDir: folder, durable, settings: { ...settings, port: String(port) } });
  /** Whoever was in the middle of something when the server fell over lets go of its memory a little later. */
  const launchAgain = (left = 100): Promise<EmbeddedServer> =>
    launch().catch((error: unknown) => {
      if (left === 0 || !String(error).includes('still in use')) throw error;
      return launchAgain(left - 1);
    });
  const processId = async () =>
    Number((await readFile(path.join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  return {
    url,
    clock: sandboxClock(first.ownerUrl),
    session,
    query,
    stop: () => server.stop(),
    start: async () => {
      server = await launch();
    },
    crash: async (signal) => {
      process.kill(await processId(), signal);
      await server.stop();
      server = await launchAgain();
    },
    startAsStandby: async () => {
      await writeFile(path.join(folder, 'postgres', 'standby.signal'), '');
      const launched = launch(); // says that it takes connections once it is a primary
      for (let answers = false; !answers; )
        answers = await query('superuser', 'select').then(
          () => true,
          () => false,
        );
      return async () => {
        await query('superuser', 'select pg_promote()');
        server = await launched;
      };
    },
    drop: async () => {
      await Promise.all(open.map((client) => client.end().catch(() => {})));
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
