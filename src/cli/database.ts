import { lines } from '../config/mistakes.ts';
import { reasonsNotToStart } from '../store/assert-ready.ts';
import { type Database, openDatabase } from '../store/database.ts';

export { minute, onOneLine } from './one-line.ts';

/** Who does it, in the audit trail: whoever may sign in to the database as the bot. */
export const COMMAND_LINE = 'system:command-line';

/** Does something on the bots' database, as the bot, and closes it again. */
export async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, connections: 1 });
  try {
    const wrong = await reasonsNotToStart(db);
    if (wrong.length > 0) throw lines(wrong);
    return await work(db);
  } finally {
    await db.close();
  }
}
