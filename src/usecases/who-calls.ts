import type { Standing } from '../domain/people.ts';
import { adminKeyExists, type KeyRow, keyByName } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';
import { keepStanding, type LinkedPerson, personBySubject } from '../store/identities.ts';

export type { LinkedPerson } from '../store/identities.ts';

/** Whose identity at the provider this is; null where nobody linked it. */
export const linkedPerson = (db: Database, name: { issuer: string; subject: string }): Promise<LinkedPerson | null> =>
  db.acrossTenants('who a token is of', (tx) => personBySubject(tx, name));

/** The key of this name, if it still counts: what a program is that shows something else than a key. */
export const namedKey = (db: Database, name: string): Promise<KeyRow | null> =>
  db.acrossTenants('which key a program counts as', (tx) => keyByName(tx, name));

/** Whether there is, or ever was, an administrator's key: the one of the environment counts only before. */
export const hasAdminKey = (db: Database): Promise<boolean> =>
  db.acrossTenants('whether there is an administrator', adminKeyExists);

/**
 * Somebody's standing at the API: Slack's word where it can be had, and its last one while it is silent. Of whom it never
 * said anything, somebody of our own team counts as a member: an emergency may begin with Slack away.
 * @param asked what Slack says now
 */
export async function standingOf(
  db: Database,
  { account, standing: kept }: Pick<LinkedPerson, 'account' | 'standing'>,
  asked: Standing,
  home: string,
): Promise<Standing> {
  if (asked === 'unknown') return kept ?? (account.startsWith(`${home}:`) ? 'member' : 'foreign');
  if (asked !== kept) await db.acrossTenants('what Slack says of an account', (tx) => keepStanding(tx, account, asked));
  return asked;
}
