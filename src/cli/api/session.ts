import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { z } from 'zod';
import { exits, NotDone } from '../exits.ts';
import { machineTime } from '../machine-time.ts';

/** Somebody's sign-in, kept between commands: for them alone, and for one API alone. */
const session = z.object({
  url: z.string(),
  issuer: z.string(),
  client_id: z.string(),
  audience: z.string().nullable(),
  access_token: z.string(),
  refresh_token: z.string().nullable(),
  /** From when on the access token is renewed before it is used, by this machine's clock. */
  old_at: z.iso.datetime(),
});
export type Session = z.infer<typeof session>;

/** Null where nobody signed in, or the file is none of ours. */
export async function readSession(file: string): Promise<Session | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return session.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Whole or not at all, and never readable by others: it is written beside its place and moved there. */
export async function writeSession(file: string, kept: Session): Promise<void> {
  await folderOf(file);
  const beside = `${file}.${process.pid}.new`;
  await rm(beside, { force: true });
  await writeFile(beside, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(beside, file);
}

/** @returns false where there was none */
export async function forgetSession(file: string): Promise<boolean> {
  const there = (await readFile(file).catch(() => null)) !== null;
  await rm(file, { force: true });
  return there;
}

async function folderOf(file: string): Promise<void> {
  const folder = path.dirname(file);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new NotDone(
      exits.refused,
      `The session can't be kept in ${folder} (${why}). XDG_STATE_HOME names another place.`,
    );
  }
}

/** Who holds the lock for longer was killed (ms). */
const LOCK_IS_OLD_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** One command at a time: a refresh token counts once with many providers, and who shows it twice is signed out. */
export async function alone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  await folderOf(file);
  for (;;) {
    const taken = await open(lock, 'wx', 0o600).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
      throw error;
    });
    if (taken) {
      await taken.close();
      break;
    }
    if (await isOld(lock)) await rm(lock, { force: true });
    else await pass(LOOK_AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function isOld(lock: string): Promise<boolean> {
  const found = await stat(lock).catch(() => null);
  return found !== null && machineTime() - found.mtimeMs > LOCK_IS_OLD_MS;
}
