import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase } from '../../src/store/embedded/bootstrap.ts';
import type { EmbeddedServer } from '../../src/store/embedded/server.ts';

/** A database with nothing in it yet. */
export interface EmptyDatabase {
  url(role: 'breakglass_owner' | 'breakglass_app'): string;
  drop(): Promise<void>;
}

export async function emptyDatabase(): Promise<EmptyDatabase> {
  const { host, port, user, password } = inject('cluster');
  const server: EmbeddedServer = {
    port,
    password,
    url: (database, role = user) => `postgresql://${role}:${password}@${host}:${port}/${database}`,
    stop: async () => {},
  };
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(server, name);
  return {
    url: (role) => server.url(name, role),
    drop: async () => {
      const client = new pg.Client({ connectionString: server.url('postgres') });
      await client.connect();
      await client.query(`drop database if exists ${name} with (force)`).finally(() => client.end());
    },
  };
}

/** The password that all the roles of the test cluster share: it must be in no output. */
export const password = (): string => inject('cluster').password;

export const withPassword = (url: string, other: string): string => {
  const at = new URL(url);
  at.password = other;
  return at.href;
};
