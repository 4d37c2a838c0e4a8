import { hash, randomBytes } from 'node:crypto';
import type { KeyRole } from '../domain/words.ts';
import { insertKey, type ListedKey, listKeys, revokeKey } from '../store/api-keys.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Tx } from '../store/database.ts';
import { tenantIdOf } from '../store/tenants.ts';

/** A key that is asked for. Null lists are "every"; tenants by their keys. An auditor's reads, and asks about nobody. */
export interface KeyWish {
  name: string;
  role: KeyRole;
  tenants: readonly string[] | null;
  subjects: readonly string[] | null;
  actions: readonly string[] | null;
  /** The tenant of questions that name none; one of those the key is bound to. */
  defaultTenant: string | null;
  /** How long it counts. */
  days: number;
  /** Answers a second, in each process. */
  perSecond: number;
}

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
    const { name, role, tenants, subjects, actions, defaultTenant, perSecond } = wish;
    const bounds = { tenants, subjects, actions, default_tenant: defaultTenant, per_second: perSecond };
    const details = { key: name, role, ...bounds, fingerprint: fingerprintOf(key), expires_at: made.expiresAt };
    await onRecord(tx, 'admin.key_created', details, actor, requestId);
    return { kind: 'made', key, expiresAt: made.expiresAt };
  });

/** Ends a key at once. False where none of this name could be ended. */
export const endKey = (db: Database, name: string, actor: string, requestId: string): Promise<boolean> =>
  db.acrossTenants('revoke an API key', async (tx) => {
    if (!(await revokeKey(tx, name, actor))) return false;
    await onRecord(tx, 'admin.key_revoked', { key: name }, actor, requestId);
    return true;
  });

export const allKeys = (db: Database): Promise<ListedKey[]> => db.acrossTenants('list the API keys', listKeys);

const onRecord = (
  tx: Tx,
  action: 'admin.key_created' | 'admin.key_revoked',
  details: Record<string, unknown>,
  actor: string,
  requestId: string,
) => recordAudit(tx, [{ action, actor, tenant: null, grant: null, details }], requestId);
