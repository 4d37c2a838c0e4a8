import { recordAudit } from '../store/audit.ts';
import { type DeadNotice, requeueDead } from '../store/dead-notices.ts';
import type { Context } from './context.ts';

/**
 * Sends dead notices again, marked as late; each is on record.
 * @param ids null for every dead one; ids of notices that are not dead are left alone
 * @returns those that wait again
 */
export const requeue = (
  { db }: Pick<Context, 'db'>,
  { actor, ids }: { actor: string; ids: readonly bigint[] | null },
  requestId: string,
): Promise<DeadNotice[]> =>
  db.acrossTenants('send dead notices again', async (tx) => {
    const again = await requeueDead(tx, ids);
    const records = again.map(({ id, kind, destination, tenant, grant, since }) => {
      const details = { notice: String(id), kind, destination, dead_since: since };
      return { action: 'notice.requeued' as const, actor, tenant, grant, details };
    });
    await recordAudit(tx, records, requestId);
    return again;
  });
