import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { migrationsList } from '../../src/store/migrations/engine.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';

const all = migrationsList().migrationDirectories.map(({ path }) => path);

/** An empty database of the owner's. */
async function emptyDatabase() {
  const { host, port, user, password } = inject('cluster');
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  const urlOf = (role: string, database = name) => `postgresql://${role}:${password}@${host}:${port}/${database}`;
  const maintenance = await connected(urlOf(user, 'postgres'));
  await maintenance.query(`create database ${name} owner breakglass_owner`);
  const superuser = await connected(urlOf(user));
  onTestFinished(async () => {
    await superuser.end();
    await maintenance.query(`drop database ${name} with (force)`);
    await maintenance.end();
  });
  return { url: urlOf('breakglass_owner'), superuser };
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const applied = async (session: pg.Client): Promise<string[]> =>
  (
    await session.query<{ name: string }>(
      'select migration_name as name from _prisma_migrations where finished_at is not null order by 1',
    )
  ).rows.map(({ name }) => name);

test('migrating twice applies everything once', async () => {
  const { url, superuser } = await emptyDatabase();
  expect(await migrate(url)).toEqual(all);
  expect(await migrate(url)).toEqual([]);
  expect(await applied(superuser)).toEqual(all);
});

test('of two who migrate at once, one does it and the other waits', async () => {
  const { url, superuser } = await emptyDatabase();
  const done = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  expect(done.map((names) => names.length).sort((a, b) => a - b)).toEqual([0, 0, all.length]);
  expect(await applied(superuser)).toEqual(all);
});

test('a migration that was interrupted left nothing behind, and the next one completes it', async () => {
  const { url, superuser } = await emptyDatabase();
  const holder = superuser;
  // Lets no function be made: the first migration that makes one has begun, and waits.
  await holder.query('begin');
  await holder.query('lock table pg_catalog.pg_proc in share mode');
  const interrupted = migrate(url).then(
    () => 'went through',
    () => 'failed',
  );
  const waiting = `select pid from pg_stat_activity where datname = current_database() and pg_backend_pid() = any (pg_blocking_pids(pid))`;
  let pid: number | undefined;
  for (let look = 0; pid === undefined && look < 20_000; look += 1) {
    pid = (await holder.query<{ pid: number }>(waiting)).rows[0]?.pid;
    await holder.query('select pg_stat_clear_snapshot()');
  }
  await holder.query('select pg_terminate_backend($1)', [pid]);
  expect(await interrupted).toBe('failed');
  await holder.query('commit');
  const halfDone = await holder.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is null and rolled_back_at is null',
  );
  expect(halfDone.rows).toEqual([{ name: all[0] }]);

  expect(await migrate(url)).toEqual(all);
  expect(await applied(superuser)).toEqual(all);
  const made = await superuser.query(`select to_regprocedure('breakglass_now()') is not null as there`);
  expect(made.rows).toEqual([{ there: true }]);
});
