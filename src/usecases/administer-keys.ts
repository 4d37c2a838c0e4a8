import { keyMistake } from '../domain/key.ts';
import type { Refusal } from '../domain/refusals.ts';
import { countingAdminKeys, type ListedKey, listKeys } from '../store/api-keys.ts';
import type { Tx } from '../store/database.ts';
import { type Administrator, administer, type Done, look, unlessEveryTenant } from './administer.ts';
import { createKeyIn, endKeyIn, type KeyWish } from './api-keys.ts';
import type { Context, Refused, Work } from './context.ts';

export type KeyView = Omit<ListedKey, 'createdAt' | 'expiresAt'> & { createdAt: string; expiresAt: string };

export interface MadeKey {
  name: string;
  /** Shown this once and kept nowhere: a repeat of the same request can't show it again. */
  key: string | null;
  expiresAt: string;
}

/** Every key there ever was, the oldest first. */
export const listKeysFor = (
  context: Context,
  { by }: { by: Administrator },
  work: Work,
): Promise<Done<{ keys: KeyView[] }> | Refused> =>
  look(
    context,
    {
      ...{ verb: 'list keys', by, about: null },
      decide: async (tx) => unlessEveryTenant(by) ?? { keys: (await listKeys(tx)).map(viewOf) },
    },
    work,
  );

export const createKeyFor = (
  context: Context,
  { by, wish }: { by: Administrator; wish: KeyWish },
  work: Work,
): Promise<Done<MadeKey> | Refused> =>
  administer<MadeKey>(
    context,
    {
      ...{ verb: 'create a key', by, about: wish.name, body: wish },
      decide: async (tx) => {
        const refusal = unlessEveryTenant(by) ?? mistakeIn(wish);
        if (refusal) return refusal;
        const made = await createKeyIn(tx, wish, by.name, work.requestId);
        if (made.kind === 'name_taken') return { kind: 'key_name_taken' };
        if (made.kind === 'unknown_tenant') return { kind: 'unknown_tenant' };
        return { name: wish.name, key: made.key, expiresAt: made.expiresAt.toISOString() };
      },
      remembered: (made) => ({ ...made, key: null }),
    },
    work,
  );

/**
 * Ends a key at once. A key does not end the last one that can administer everything: nobody could make another then but at
 * the command line. A person may, who can sign in again.
 */
export const revokeKeyFor = (
  context: Context,
  { by, name }: { by: Administrator; name: string },
  work: Work,
): Promise<Done<{ name: string }> | Refused> =>
  administer(
    context,
    {
      ...{ verb: 'revoke a key', by, about: name, body: null },
      decide: async (tx) => {
        const refusal = unlessEveryTenant(by) ?? (await whyNotRevoke(tx, by, name));
        if (refusal) return refusal;
        await endKeyIn(tx, name, by.name, work.requestId);
        return { name };
      },
    },
    work,
  );

async function whyNotRevoke(tx: Tx, by: Administrator, name: string): Promise<Refusal | null> {
  const found = (await listKeys(tx)).find((key) => key.name === name);
  if (!found) return { kind: 'unknown_key' };
  if (found.state === 'revoked') return { kind: 'key_revoked' };
  const counting = await countingAdminKeys(tx);
  const isLast = counting.length === 1 && counting[0] === name;
  return isLast && by.name.startsWith('key:') ? { kind: 'last_admin_key' } : null;
}

function mistakeIn(wish: KeyWish): Refusal | null {
  const mistake = keyMistake(wish);
  return mistake && { kind: 'field_wrong', ...mistake };
}

const viewOf = ({ createdAt, expiresAt, ...key }: ListedKey): KeyView => ({
  ...key,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});
