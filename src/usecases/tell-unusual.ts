import { randomUUID } from 'node:crypto';
import type { GrantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import { loadGrant, tenantOfGrant } from '../store/grants.ts';
import { enqueue } from '../store/outbox.ts';
import { markUnusual } from '../store/uses.ts';
import type { Context } from './context.ts';

/**
 * Tells security, once for each grant, that it is used more often than is usual for its scope.
 * @returns whether this call told them
 */
export const tellUnusual = ({ db, inForce }: Context, id: GrantId, requestId: string): Promise<boolean> =>
  db.enterTenant(
    'find the tenant of a grant that is used often',
    (tx) => tenantOfGrant(tx, id),
    async (tx) => {
      const at = await loadGrant(tx, id);
      if (!at?.uses) return false;
      const { policy, channels } = inForce();
      const { usualUses: usual } = policy.scopes[at.grant.scope];
      const count = at.uses.allowed + at.uses.refused;
      if (count <= usual || !(await markUnusual(tx, at.grant, count))) return false;
      const about = { tenant: at.grant.tenant, grant: id };
      const details = { uses: count, usual };
      await recordAudit(tx, [{ action: 'access.unusual', actor: 'system:checks', ...about, details }], requestId);
      const notice = { kind: 'unusual_use', grant: id, uses: count, usual } as const;
      await enqueue(tx, [{ destination: channels.security, notice }], { tenant: at.grant.tenant, requestId });
      return true;
    },
  );

/** Grants that this process has looked at are remembered up to this number; one that is forgotten is looked at again. */
const REMEMBERED = 10_000;

/** Looks at grants that a check found used often, each once, beside the answer and never in its way. */
export function volumeWatch(context: Context, onError: (error: unknown) => void): (grants: readonly GrantId[]) => void {
  const looked = new Set<GrantId>();
  return (grants) => {
    for (const grant of grants) {
      if (looked.has(grant)) continue;
      if (looked.size >= REMEMBERED) looked.clear();
      looked.add(grant);
      tellUnusual(context, grant, randomUUID()).catch((error: unknown) => {
        looked.delete(grant); // the next use tries again
        onError(error);
      });
    }
  };
}
