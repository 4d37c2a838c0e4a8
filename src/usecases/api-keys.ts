import { hash, randomBytes } from 'node:crypto';
import { bootstrapKeyShape, type KeyWish, keyShapes } from '../domain/key.ts';
import { adminKeyExists, insertKey, isSecretStored, type ListedKey, listKeys, revokeKey } from '../store/api-keys.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Tx } from '../store/database.ts';
import { lockPolicies } from '../store/policies.ts';
import { tenantIdOf } from '../store/tenants.ts';

export type { KeyWish } from '../domain/key.ts';

export type KeyMade =
  /** `key` is shown this once and kept nowhere. */
  { kind: 'made'; key: string; expiresAt: Date } | { kind: 'name_taken' } | { kind: 'unknown_tenant'; tenant: string };

/** A key is 256 random bits behind a word that secret scanners find (docs/adr/0011). */
const newKey = (): string => `bgk_${randomBytes(32).toString('base64url')}`;

/** Of 256 random bits nothing is guessed, so one round of SHA-256 is enough. */
export const hashOfKey = (key: string): Buffer => hash('sha256', key, 'buffer');

/** What the audit says of a key, so that another one in its place is found: a hash of the hash that is stored. */
const fingerprintOf = (key: string): string => hash('sha256', hashOfKey(key), 'hex');

/** Makes a key; only its hash is kept. On record, by the name that its answers carry from then on. */
export const createKey = (db: Database, wish: KeyWish, actor: string, requestId: string): Promise<KeyMade> =>
  db.acrossTenants('make an API key', async (tx) => {
    if (wish.role === 'admin') await lockPolicies(tx);
    return createKeyIn(tx, wish, actor, requestId);
  });

export async function createKeyIn(tx: Tx, wish: KeyWish, actor: string, requestId: string): Promise<KeyMade> {
  const named = [...(wish.tenants ?? []), ...(wish.defaultTenant === null ? [] : [wish.defaultTenant])];
  const ids = new Map<string, string>();
  for (const tenant of named) {
    const id = await tenantIdOf(tx, tenant);
    if (id === null) return { kind: 'unknown_tenant', tenant };
    ids.set(tenant, id);
  }
  const key = newKey();
  const made = await insertKey(tx, {
    ...{ name: wish.name, role: wish.role, subjects: wish.subjects, actions: wish.actions, by: actor },
    ...{ days: wish.days, perSecond: wish.perSecond, hash: hashOfKey(key) },
    tenants: wish.tenants && [...new Set(wish.tenants.map((tenant) => ids.get(tenant) ?? ''))],
    defaultTenant: wish.defaultTenant === null ? null : (ids.get(wish.defaultTenant) ?? null),
  });
  if (made === null) return { kind: 'name_taken' };
  await onRecord(tx, 'admin.key_created', detailsOf(wish, key, made.expiresAt), actor, requestId);
  return { kind: 'made', key, expiresAt: made.expiresAt };
}

function detailsOf(wish: Omit<KeyWish, 'days'>, key: string, expiresAt: Date) {
  const { name, role, tenants, subjects, actions, defaultTenant, perSecond } = wish;
  const bounds = { tenants, subjects, actions, default_tenant: defaultTenant, per_second: perSecond };
  const state = { before: null, after: 'active' };
  return { key: name, role, ...bounds, fingerprint: fingerprintOf(key), expires_at: expiresAt, ...state };
}

export type KeyAdopted =
  | { kind: 'adopted'; expiresAt: Date }
  /** There is or was a key that administers: the variable counts no more. */
  | { kind: 'admin_key_exists' }
  | { kind: 'name_taken' }
  | { kind: 'secret_taken' }
  | { kind: 'name_wrong' | 'secret_wrong' };

/**
 * Makes the bootstrap key from the environment one of the table, hashed, as the first of the role admin. From then on, for
 * good, the environment's counts no more: not when this one expires, and not when it is revoked (ruling on keys).
 */
export const adoptKey = (
  db: Database,
  { name, secret, days }: { name: string; secret: string; days: number },
  actor: string,
  requestId: string,
): Promise<KeyAdopted> =>
  db.acrossTenants('adopt the bootstrap key', async (tx): Promise<KeyAdopted> => {
    if (!bootstrapKeyShape.test(secret)) return { kind: 'secret_wrong' };
    if (!keyShapes.name.pattern.test(name)) return { kind: 'name_wrong' };
    await lockPolicies(tx);
    if (await adminKeyExists(tx)) return { kind: 'admin_key_exists' };
    if (await isSecretStored(tx, hashOfKey(secret))) return { kind: 'secret_taken' };
    const wish = { name, role: 'admin', tenants: null, subjects: [], actions: [], defaultTenant: null } as const;
    const rest = { perSecond: 1_000, by: actor, days, hash: hashOfKey(secret) };
    const made = await insertKey(tx, { ...wish, ...rest });
    if (made === null) return { kind: 'name_taken' };
    const details = detailsOf({ ...wish, perSecond: rest.perSecond }, secret, made.expiresAt);
    await onRecord(tx, 'admin.key_adopted', details, actor, requestId);
    return { kind: 'adopted', expiresAt: made.expiresAt };
  });

/** Ends a key at once. False where none of this name could be ended. */
export const endKey = (db: Database, name: string, actor: string, requestId: string): Promise<boolean> =>
  db.acrossTenants('revoke an API key', (tx) => endKeyIn(tx, name, actor, requestId));

export async function endKeyIn(tx: Tx, name: string, actor: string, requestId: string): Promise<boolean> {
  const was = await revokeKey(tx, name, actor);
  if (was === null) return false;
  const details = { key: name, before: was, after: 'revoked' };
  await onRecord(tx, 'admin.key_revoked', details, actor, requestId);
  return true;
}

export const allKeys = (db: Database): Promise<ListedKey[]> => db.acrossTenants('list the API keys', listKeys);

const onRecord = (
  tx: Tx,
  action: 'admin.key_created' | 'admin.key_adopted' | 'admin.key_revoked',
  details: Record<string, unknown>,
  actor: string,
  requestId: string,
) => recordAudit(tx, [{ action, actor, tenant: null, grant: null, details }], requestId);
