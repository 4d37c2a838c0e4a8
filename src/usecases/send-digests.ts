import type { Addressed } from '../domain/notices.ts';
import { FILE_SCHEDULE } from '../domain/schedule.ts';
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
export const FIRST_LOOK_BACK_MS = 24 * 60 * 60_000;

/** Thousands of tenants are a digest each, in one commit (ms). */
export const DIGESTS_LIMIT_MS = 60_000;

/**
 * Sends the file's digest if it is due by the database's clock: everything to security, each tenant's own to its owner channel.
 * Several processes may ask at once; one sends. After a standstill, what was missed is one digest, not many.
 * @returns whether this call sent it
 */
export const sendDigestsIfDue = ({ db, inForce }: Context, lastDue: LastDue, requestId: string): Promise<boolean> =>
  db.acrossTenants(
    'send the digests',
    async (tx) => {
      const { now, epoch } = await readClock(tx);
      const schedule = await lockSchedule(tx, FILE_SCHEDULE, now);
      // A process with another file would send it at that one's time.
      if (schedule === null || epoch !== inForce().epoch || schedule.checkedUntil >= now) return false;
      const due = lastDue(schedule.checkedUntil, now);
      if (due === null) {
        await saveSchedule(tx, FILE_SCHEDULE, { ...schedule, checkedUntil: now });
        return false;
      }
      const from = schedule.lastRunAt ?? new Date(due.getTime() - FIRST_LOOK_BACK_MS);
      const places = { security: inForce().channels.security, owners: true };
      await writeDigests(tx, { schedule: FILE_SCHEDULE, from, to: due }, places, requestId);
      await saveSchedule(tx, FILE_SCHEDULE, { checkedUntil: now, lastRunAt: due });
      return true;
    },
    DIGESTS_LIMIT_MS,
  );

/** @param places where that of everything goes, and whether the owners get theirs */
export async function writeDigests(
  tx: Tx,
  { from, to, ...rest }: { schedule: string; from: Date; to: Date; passed_over?: string },
  { security, owners }: { security: string; owners: boolean },
  requestId: string,
): Promise<void> {
  const everything = { ...(await summarise(tx, from, to, null)), watch: await watchOver(tx, from, to, null) };
  const all: Addressed = { destination: security, notice: { kind: 'digest', summary: everything } };
  await enqueue(tx, [all], { tenant: null, requestId });
  const tenants = owners ? await tenantsWithChannel(tx) : [];
  for (const { id, name, channel } of tenants) {
    const summary = { ...(await summarise(tx, from, to, { id, name })), watch: await watchOver(tx, from, to, id) };
    await enqueue(tx, [{ destination: channel, notice: { kind: 'digest', summary } }], { tenant: id, requestId });
  }
  const details = { ...rest, from, to, tenants: tenants.length };
  await recordAudit(
    tx,
    [{ action: 'digest.sent', actor: 'system:clock', tenant: null, grant: null, details }],
    requestId,
  );
}
