import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prismaDirectory } from '../../src/store/migrations/engine.ts';
import { commands, processesWith } from './command.ts';
import { type EmptyDatabase, emptyDatabase, password, withPassword } from './databases.ts';

const { cli, start, folder } = commands();
let db: EmptyDatabase;
let other: EmptyDatabase;
beforeAll(async () => {
  db = await emptyDatabase();
  other = await emptyDatabase();
});
afterAll(() => Promise.all([db.drop(), other.drop()]));

const migrations = readdirSync(path.join(prismaDirectory, 'migrations'))
  .filter((name) => /^\d+_/.test(name))
  .sort();
const owner = (of = db) => of.url('breakglass_owner');
const app = (of = db) => of.url('breakglass_app');

async function tablesIn(of: EmptyDatabase): Promise<number> {
  const client = new pg.Client({ connectionString: owner(of) });
  await client.connect();
  const { rowCount } = await client.query(`select from pg_tables where schemaname = 'public'`);
  await client.end();
  return rowCount ?? 0;
}

describe('migrate', () => {
  test('names what it applied, oldest first; then there is nothing to do', async () => {
    const variables = { DATABASE_URL: app(), MIGRATE_DATABASE_URL: owner() };
    expect(migrations.length).toBeGreaterThan(1);
    expect(await cli(['migrate'], variables)).toEqual({
      code: 0,
      signal: null,
      out: ['Applied:', ...migrations.map((name) => `  ${name}`)],
      err: [],
    });
    expect(await cli(['migrate'], variables)).toEqual({
      code: 0,
      signal: null,
      out: ['The database was up to date.'],
      err: [],
    });
  });

  test('is over when it has said so: whoever waits for it to start the bot does not wait any longer', async () => {
    const running = start('cli', ['migrate'], { MIGRATE_DATABASE_URL: owner() });
    await running.said('up to date');
    const said = performance.now();
    await running.ended;
    expect(performance.now() - said).toBeLessThan(6_000);
  });

  test('needs only the owner’s address, in production too, and starts no database of its own', async () => {
    const variables = { MIGRATE_DATABASE_URL: owner(other), NODE_ENV: 'production' };
    expect((await cli(['migrate'], variables)).out[0]).toBe('Applied:');
    expect(await cli(['migrate'], { MIGRATE_DATABASE_URL: owner(other) })).toMatchObject({
      code: 0,
      out: ['The database was up to date.'],
    });
    expect(readdirSync(folder())).toEqual([]);
  });

  test('brings the embedded database up to date where there is no address, and leaves none running', async () => {
    const { code, out, err } = await cli(['migrate'], { DATA_DIR: path.join(folder(), 'data') });
    // Stopped in order: the database was gone before the command was.
    expect(existsSync(path.join(folder(), 'data', 'postgres', 'postmaster.pid'))).toBe(false);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: [`The embedded database in ${folder()}/data is up to date.`],
      err: [],
    });
    await expect.poll(() => processesWith(folder()), { timeout: 20_000 }).toEqual([]);
  });
});

describe('migrate fails in one line, without a trace and without a password', () => {
  const rows: readonly { what: string; variables: () => Record<string, string>; code: number; said: RegExp }[] = [
    {
      what: 'without MIGRATE_DATABASE_URL: the bot’s own address is not for that',
      variables: () => ({ DATABASE_URL: app(other) }),
      code: 78,
      said: /^MIGRATE_DATABASE_URL: expected the PostgreSQL address of the tables' owner/,
    },
    {
      what: 'without any address in production',
      variables: () => ({ NODE_ENV: 'production' }),
      code: 78,
      said: /^DATABASE_URL: expected a PostgreSQL address/,
    },
    {
      what: 'with an address that is none',
      variables: () => ({ MIGRATE_DATABASE_URL: 'postgresql://owner:wr0ng/pw@127.0.0.1/db' }),
      code: 78,
      said: /^MIGRATE_DATABASE_URL: expected a PostgreSQL address such as/,
    },
    {
      what: 'with a wrong password',
      variables: () => ({ MIGRATE_DATABASE_URL: withPassword(owner(), 'wr0ng') }),
      code: 1,
      said: /^password authentication failed for user "breakglass_owner"$/,
    },
    {
      what: 'where nobody listens',
      variables: () => ({ MIGRATE_DATABASE_URL: 'postgresql://owner:wr0ng@127.0.0.1:1/db' }),
      code: 1,
      said: /ECONNREFUSED 127\.0\.0\.1:1$/,
    },
    {
      what: 'without such a database',
      variables: () => ({ MIGRATE_DATABASE_URL: `${owner()}_nowhere` }),
      code: 1,
      said: /^database ".*_nowhere" does not exist$/,
    },
    {
      what: 'as the bot, who may not change tables',
      variables: () => ({ MIGRATE_DATABASE_URL: app() }),
      code: 1,
      said: /permission denied/,
    },
  ];
  test.each(rows.map((row) => [row.what, row] as const))('%s', async (_, { variables, code, said }) => {
    const ended = await cli(['migrate'], variables());
    expect({ code: ended.code, out: ended.out }).toEqual({ code, out: [] });
    expect(ended.err).toEqual([expect.stringMatching(said)]);
    expect(ended.err.join()).not.toMatch(/wr0ng/);
    expect(ended.err.join()).not.toContain(password());
  });

  test('as the bot on a database without tables, where Prisma’s engine has more to say', async () => {
    const bare = await emptyDatabase();
    const { code, err } = await cli(['migrate'], { MIGRATE_DATABASE_URL: app(bare) });
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringMatching(/permission denied for schema public/)] });
    expect(await tablesIn(bare)).toBe(0);
    await bare.drop();
  });
});
