import type { SealTrouble } from '../domain/seal.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';
import { readClock } from '../store/policies.ts';
import { lockSchedule, saveSchedule } from '../store/schedules.ts';
import { unsealedSince } from '../store/seal.ts';

/** Rows that are older than this should be sealed (seconds). */
const SEALED_WITHIN_SECONDS = 60;
/** While it lasts, people are told so often (ms). */
const AGAIN_AFTER_MS = 60 * 60_000;

/**
 * Tells security that history is not sealed on, once an hour whatever the number of processes, and puts it on record.
 * @param trouble why nothing can be signed; null where nobody knows: then only if rows have waited for longer than a minute
 * @returns whether this call told them
 */
export const raiseSealAlarm = (
  db: Database,
  security: string,
  trouble: SealTrouble | null,
  requestId: string,
): Promise<boolean> =>
  db.acrossTenants('tell that history is not sealed', async (tx) => {
    const { now } = await readClock(tx);
    const schedule = await lockSchedule(tx, 'seal_alarm', now);
    if (schedule === null || toldLately(schedule.lastRunAt, now)) return false;
    const since = await unsealedSince(tx, SEALED_WITHIN_SECONDS);
    if (trouble === null && since === null) return false;
    const details = { trouble: trouble ?? ('unsealed' as const), since: since?.toISOString() ?? null };
    await recordAudit(
      tx,
      [{ action: 'seal.alarm', actor: 'system:sealer', tenant: null, grant: null, details }],
      requestId,
    );
    const notice = { destination: security, notice: { kind: 'seal_alarm', ...details } as const };
    await enqueue(tx, [notice], { tenant: null, requestId });
    await saveSchedule(tx, 'seal_alarm', { checkedUntil: now, lastRunAt: now });
    return true;
  });

/** A time that has not come yet is nobody's who told anything: somebody wrote it to keep us quiet. */
const toldLately = (told: Date | null, now: Date): boolean =>
  told !== null && told <= now && now.getTime() - told.getTime() < AGAIN_AFTER_MS;
