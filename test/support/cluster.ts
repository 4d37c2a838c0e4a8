import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { reachableTemporary } from '../../src/store/embedded/binaries.ts';
import { allowLogin, createDatabase, createOwner } from '../../src/store/embedded/bootstrap.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/store/embedded/server.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: { port: number; host: string; user: string; password: string };
  }
}

export const TEMPLATE = 'breakglass_template';

let stopCluster: () => Promise<void> = async () => {};

/**
 * One PostgreSQL for the whole run, with a migrated template that each test file clones. TEST_DATABASE_URL, a
 * superuser's, takes the place of the embedded one.
 */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env.TEST_DATABASE_URL;
  const { server, stop } = given ? external(given) : await embedded();
  stopCluster = stop;
  try {
    await createOwner(server);
    const owner = await createDatabase(server, TEMPLATE);
    await migrate(owner);
    await allowLogin(server);
  } catch (error) {
    await stop(); // nobody tears down what was not set up
    throw error;
  }
  const at = new URL(server.url('postgres'));
  project.provide('cluster', { port: server.port, host: at.hostname, user: at.username, password: server.password });
}

export const teardown = (): Promise<void> => stopCluster();

async function embedded() {
  const dataDir = await mkdtemp(path.join(await reachableTemporary(), 'breakglass-test-'));
  await chmod(dataDir, 0o711);
  const forget = () => rm(dataDir, { recursive: true, force: true });
  const settings = { max_connections: '300' };
  const server = await startEmbeddedServer({ dataDir, durable: false, settings }).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  return { server, stop: () => server.stop().then(forget) };
}

function external(url: string): { server: EmbeddedServer; stop: () => Promise<void> } {
  const at = new URL(url);
  const server: EmbeddedServer = {
    port: Number(at.port || 5432),
    password: decodeURIComponent(at.password),
    url: (database, user = at.username) => `postgresql://${user}:${at.password}@${at.host}/${database}`,
    stop: async () => {},
  };
  const stop = async () => {
    const client = new pg.Client({ connectionString: server.url('postgres') });
    await client.connect();
    await client.query(`drop database if exists ${TEMPLATE} with (force)`);
    await client.end();
  };
  return { server, stop };
}
