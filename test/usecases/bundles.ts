import path from 'node:path';
import type { Signer } from '../../src/evidence/note.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import type { HeldNote } from '../../src/evidence/verify-heads.ts';
import { openReading } from '../../src/store/reading.ts';
import { type BundleMaking, type BundleOutcome, type BundleWish, makeBundle } from '../../src/usecases/make-bundle.ts';
import type { Sealing } from '../../src/usecases/seal.ts';
import { aFolder, unpacked } from '../evidence/bundles.ts';
import type { Office } from './office.ts';

/** What bundles are made with, on the office's database. */
export const makingOf = (
  { db, context }: Pick<Office, 'db' | 'context'>,
  { signer, trusted }: Pick<Sealing, 'signer' | 'trusted'>,
): BundleMaking => ({
  db: context.db,
  openReading: () => openReading(db.url('app')),
  sealing: { signer, trusted },
});

/** Makes a bundle. @returns what came of it, and where it is */
export async function made(
  making: BundleMaking,
  wish: BundleWish,
  sight: readonly string[] | null = null,
): Promise<{ outcome: BundleOutcome; file: string }> {
  const folder = await aFolder();
  const file = path.join(folder, 'bundle.zip');
  const outcome = await makeBundle(
    making,
    { wish, actor: 'system:command-line', sight, key: null },
    { folder, target: file },
    'make',
  );
  return { outcome, file };
}

export const findingsOn = async (file: string, signer: Signer, held: readonly HeldNote[] = []) =>
  (await verifyBundle(file, { keys: [signer.verifier], held })).findings;

/** The rows of a JSON Lines file in a bundle. */
export async function rowsIn(file: string, name: string): Promise<Record<string, unknown>[]> {
  const text = String((await unpacked(file)).get(name));
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

/** A window that has everything in it. */
export const always = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };
