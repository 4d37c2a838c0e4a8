import type { KeyRole, TenantId } from '../domain/words.ts';
import type { KeyRow } from './checks/keys.ts';
import type { Tx } from './database.ts';

export type { KeyRow } from './checks/keys.ts';

/** What a key may ask about. Null is "every". */
export interface KeyBounds {
  tenants: readonly TenantId[] | null;
  subjects: readonly string[] | null;
  actions: readonly string[] | null;
  defaultTenant: TenantId | null;
}

export interface NewKey extends KeyBounds {
  name: string;
  role: KeyRole;
  /** SHA-256 of the key; the key itself is never here. */
  hash: Buffer;
  perSecond: number;
  days: number;
  by: string;
}

/**
 * Adds a key.
 * @returns when it expires; null where the name is taken, also by a key that counts no more
 */
export async function insertKey(tx: Tx, key: NewKey): Promise<{ id: string; expiresAt: Date } | null> {
  const [row] = await tx.$queryRaw<{ id: string; expires_at: Date }[]>`
    insert into api_keys (name, role, secret_hash, tenants, subjects, actions, default_tenant_id, per_second, created_by, expires_at)
    values (${key.name}, ${key.role}, ${key.hash}, ${key.tenants}::uuid[], ${key.subjects}::text[], ${key.actions}::text[],
      ${key.defaultTenant}::uuid, ${key.perSecond}, ${key.by}, breakglass_now() + make_interval(days => ${key.days}))
    on conflict (name) do nothing returning id, expires_at`;
  return row ? { id: row.id, expiresAt: row.expires_at } : null;
}

/** Ends a key, now. What it was, or null where there is none of this name that could be ended. */
export async function revokeKey(tx: Tx, name: string, by: string): Promise<'active' | 'expired' | null> {
  const [ended] = await tx.$queryRaw<{ was: 'active' | 'expired' }[]>`
    update api_keys set revoked_at = breakglass_now(), revoked_by = ${by} where name = ${name} and revoked_at is null
    returning case when expires_at > breakglass_now() then 'active' else 'expired' end as was`;
  return ended?.was ?? null;
}

/** The key of this name, if it still counts. Across tenants. */
export async function keyByName(tx: Tx, name: string): Promise<KeyRow | null> {
  const rows = await tx.$queryRaw<KeyRow[]>`
    select k.id, k.name, k.role, k.secret_hash, k.tenants, t.key as default_tenant, k.per_second
      from api_keys k left join tenants t on t.id = k.default_tenant_id
     where k.name = ${name} and k.revoked_at is null and k.expires_at > breakglass_now()`;
  return rows[0] ?? null;
}

/** Whether there is or ever was a key of the role admin, in whatever state. */
export async function adminKeyExists(tx: Tx): Promise<boolean> {
  const rows = await tx.$queryRaw`select from api_keys where role = 'admin' limit 1`;
  return Array.isArray(rows) && rows.length === 1;
}

/** Whether some key has this hash, in whatever state. */
export async function isSecretStored(tx: Tx, hash: Buffer): Promise<boolean> {
  const rows = await tx.$queryRaw`select from api_keys where secret_hash = ${hash}`;
  return Array.isArray(rows) && rows.length > 0;
}

/** The keys that can administer everything now. */
export async function countingAdminKeys(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select name from api_keys where role = 'admin' and tenants is null and revoked_at is null and expires_at > breakglass_now()`;
  return rows.map(({ name }) => name);
}

/** Whether a key of this id still counts. */
export async function keyCounts(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw`
    select from api_keys where id = ${id}::uuid and revoked_at is null and expires_at > breakglass_now()`;
  return Array.isArray(rows) && rows.length === 1;
}

export interface ListedKey {
  name: string;
  role: string;
  state: 'active' | 'expired' | 'revoked';
  /** Keys of tenants; null for every one. */
  tenants: string[] | null;
  subjects: string[] | null;
  actions: string[] | null;
  defaultTenant: string | null;
  perSecond: number;
  createdAt: Date;
  expiresAt: Date;
}

/** Every key there ever was, the oldest first. */
export const listKeys = (tx: Tx): Promise<ListedKey[]> => tx.$queryRaw<ListedKey[]>`
  select k.name, k.role, k.subjects, k.actions, k.per_second as "perSecond", k.created_at as "createdAt", k.expires_at as "expiresAt",
    case when k.revoked_at is not null then 'revoked' when k.expires_at <= breakglass_now() then 'expired' else 'active' end as state,
    case when k.tenants is not null then array(select t.key from tenants t where t.id = any (k.tenants) order by t.key) end as tenants,
    d.key as "defaultTenant"
  from api_keys k left join tenants d on d.id = k.default_tenant_id order by k.created_at, k.name`;
