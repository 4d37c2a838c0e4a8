import { newSigner } from '../evidence/note.ts';
import { listSealKeys, newestCheckpoint, unsealedSince } from '../store/seal.ts';
import { minute, withDatabase } from './database.ts';

/**
 * Makes a key to seal history with.
 * @returns a sentence where the name can be none
 */
export function newSealKey(name: string): { secret: string; verifier: string } | string {
  try {
    return newSigner(name);
  } catch {
    return 'seal new-key needs a NAME such as breakglass.example.com: letters, digits, dots, dashes and slashes.';
  }
}

/** How far history is sealed, the newest signed head, and every key that signed. */
export const sealStatus = (url: string): Promise<string[]> =>
  withDatabase(url, (db) =>
    db.acrossTenants('how far history is sealed', async (tx) => {
      const newest = await newestCheckpoint(tx);
      const waiting = await unsealedSince(tx, 60);
      const keys = await listSealKeys(tx);
      return [
        newest === null
          ? 'Nothing is sealed yet. A bot with AUDIT_SIGNING_KEY seals within seconds.'
          : `Sealed: ${newest.size.toLocaleString('en-US')} entries, ${minute(newest.at)}.`,
        waiting === null
          ? 'Nothing waits for longer than a minute.'
          : `NOT sealed: rows since ${minute(waiting)}. The log of the bots says why.`,
        ...(newest === null ? [] : ['', ...newest.note.trimEnd().split('\n')]),
        ...(keys.length === 0 ? [] : ['', 'Keys that signed here (trust those that you know from elsewhere):']),
        ...keys.map(({ verifierKey, since }) => `  ${verifierKey}  since ${minute(since)}`),
      ];
    }),
  );
