import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { migrationsList } from '../../src/store/migrations/engine.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { settled } from './locks.ts';

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

/** Starts to migrate and lets no function be made, so that the first migration has begun and waits. */
async function stoppedMidway({ url, superuser }: { url: string; superuser: pg.Client }) {
  await superuser.query('begin');
  await superuser.query('lock table pg_catalog.pg_proc in share mode');
  const outcome = settled(migrate(url));
  return { outcome, pid: await waiterOf(superuser, 'pg_backend_pid() = any (pg_blocking_pids(pid))') };
}

/** The first process of this database that waits as described. */
async function waiterOf(holder: pg.Client, how: string): Promise<number> {
  for (let look = 0; look < 20_000; look += 1) {
    await holder.query('select pg_stat_clear_snapshot()');
    const { rows } = await holder.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and ${how}`,
    );
    if (rows[0]) return rows[0].pid;
  }
  throw new Error('Nobody came to wait.');
}

test('a migration under way is not taken for an interrupted one', async () => {
  const { url, superuser } = await emptyDatabase();
  const { outcome } = await stoppedMidway({ url, superuser });
  const second = migrate(url);
  await waiterOf(superuser, `wait_event_type = 'Lock' and wait_event = 'advisory'`);
  await superuser.query('commit');
  expect(await outcome).toEqual({ status: 'fulfilled', value: all });
  expect(await second).toEqual([]);
  const { rows } = await superuser.query('select from _prisma_migrations where rolled_back_at is not null');
  expect(rows).toEqual([]);
});

test('a migration that was interrupted left nothing behind, and the next one completes it', async () => {
  const { url, superuser } = await emptyDatabase();
  const { outcome, pid } = await stoppedMidway({ url, superuser });
  await superuser.query('select pg_terminate_backend($1)', [pid]);
  expect((await outcome).status).toBe('rejected');
  await superuser.query('commit');
  const halfDone = await superuser.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is null and rolled_back_at is null',
  );
  expect(halfDone.rows).toEqual([{ name: all[0] }]);

  expect(await migrate(url)).toEqual(all);
  expect(await applied(superuser)).toEqual(all);
  const made = await superuser.query(`select to_regprocedure('breakglass_now()') is not null as there`);
  expect(made.rows).toEqual([{ there: true }]);
});
