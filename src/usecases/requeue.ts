import type { TenantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { type DeadNotice, requeueDead } from '../store/dead-notices.ts';
import type { Context } from './context.ts';

export interface Again {
  actor: string;
  /** Null for every dead one; ids of notices that are not dead are left alone. */
  ids: readonly bigint[] | null;
  /** Only those of these tenants; left out or null for all. */
  tenants?: readonly TenantId[] | null;
}

/**
 * Sends dead notices again, marked as late; each is on record.
 * @returns those that wait again
 */
export const requeue = ({ db }: Pick<Context, 'db'>, again: Again, requestId: string): Promise<DeadNotice[]> =>
  db.acrossTenants('send dead notices again', (tx) => requeueIn(tx, again, requestId));

export async function requeueIn(tx: Tx, { actor, ids, tenants = null }: Again, requestId: string) {
  const again = await requeueDead(tx, ids, tenants);
  const records = again.map(({ id, kind, destination, tenant, grant, since }) => {
    const details = { notice: String(id), kind, destination, dead_since: since, before: 'dead', after: 'waiting' };
    return { action: 'notice.requeued' as const, actor, tenant, grant, details };
  });
  await recordAudit(tx, records, requestId);
  return again;
}
