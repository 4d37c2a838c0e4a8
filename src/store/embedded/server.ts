import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { nativeDirectory, type RunAs, reachable, reachableTemporary, unprivilegedUser } from './binaries.ts';

/** A PostgreSQL server of our own, on a free loopback port. */
export interface EmbeddedServer {
  port: number;
  /** The superuser's password; kept beside the data, readable by the server's user only. */
  password: string;
  /** A connection string for a database, as the superuser or as somebody else. */
  url(database: string, user?: string): string;
  /** Fast shutdown: sessions are ended, everything committed stays. Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** False trades durability for speed: right for tests, never for anything else. */
  durable?: boolean;
  settings?: Record<string, string>;
}

/**
 * Starts (and on first use creates) a PostgreSQL cluster in `dataDir`.
 * Survives its own crash: a server left behind by a killed parent is stopped first; a watchdog stops the server
 * when this process disappears without having done so.
 */
export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const runAs = await unprivilegedUser();
  const native = await nativeDirectory(runAs);
  const cluster = path.resolve(options.dataDir, 'postgres');
  const password = await prepareCluster(native, cluster, options.dataDir, runAs);
  await stopLeftover(cluster);
  const { port, server } = await launchSomewhere(native, cluster, options, runAs);
  const watchdog = endWithUs(server);
  return {
    port,
    password,
    url: (database, user = 'postgres') => `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      watchdog.kill();
      if (server.exitCode === null && server.signalCode === null) {
        const gone = new Promise((resolve) => server.once('exit', resolve));
        server.kill('SIGINT');
        await gone;
      }
    },
  };
}

async function prepareCluster(native: string, cluster: string, dataDir: string, runAs: RunAs | undefined) {
  const passwordFile = path.join(path.resolve(dataDir), 'postgres.password');
  const known = await readFile(passwordFile, 'utf8').catch(() => undefined);
  const initialised = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (known !== undefined && initialised !== undefined) return known.trim();

  await mkdir(path.dirname(cluster), { recursive: true });
  if (runAs !== undefined && !(await reachable(path.dirname(cluster)))) {
    throw new Error(
      `PostgreSQL does not run as root, and the user it runs as can't enter ${path.dirname(cluster)}. Set DATA_DIR to a folder others can enter, for example ${path.join(await reachableTemporary(), 'breakglass')}.`,
    );
  }
  const password = randomBytes(18).toString('base64url');
  await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster, { mode: 0o700 });
  if (runAs !== undefined) await chown(cluster, runAs.uid, runAs.gid);
  await initialise(native, cluster, password, runAs);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  return password;
}

/** The password goes in by a file only the server's user can read: an argument would stand in the process list. */
async function initialise(native: string, cluster: string, password: string, runAs: RunAs | undefined): Promise<void> {
  const passwordFile = `${cluster}.initial-password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs !== undefined) await chown(passwordFile, runAs.uid, runAs.gid);
  const initdb = spawn(
    path.join(native, 'bin', 'initdb'),
    [
      `--pgdata=${cluster}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ],
    { ...runAs, stdio: ['ignore', 'pipe', 'pipe'], env: quietEnvironment() },
  );
  let said = '';
  for (const stream of [initdb.stdout, initdb.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const code = await new Promise((resolve, reject) => initdb.once('close', resolve).once('error', reject));
  await rm(passwordFile, { force: true });
  if (code !== 0) throw new Error(`PostgreSQL could not create its files in ${cluster}: ${said.trim()}`);
}

/** Between looking a port up and opening it, somebody else may have taken it: then another one is tried. */
async function launchSomewhere(
  native: string,
  cluster: string,
  options: EmbeddedOptions,
  runAs: RunAs | undefined,
  tries = 5,
): Promise<{ port: number; server: ChildProcess }> {
  const port = await freePort();
  try {
    return { port, server: await launch(native, cluster, port, options, runAs) };
  } catch (error) {
    if (tries === 1 || !String(error).includes('Address already in use')) throw error;
    return launchSomewhere(native, cluster, options, runAs, tries - 1);
  }
}

async function launch(
  native: string,
  cluster: string,
  port: number,
  { durable = true, settings = {} }: EmbeddedOptions,
  runAs: RunAs | undefined,
): Promise<ChildProcess> {
  const chosen: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...settings,
  };
  const flags = Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A session of its own: Ctrl-C in a terminal reaches us, and we stop the server when the bot is done with it.
  const server = spawn(path.join(native, 'bin', 'postgres'), ['-D', cluster, ...flags], {
    ...runAs,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: quietEnvironment(),
  });
  await ready(server);
  server.stderr?.removeAllListeners('data').resume();
  return server;
}

async function ready(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('close', () => reject(new Error(`The embedded PostgreSQL did not start: ${said.trim()}`)));
  });
}

/** Interrupts a child when our end of a pipe closes, however we ended. Kill the watchdog once the child is gone. */
export function endWithUs(child: ChildProcess): ChildProcess {
  const watchdog = spawn('sh', ['-c', 'cat >/dev/null; kill -INT "$0"', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  return watchdog;
}

/** A parent killed with its watchdog leaves a server that still holds the data; its pid file names it. */
async function stopLeftover(cluster: string): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid || !(await isPostgres(pid))) return;
  process.kill(pid, 'SIGINT');
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && (await isPostgres(pid)); ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A pid is reused sooner or later: signal it only if it is what we think. */
async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres');
    return command.includes('postgres');
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
}

/** Only what PostgreSQL needs: our secrets are no business of a child's. */
function quietEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', LC_MESSAGES: 'C' };
}
