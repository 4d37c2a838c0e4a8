import { asOneWork } from '../log.ts';
import { type DeadNotice, deadNotices } from '../store/dead-notices.ts';
import { requeue } from '../usecases/requeue.ts';
import { COMMAND_LINE, minute, onOneLine, withDatabase } from './database.ts';

/** Each dead notice in a line, the oldest first. */
export const listDead = (url: string): Promise<string[]> =>
  withDatabase(url, async (db) => {
    const dead = await db.acrossTenants('list dead notices', deadNotices);
    return dead.length === 0 ? ['No notice is dead.'] : dead.map(asLine);
  });

/**
 * Sends dead notices again.
 * @param ids null for every dead one
 * @returns what to say, and whether each id that was named was dead
 */
export const sendAgain = (url: string, ids: readonly bigint[] | null): Promise<{ said: string[]; all: boolean }> =>
  withDatabase(url, async (db) => {
    const again = await asOneWork((requestId) => requeue({ db }, { actor: COMMAND_LINE, ids }, requestId));
    const known = new Set(again.map(({ id }) => id));
    const others = (ids ?? []).filter((id) => !known.has(id));
    return {
      said: [
        ...again.map(({ id, destination }) => `Notice ${id} is sent to ${destination} again, marked as late.`),
        ...others.map((id) => `Notice ${id} is not dead: nothing to send again.`),
        ...(ids === null && again.length === 0 ? ['No notice is dead.'] : []),
      ],
      all: others.length === 0,
    };
  });

/**
 * The numbers of notices as typed.
 * @returns null where one is no number
 */
export function noticeIds(words: readonly string[]): bigint[] | null {
  return words.every((word) => /^\d{1,18}$/.test(word)) ? [...new Set(words.map(BigInt))] : null;
}

const asLine = ({ id, since, destination, kind, error }: DeadNotice): string =>
  `${String(id).padEnd(8)}${minute(since)}  ${destination.padEnd(13)}${kind.padEnd(16)}${onOneLine(error)}`;
