import type { Attachment, Evidence, Hashed } from '../domain/evidence.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

export async function insertAttachment(
  tx: Tx,
  { id: grantId, tenant: tenantId }: { id: GrantId; tenant: TenantId },
  { kind, title, links, content, id, sha256, late }: Evidence & Hashed & { late: boolean },
  addedBy: string,
): Promise<void> {
  const hash = Buffer.from(sha256, 'hex');
  await tx.attachment.createMany({
    data: { id, grantId, tenantId, kind, title, links: [...links], content, sha256: hash, late, addedBy },
  });
}

/** What was attached to a grant, the oldest first, without its content. */
export async function attachmentsOf(tx: Tx, grant: GrantId): Promise<Attachment[]> {
  return tx.$queryRaw<Attachment[]>`
    select id, kind, title, links, octet_length(content) as bytes, encode(sha256, 'hex') as sha256, late,
           added_by as "addedBy", added_at as "addedAt"
      from attachments where grant_id = ${grant}::uuid order by added_at, id`;
}

/**
 * Who a service is and whose grant it means, where its key still counts and is bound to that tenant (or to none).
 * Across tenants.
 * @returns null where the key counts no more; without a tenant where there is no such grant for it
 */
export async function grantForKey(
  tx: Tx,
  key: string,
  grant: GrantId,
): Promise<{ name: string; tenant: TenantId | null } | null> {
  const rows = await tx.$queryRaw<{ name: string; tenant: TenantId | null }[]>`
    select k.name, g.tenant_id as tenant from api_keys k
      left join grants g on g.id = ${grant}::uuid and (k.tenants is null or g.tenant_id = any (k.tenants))
     where k.id = ${key}::uuid and k.role = 'service' and k.revoked_at is null and k.expires_at > breakglass_now()`;
  return rows[0] ?? null;
}
