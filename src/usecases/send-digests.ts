import type { Addressed } from '../domain/notices.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { summarise } from '../store/digest.ts';
import { watchOver } from '../store/digest-watch.ts';
import { enqueue } from '../store/outbox.ts';
import { readClock } from '../store/policies.ts';
import { lockSchedule, saveSchedule } from '../store/schedules.ts';
import { tenantsWithChannel } from '../store/tenants.ts';
import type { Context } from './context.ts';

/** When the schedule fell due last, between two moments; null where it did not. */
export type LastDue = (after: Date, until: Date) => Date | null;

/** A first digest looks back a day. */
const FIRST_LOOK_BACK_MS = 24 * 60 * 60_000;

/**
 * Sends the digest if it is due by the database's clock: everything to security, each tenant's own to its owner channel.
 * Several processes may ask at once; one sends. After a standstill, what was missed is one digest, not many.
 * @returns whether this call sent it
 */
export const sendDigestsIfDue = ({ db, inForce }: Context, lastDue: LastDue, requestId: string): Promise<boolean> =>
  db.acrossTenants('send the digests', async (tx) => {
    const { now } = await readClock(tx);
    const schedule = await lockSchedule(tx, 'digest', now);
    if (schedule === null || schedule.checkedUntil >= now) return false;
    const due = lastDue(schedule.checkedUntil, now);
    if (due === null) {
      await saveSchedule(tx, 'digest', { ...schedule, checkedUntil: now });
      return false;
    }
    const from = schedule.lastRunAt ?? new Date(due.getTime() - FIRST_LOOK_BACK_MS);
    await writeDigests(tx, from, due, inForce().channels.security, requestId);
    await saveSchedule(tx, 'digest', { checkedUntil: now, lastRunAt: due });
    return true;
  });

async function writeDigests(tx: Tx, from: Date, to: Date, security: string, requestId: string): Promise<void> {
  const everything = { ...(await summarise(tx, from, to, null)), watch: await watchOver(tx, from, to, null) };
  const all: Addressed = { destination: security, notice: { kind: 'digest', summary: everything } };
  await enqueue(tx, [all], { tenant: null, requestId });
  const tenants = await tenantsWithChannel(tx);
  for (const { id, name, channel } of tenants) {
    const summary = { ...(await summarise(tx, from, to, { id, name })), watch: await watchOver(tx, from, to, id) };
    await enqueue(tx, [{ destination: channel, notice: { kind: 'digest', summary } }], { tenant: id, requestId });
  }
  const details = { from, to, tenants: tenants.length };
  await recordAudit(
    tx,
    [{ action: 'digest.sent', actor: 'system:clock', tenant: null, grant: null, details }],
    requestId,
  );
}
