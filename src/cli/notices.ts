import { lines } from '../config/mistakes.ts';
import { asOneWork } from '../log.ts';
import { reasonsNotToStart } from '../store/assert-ready.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { type DeadNotice, deadNotices } from '../store/dead-notices.ts';
import { requeue } from '../usecases/requeue.ts';

/** Who does it, in the audit trail: whoever may sign in to the database as the bot. */
const ACTOR = 'system:command-line';

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
    const again = await asOneWork((requestId) => requeue({ db }, { actor: ACTOR, ids }, requestId));
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

const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A reason is Slack's word: nothing in it steers a terminal, turns the rest of the line round or starts another. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, connections: 1 });
  try {
    const wrong = await reasonsNotToStart(db);
    if (wrong.length > 0) throw lines(wrong);
    return await work(db);
  } finally {
    await db.close();
  }
}
