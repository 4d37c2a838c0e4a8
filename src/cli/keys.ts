import { keyDays as days, keyPerSecond as perSecond, keyShapes as shapes } from '../domain/key.ts';
import { asWord, keyRoles } from '../domain/words.ts';
import { asOneWork } from '../log.ts';
import type { ListedKey } from '../store/api-keys.ts';
import {
  adoptKey,
  allKeys,
  createKey,
  endKey,
  type KeyAdopted,
  type KeyMade,
  type KeyWish,
} from '../usecases/api-keys.ts';
import { COMMAND_LINE, minute, onOneLine, withDatabase } from './database.ts';

export const keyOptions = {
  role: { type: 'string' },
  tenants: { type: 'string' },
  subjects: { type: 'string' },
  actions: { type: 'string' },
  'default-tenant': { type: 'string' },
  days: { type: 'string' },
  'per-second': { type: 'string' },
} as const;

type Given = { [K in keyof typeof keyOptions]?: string | undefined };
/** What bounds the questions of a service. */
const ofServices = ['subjects', 'actions'] as const;

/**
 * Reads what a key shall be. Whatever it may ask about has to be said: nothing is "all" by default.
 * @returns a sentence where something is wrong
 */
export function keyWish(names: readonly string[], given: Given): KeyWish | string {
  const [name = ''] = names;
  if (names.length !== 1 || !shapes.name.pattern.test(name)) return `key create needs one NAME: ${shapes.name.words}.`;
  const role = asWord(keyRoles, given.role ?? 'service');
  if (role === undefined) return `--role: expected ${keyRoles.join(' or ')}.`;
  const asks = role === 'service';
  const idle = asks ? undefined : [...ofServices, 'default-tenant' as const].find((what) => given[what] !== undefined);
  if (idle) return `--${idle} is for a service; a key of the role ${role} asks about nobody.`;
  const lists: Partial<Record<'tenants' | 'subjects' | 'actions', readonly string[] | null>> = {};
  for (const what of asks ? (['tenants', ...ofServices] as const) : (['tenants'] as const)) {
    const list = listed(given[what], shapes[what].pattern);
    if (list === undefined) return `key create needs --${what}: ${shapes[what].words}, with commas between; or all.`;
    lists[what] = list;
  }
  const life = whole(given.days, days);
  if (life === undefined) return `--days: expected a whole number from 1 to ${days.most}.`;
  const rate = whole(given['per-second'], perSecond);
  if (rate === undefined) return `--per-second: expected a whole number from 1 to ${perSecond.most}.`;
  // Of the others none answers for anybody, whatever door it is shown at.
  const { tenants = null, subjects = [], actions = [] } = lists;
  const defaultTenant = given['default-tenant'] ?? null;
  if (defaultTenant !== null && !(tenants?.includes(defaultTenant) ?? shapes.tenants.pattern.test(defaultTenant))) {
    return '--default-tenant: expected one of --tenants.';
  }
  return { name, role, tenants, subjects, actions, defaultTenant, days: life, perSecond: rate };
}

/** Null for "all"; undefined where it is no list of such words. */
function listed(text: string | undefined, shape: RegExp): readonly string[] | null | undefined {
  if (text === 'all') return null;
  const words = text?.split(',').map((word) => word.trim());
  return words?.every((word) => shape.test(word) && word !== 'all') ? words : undefined;
}

function whole(text: string | undefined, { usual, most }: { usual: number; most: number }): number | undefined {
  if (text === undefined) return usual;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

/** Makes a key. What came of it is for the door to say. */
export const makeKey = (url: string, wish: KeyWish): Promise<KeyMade> =>
  withDatabase(url, (db) => asOneWork((requestId) => createKey(db, wish, COMMAND_LINE, requestId)));

/**
 * Makes the bootstrap key from the environment one of the table.
 * @returns what to say, and whether it was done
 */
export async function adoptBootstrapKey(
  url: string,
  name: string,
  secret: string | null,
): Promise<{ said: string; done: boolean }> {
  if (secret === null) return { said: 'ADMIN_API_KEY is not set: there is nothing to adopt.', done: false };
  const adopted = await withDatabase(url, (db) =>
    asOneWork((requestId) => adoptKey(db, { name, secret, days: days.most }, COMMAND_LINE, requestId)),
  );
  const until = adopted.kind === 'adopted' ? minute(adopted.expiresAt) : '';
  const said = {
    adopted: `The key in ADMIN_API_KEY is the key ${name} from now on, and counts until ${until}. Remove the variable: it is ignored.`,
    admin_key_exists: 'There is, or was, a key of the role admin: ADMIN_API_KEY counts no more, and is not adopted.',
    name_taken: `There is, or was, a key named ${name}: the audit trail knows it by that name. Take another.`,
    secret_taken: 'What is in ADMIN_API_KEY is a key that is there already. Take another one.',
    name_wrong: `key adopt takes one NAME: ${shapes.name.words}.`,
    secret_wrong: 'ADMIN_API_KEY: expected 32 to 200 visible ASCII characters.',
  } satisfies Record<KeyAdopted['kind'], string>;
  return { said: said[adopted.kind], done: adopted.kind === 'adopted' };
}

/** Ends a key; false where there is none of this name, or it was ended before. */
export const dropKey = (url: string, name: string): Promise<boolean> =>
  withDatabase(url, (db) => asOneWork((requestId) => endKey(db, name, COMMAND_LINE, requestId)));

/** Each key in a line, the oldest first. */
export const listedKeys = (url: string): Promise<string[]> =>
  withDatabase(url, async (db) => {
    const keys = await allKeys(db);
    return keys.length === 0 ? ['There is no key.'] : keys.map(asLine);
  });

function asLine(key: ListedKey): string {
  const bounds = (key.role === 'service' ? (['tenants', ...ofServices] as const) : (['tenants'] as const)).map(
    (what) => `${what}=${key[what]?.join(',') ?? 'all'}`,
  );
  const usual = key.defaultTenant === null ? [] : [`default-tenant=${key.defaultTenant}`];
  const until = `${key.state === 'active' ? 'until' : key.state} ${minute(key.expiresAt)}`;
  return onOneLine(
    [key.name.padEnd(24), key.role, until, ...bounds, ...usual, `per-second=${key.perSecond}`].join('  '),
  );
}
