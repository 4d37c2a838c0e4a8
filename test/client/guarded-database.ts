import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type Caller, createGuard, type PrismaGuardOptions } from '../../src/client/index.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';
import { testDatabase } from '../support/database.ts';
import { allowing, denying, type StubServer, stubServer } from './stub-server.ts';

export const olivia: Caller = { tenant: 'acme', subject: 'slack:T0HOME:U0OLIVIA' };

/** What is guarded: of the bot's own tables, for want of a content service's. */
export const models = {
  Tenant: { read: 'tenant.read', write: 'tenant.write' },
  Owner: { read: 'owner.read', write: 'owner.write' },
};

/** A refusal, as queries reject with it. */
export const refused = (reason: string) => expect.objectContaining({ name: 'AccessRefused', reason });

/** A real database, its client with and without a guard, and the server that the guard asks. */
export interface GuardedDatabase {
  bare: PrismaClient;
  client: Client;
  /** The client with another guard. */
  guarded(more: Partial<PrismaGuardOptions>): Client;
  server: StubServer;
  /** Actions that there is a grant for. Empty before each test. */
  granted: Set<string>;
  /** Actions asked for in this test, in alphabetical order. */
  asked(): string[];
  /** A tenant `acme`, the person who owns it, and one who owns nothing. */
  ids: { tenant: string; owner: string; other: string };
}

export type Client = ReturnType<typeof extended>;

const extended = (bare: PrismaClient, url: string, more: Partial<PrismaGuardOptions> = {}) =>
  bare.$extends(createGuard({ url, key: 'bg_secret' }).prismaExtension({ models, who: () => olivia, ...more }));

/** One for a whole file, made before its tests; what is returned may be read within them only. */
export function guardedDatabase(): GuardedDatabase {
  const made: Partial<GuardedDatabase> = {};
  let release = async () => {};
  beforeAll(async () => {
    const database = await testDatabase();
    const bare = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url('superuser') }) });
    const server = await stubServer();
    release = async () => {
      await bare.$disconnect();
      await server.close();
      await database.drop();
    };
    Object.assign(made, await populated(bare, server));
  });
  afterAll(() => release());
  beforeEach(() => {
    made.server?.received.splice(0);
    made.granted?.clear();
    made.server?.answer((response, received) =>
      (made.granted?.has(received.body.action.name) ? allowing : denying('no_grant'))(response, received),
    );
  });
  return made as GuardedDatabase;
}

async function populated(bare: PrismaClient, server: StubServer): Promise<GuardedDatabase> {
  const owners = { create: { person: { create: {} } } };
  const tenant = await bare.tenant.create({ data: { key: 'acme', name: 'Acme', owners }, include: { owners: true } });
  const other = await bare.person.create({ data: {} });
  return {
    bare,
    client: extended(bare, server.url),
    guarded: (more) => extended(bare, server.url, more),
    server,
    granted: new Set(),
    asked: () => server.received.map(({ body }) => body.action.name).sort(),
    ids: { tenant: tenant.id, owner: tenant.owners[0]?.personId ?? '', other: other.id },
  };
}
