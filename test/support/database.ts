import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type SandboxClock, sandboxClock } from '../../sandbox/clock.ts';
import { TEMPLATE } from './cluster.ts';

export type Role = 'app' | 'owner' | 'superuser';

/** A migrated database of one's own. */
export interface TestDatabase {
  url(role: Role): string;
  clock: SandboxClock;
  /** Rows of one statement, as somebody. The superuser sees everything, row-level security or not. */
  query<R extends pg.QueryResultRow>(role: Role, text: string, values?: unknown[]): Promise<R[]>;
  /** A session to hold open: for locks, races and transactions that go wrong. Closed at `drop`. */
  session(role: Role): Promise<pg.Client>;
  drop(): Promise<void>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const { host, port, user, password } = inject('cluster');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const roles: Record<Role, string> = { app: 'breakglass_app', owner: 'breakglass_owner', superuser: user };
  const urlOf = (role: Role, database = name) => `postgresql://${roles[role]}:${password}@${host}:${port}/${database}`;
  const open: pg.Client[] = [];
  const session = async (role: Role, database = name): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: urlOf(role, database) });
    client.on('error', () => {});
    await client.connect();
    open.push(client);
    return client;
  };
  const maintenance = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: urlOf('superuser', 'postgres') });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await maintenance(`create database ${name} template ${TEMPLATE} owner breakglass_owner`);
  const sessions = new Map<Role, Promise<pg.Client>>();
  return {
    url: (role) => urlOf(role),
    clock: sandboxClock(urlOf('owner')),
    session,
    query: async (role, text, values) => {
      const client = sessions.get(role) ?? session(role);
      sessions.set(role, client);
      return (await (await client).query(text, values)).rows;
    },
    drop: async () => {
      await Promise.all(open.map((client) => client.end().catch(() => {})));
      await maintenance(`drop database if exists ${name} with (force)`);
    },
  };
}
