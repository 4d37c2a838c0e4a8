import pg from 'pg';
import { migrate } from '../migrations/migrate.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbeddedServer } from './server.ts';

/** A migrated database of our own, with the same roles as a real one: the bot is neither superuser nor owner there. */
export interface EmbeddedDatabase {
  server: EmbeddedServer;
  /** For the bot. */
  url: string;
  /** For migrations, and in the sandbox for moving the clock. */
  ownerUrl: string;
}

const OWNER = 'breakglass_owner';
const APP = 'breakglass_app';

export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const server = await startEmbeddedServer(options);
  try {
    await createOwner(server);
    const ownerUrl = await createDatabase(server, 'breakglass');
    await migrate(ownerUrl);
    await allowLogin(server);
    return { server, ownerUrl, url: server.url('breakglass', APP) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The owner of databases: may create roles and databases, and is otherwise nobody special. */
export const createOwner = (server: EmbeddedServer): Promise<void> =>
  asSuperuser(server, async (client) => {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [OWNER]);
    const verb = rowCount === 0 ? 'create' : 'alter';
    await client.query(
      `${verb} role ${OWNER} login createrole createdb password ${client.escapeLiteral(server.password)}`,
    );
  });

/** Lets the bot's role, made by the migrations, sign in. */
export const allowLogin = (server: EmbeddedServer): Promise<void> =>
  asSuperuser(server, async (client) => {
    await client.query(`alter role ${APP} login password ${client.escapeLiteral(server.password)}`);
  });

/** @returns the owner's connection string */
export async function createDatabase(server: EmbeddedServer, name: string): Promise<string> {
  await asSuperuser(server, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)} owner ${OWNER}`);
  });
  return server.url(name, OWNER);
}

async function asSuperuser(server: EmbeddedServer, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
