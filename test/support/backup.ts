import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { migrate } from '../../src/store/migrations/migrate.ts';
import type { TestDatabase } from './database.ts';

const run = promisify(execFile);

/** Signs in as somebody who backs up: a role of its own that has what breakglass_backup has. */
export async function backupUrl(db: TestDatabase): Promise<string> {
  const role = `role_${randomUUID().replaceAll('-', '')}`;
  await db.query('superuser', `create role ${role} login password 'a'`);
  await db.query('superuser', `grant breakglass_backup to ${role}`);
  onTestFinished(() => db.query('superuser', `drop role ${role}`).then(() => {}));
  const url = new URL(db.url('superuser'));
  url.username = role;
  url.password = 'a';
  return url.href;
}

/** A database of nobody's yet, dropped when the test is over. @returns how to reach it as a role */
async function newDatabase(): Promise<(role: string) => string> {
  const { host, port, user, password } = inject('cluster');
  const name = `restored_${randomUUID().replaceAll('-', '')}`;
  const url = (role: string, database = name) => `postgresql://${role}:${password}@${host}:${port}/${database}`;
  const maintenance = await connected(url(user, 'postgres'));
  await maintenance.query(`create database ${name} owner breakglass_owner`);
  onTestFinished(async () => {
    await maintenance.query(`drop database if exists ${name} with (force)`);
    await maintenance.end();
  });
  return url;
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Whether the machine's pg_dump can read this server: it refuses one that is newer than itself. */
export async function pgDumpFits(): Promise<boolean> {
  const { host, port, user, password } = inject('cluster');
  const client = await connected(`postgresql://${user}:${password}@${host}:${port}/postgres`);
  const { rows } = await client.query<{ major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  );
  await client.end();
  const said = await run('pg_dump', ['--version']).catch(() => ({ stdout: '' }));
  return Number(/ (\d+)/.exec(said.stdout)?.[1] ?? 0) >= (rows[0]?.major ?? Number.POSITIVE_INFINITY);
}

export type Carry = (db: TestDatabase) => Promise<{ url: (role: string) => string }>;

/** As docs/backup.md says it, with pg_dump and pg_restore. */
export const withPgDump: Carry = async (db) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'breakglass-dump-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'breakglass.dump');
  const url = await newDatabase();
  const from = await backupUrl(db);
  await run('pg_dump', [
    '--format=custom',
    '--enable-row-security',
    '--role=breakglass_backup',
    `--file=${file}`,
    from,
  ]);
  await run('pg_restore', ['--exit-on-error', `--dbname=${url('breakglass_owner')}`, file]);
  return { url };
};

/** What it comes to, where no pg_dump fits: every row that the role reads, put into the same tables elsewhere. */
export const rowByRow: Carry = async (db) => {
  const url = await newDatabase();
  await migrate(url('breakglass_owner'));
  const source = await connected(await backupUrl(db));
  await source.query('begin transaction isolation level repeatable read, read only');
  const target = await connected(url(inject('cluster').user));
  await target.query(`set session_replication_role = 'replica'`);
  for (const table of await tablesOf(source)) {
    const { rows } = await source.query<{ all: string }>(
      `select coalesce(json_agg(t), '[]')::text as all from public.${table} t`,
    );
    await target.query(`delete from public.${table}`);
    await target.query(
      `insert into public.${table} overriding system value select * from json_populate_recordset(null::public.${table}, $1)`,
      [rows[0]?.all],
    );
  }
  for (const { name, last } of await sequencesOf(source)) await target.query('select setval($1, $2)', [name, last]);
  await Promise.all([source.end(), target.end()]);
  return { url };
};

const tablesOf = async (client: pg.Client): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  return rows.map(({ name }) => name);
};

const sequencesOf = async (client: pg.Client) =>
  (
    await client.query<{ name: string; last: string }>(
      `select format('public.%I', sequencename) as name, last_value::text as last from pg_sequences
        where schemaname = 'public' and last_value is not null`,
    )
  ).rows;
