import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { lines } from './config/mistakes.ts';
import { tidyNote } from './evidence/checkpoint.ts';
import { newSigner, readSigner, type Signer } from './evidence/note.ts';
import type { Log } from './log.ts';
import type { KeptHead } from './usecases/seal.ts';

/** The last signed head, in a file beside the process: what an older copy of the database is found by. */
export function headKeptIn(dataDir: string, log: Log): KeptHead {
  const file = path.join(dataDir, 'audit-head');
  let note = readKept(file, log);
  let failing = false;
  if (note === null) log.info({ file }, 'no head of the history was kept here: what the database has is believed once');
  return {
    note: () => note,
    keep: async (next) => {
      if (next === note) return;
      note = next;
      const failure = await write(file, next).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      // Said when it begins: there is a head every few seconds.
      if (failure && !failing) {
        log.error({ err: failure.error, file }, 'the last head of the history could not be kept outside the database');
      }
      failing = failure !== null;
    },
  };
}

/** What can't be read though it is there is kept as it is: nobody can open it, so nothing is signed. */
function readKept(file: string, log: Log): string | null {
  try {
    return tidyNote(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    log.error({ err: error, file }, 'the head of the history that was kept here can not be read');
    return '';
  }
}

/** As a whole or not at all, and on disk before it counts. */
async function write(file: string, text: string): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** The key of an installation that nobody gave one: made at the first start, and kept where only this user reads it. */
export function sealKeyIn(dataDir: string): { signer: Signer; file: string } {
  const file = path.join(dataDir, 'audit-signing-key');
  mkdirSync(dataDir, { recursive: true });
  if (!existsSync(file))
    writeFileSync(file, `${newSigner('breakglass.localhost').secret}\n`, { mode: 0o600, flag: 'wx' });
  const signer = readSigner(readFileSync(file, 'utf8'));
  if (signer === null) throw lines([`${file}: expected a key as "breakglass seal new-key" makes it.`]);
  return { signer, file };
}
