/** A key that counts, as the door needs it. */
export interface KeyRow {
  id: string;
  name: string;
  role: string;
  secret_hash: Buffer;
  /** The tenants it is bound to; null for every one. */
  tenants: string[] | null;
  /** The tenant of questions that name none. */
  default_tenant: string | null;
  /** Answers a second, in one process. */
  per_second: number;
}

/** Looked up each time (ruling on keys): a key that was revoked or has expired is not found. */
export const keyStatement = `
select k.id, k.name, k.role, k.secret_hash, k.tenants, t.key as default_tenant, k.per_second
  from api_keys k left join tenants t on t.id = k.default_tenant_id
 where k.secret_hash = any ($1::bytea[]) and k.revoked_at is null and k.expires_at > breakglass_now()`;
