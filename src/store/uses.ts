import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** Marks that security is told of this grant's volume. False where somebody else did. In the grant's tenant. */
export async function markUnusual(tx: Tx, grant: { id: GrantId; tenant: TenantId }, uses: number): Promise<boolean> {
  const marked = await tx.$executeRaw`
    insert into volume_alerts (grant_id, tenant_id, uses) values (${grant.id}::uuid, ${grant.tenant}::uuid, ${uses})
    on conflict do nothing`;
  return marked === 1;
}
