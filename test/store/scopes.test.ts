import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase, type Tx } from '../../src/store/database.ts';
import { Prisma } from '../../src/store/generated/client.ts';
import { activeGrant, aWorld, requestedGrant, type World } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let testDb: TestDatabase;
let db: Database;
let ours: World;
let theirs: World;
beforeAll(async () => {
  testDb = await testDatabase();
  // One connection, so that each scope gets the one that the last scope left behind.
  db = openDatabase({ url: testDb.url('app'), connections: 1 });
  const app = await testDb.session('app');
  ours = await aWorld(app);
  theirs = await aWorld(app);
  await activeGrant(app, ours);
  await activeGrant(app, theirs);
  await requestedGrant(app, ours, { scope: 'create_platform_owner' });
});
afterAll(async () => {
  await db.close();
  await testDb.drop();
});

/** Whoever is in this transaction, and what it sees of grants. */
async function lookAround(tx: Tx) {
  const [found] = await tx.$queryRaw<{ pid: number; role: string; tenant: string | null; seen: number }[]>`
    select pg_backend_pid() as pid, current_user::text as role, nullif(current_setting('app.tenant_id', true), '') as tenant,
           (select count(*)::int from grants) as seen`;
  if (!found) throw new Error('Nothing to be seen.');
  return found;
}

/** The scope of somebody who names no tenant. */
const nowhere = () => db.enterTenant('a test', async () => ({ tenant: null }), lookAround);

test('a tenant is a scope of its own, and across all is another', async () => {
  const [{ seen }, { seen: all }] = [
    await db.inTenant(ours.acme, lookAround),
    await db.acrossTenants('a test', lookAround),
  ];
  expect({ seen, all }).toEqual({ seen: 2, all: 3 });
});

test('a tenant found across is then the only one in sight', async () => {
  const found = await db.enterTenant(
    'a test',
    async (tx) => ({ tenant: ours.acme, before: await lookAround(tx) }),
    async (tx, { before }) => [before, await lookAround(tx)],
  );
  expect(found).toMatchObject([
    { role: 'breakglass_across', seen: 3 },
    { role: 'breakglass_app', tenant: ours.acme, seen: 2 },
  ]);
});

describe('a connection keeps nothing of a scope that', () => {
  const broken = (tx: Tx) => tx.$queryRaw`select 1 / 0`;
  const unlawful = (tx: Tx) => tx.$executeRaw`
    update grants set version = version + 1, state = 'active', activated_at = requested_at,
           expires_at = requested_at + interval '1 hour' where state = 'requested'`;
  const thrown = () => Promise.reject(new Error('given up'));
  const scopes: [string, (work: (tx: Tx) => Promise<unknown>) => Promise<unknown>][] = [
    ['in a tenant', (work) => db.inTenant(ours.acme, work)],
    ['across tenants', (work) => db.acrossTenants('a test', work)],
    ['in a tenant found across', (work) => db.enterTenant('a test', async () => ({ tenant: ours.acme }), work)],
  ];
  for (const [where, open] of scopes) {
    test.each([
      { end: 'was committed', work: lookAround, refusal: null },
      { end: 'threw', work: thrown, refusal: /given up/ },
      { end: 'had a statement aborted', work: broken, refusal: /division by zero/ },
      { end: 'was refused at its commit', work: unlawful, refusal: /every leg is approved|permission denied/ },
    ])(`$end ${where}`, async ({ work, refusal }) => {
      const before = await nowhere();
      if (refusal) await expect(open(work)).rejects.toThrow(refusal);
      else await open(work);
      const after = { pid: before.pid, role: 'breakglass_app' };
      expect(await db.inTenant(theirs.acme, lookAround)).toEqual({ ...after, tenant: theirs.acme, seen: 1 });
      expect(await nowhere()).toEqual({ ...after, tenant: null, seen: 0 });
    });
  }
});

describe('a transaction that got out of its scope', () => {
  let leaked: Tx;
  const over = /already closed|Transaction not found/;
  const uses: [string, (tx: Tx) => Promise<unknown>][] = [
    ['a model', (tx) => tx.grant.count()],
    ['a raw query', (tx) => tx.$queryRaw`select from grants`],
    ['a raw statement', (tx) => tx.$executeRaw`update lanes set token = token + 1`],
  ];
  beforeAll(() =>
    db.inTenant(ours.acme, async (tx) => {
      leaked = tx;
    }),
  );

  for (const [how, use] of uses) {
    test(`does not work outside every scope: ${how}`, async () => {
      await expect((async () => use(leaked))()).rejects.toThrow(/outside inTenant or acrossTenants/);
    });

    test(`does not work within another scope: ${how}`, async () => {
      await expect(db.inTenant(theirs.acme, () => use(leaked))).rejects.toThrow(over);
      await expect(db.acrossTenants('a test', () => use(leaked))).rejects.toThrow(over);
    });

    test(`does not work for what its own scope left running: ${how}`, async () => {
      let later: Promise<unknown> = Promise.resolve();
      let open = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      await db.inTenant(ours.acme, async (tx) => {
        later = gate.then(() => use(tx));
      });
      open();
      await expect(later).rejects.toThrow(over);
    });
  }
});

/** Every table there is, as the client names it. */
const models = Object.values(Prisma.ModelName).map(
  (name) => `${name.charAt(0).toLowerCase()}${name.slice(1)}` as Uncapitalize<Prisma.ModelName>,
);

describe('whoever forgets the scope is told so before anything is asked:', () => {
  let forgetful: Tx;
  beforeAll(() =>
    db.inTenant(ours.acme, async (tx) => {
      forgetful = tx;
    }),
  );

  test.each(models)('%s', async (model) => {
    const asked = async () => (forgetful[model] as Pick<Tx['grant'], 'findFirst'>).findFirst();
    await expect(asked()).rejects.toThrow(/outside inTenant or acrossTenants: whose rows are these/);
  });
});

test('no scope opens once the database was closed: nothing connects behind its back', async () => {
  const closed = openDatabase({ url: testDb.url('app'), connections: 1 });
  const pidOf = async (tx: Tx) => (await lookAround(tx)).pid;
  await closed.inTenant(ours.acme, pidOf);
  await closed.close();
  const over = /the database was closed/i;
  await expect(closed.inTenant(ours.acme, pidOf)).rejects.toThrow(over);
  await expect(closed.acrossTenants('a test', pidOf)).rejects.toThrow(over);
  await expect(closed.enterTenant('a test', async () => ({ tenant: ours.acme }), pidOf)).rejects.toThrow(over);
});

describe('two scopes, and the connection of one is ended', () => {
  let two: Database;
  beforeAll(() => {
    two = openDatabase({ url: testDb.url('app'), connections: 2 });
  });
  afterAll(() => two.close());

  /** Ends the session of a scope in its middle, once. @returns how often it was tried when it went through */
  async function cutOnce(): Promise<number> {
    let tries = 0;
    await two.inTenant(ours.acme, async (tx) => {
      const { pid } = await lookAround(tx);
      tries += 1;
      if (tries === 1) await testDb.query('superuser', 'select pg_terminate_backend($1, 5000)', [pid]);
      await lookAround(tx);
    });
    return tries;
  }

  test('it is tried again, and the other, which fails for a reason of its own, is not', async () => {
    let tries = 0;
    const other = two.inTenant(theirs.acme, async (tx) => {
      await lookAround(tx);
      tries += 1;
      expect(await cutOnce()).toBe(2);
      throw new Error('given up');
    });
    await expect(other).rejects.toThrow('given up');
    expect(tries).toBe(1);
  });
});
