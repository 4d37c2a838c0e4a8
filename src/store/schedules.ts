import type { Tx } from './database.ts';

export interface ScheduleRow {
  checkedUntil: Date;
  lastRunAt: Date | null;
}

/** Takes the schedule's row for this transaction; null where another process is at it. Made at first sight, as of now. */
export async function lockSchedule(tx: Tx, name: string, now: Date): Promise<ScheduleRow | null> {
  await tx.schedule.createMany({ data: { name, checkedUntil: now }, skipDuplicates: true });
  const rows = await tx.$queryRaw<{ checked_until: Date; last_run_at: Date | null }[]>`
    select checked_until, last_run_at from schedules where name = ${name} for update skip locked`;
  const row = rows[0];
  return row ? { checkedUntil: row.checked_until, lastRunAt: row.last_run_at } : null;
}

export async function saveSchedule(tx: Tx, name: string, row: ScheduleRow): Promise<void> {
  await tx.schedule.updateMany({ where: { name }, data: row });
}
