import type { Addressed, Notice } from '../domain/notices.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { type Lease, type QueuedNotice, requesterPlaces, settleDead } from '../store/deliveries.ts';
import { enqueue } from '../store/outbox.ts';
import type { OutboxDeps } from './turn.ts';

/** A notice that will never arrive is out of the way of others, and somebody learns of it. */
export async function bury(
  tx: Tx,
  { channels }: OutboxDeps,
  { destination }: Lease,
  head: QueuedNotice,
  error: string,
): Promise<void> {
  const { notice, tenant, requestId } = head;
  if (!(await settleDead(tx, head.id, error))) return; // on record before, by a commit whose answer was lost
  const grant = 'grant' in notice && tenant !== null ? notice.grant : null;
  const details = { notice: String(head.id), kind: notice.kind, destination, error };
  await recordAudit(tx, [{ action: 'notice.dead', actor: 'system:outbox', tenant, grant, details }], requestId);
  await enqueue(tx, await announcements(tx, channels(), destination, notice, error), { tenant, requestId });
}

async function announcements(
  tx: Tx,
  { security, ops }: ReturnType<OutboxDeps['channels']>,
  destination: string,
  notice: Notice,
  error: string,
): Promise<Addressed[]> {
  // No announcement announces itself: what security can't be told, ops is told instead, and there it ends.
  if (notice.kind === 'undeliverable' && destination !== security) return [];
  const told = new Set([destination === security ? ops : security]);
  // A request nobody can see must not wait in silence: whoever asked is told as well.
  if (notice.kind === 'card') for (const place of await requesterPlaces(tx, notice.grant)) told.add(place);
  told.delete(destination);
  const grant = 'grant' in notice ? notice.grant : null;
  const announcement: Notice =
    notice.kind === 'undeliverable'
      ? notice
      : { kind: 'undeliverable', grant, notice: notice.kind, destination, error };
  return [...told].map((each) => ({ destination: each, notice: announcement }));
}
