import type { Schedule, ScheduleJob } from '../domain/schedule.ts';
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

/** A schedule that is kept here, and not in the file. */
export type DefinedSchedule = Schedule & ScheduleRow;

/** Every schedule that is kept here, by name. */
export async function definedSchedules(tx: Tx): Promise<DefinedSchedule[]> {
  const rows = await tx.schedule.findMany({ where: { cron: { not: null } }, orderBy: { name: 'asc' } });
  return rows.flatMap(definedFrom);
}

/** When the file's digest was sent last; null for never. */
export async function lastRunOf(tx: Tx, name: string): Promise<Date | null> {
  const row = await tx.schedule.findUnique({ where: { name }, select: { lastRunAt: true } });
  return row?.lastRunAt ?? null;
}

/** Waits for whoever is at this schedule, and keeps it for this transaction. */
export async function holdSchedule(tx: Tx, name: string): Promise<DefinedSchedule | null> {
  await tx.$queryRaw`select from schedules where name = ${name} for update`;
  return findSchedule(tx, name);
}

/** The same for a clock, which leaves one alone that another process is at. */
export async function claimSchedule(tx: Tx, name: string): Promise<DefinedSchedule | null> {
  const rows = await tx.$queryRaw`select from schedules where name = ${name} for update skip locked`;
  return Array.isArray(rows) && rows.length === 1 ? findSchedule(tx, name) : null;
}

export async function findSchedule(tx: Tx, name: string): Promise<DefinedSchedule | null> {
  const row = await tx.schedule.findUnique({ where: { name } });
  return row ? (definedFrom(row)[0] ?? null) : null;
}

type Row = Awaited<ReturnType<Tx['schedule']['findMany']>>[number];
function definedFrom({ name, job, cron, timezone, channel, checkedUntil, lastRunAt }: Row): DefinedSchedule[] {
  if (job === null || cron === null || timezone === null) return [];
  return [{ name, job: job as ScheduleJob, cron, timezone, channel, checkedUntil, lastRunAt }];
}

/** Makes or changes a schedule. It is looked at from now on: what its times would have been before is not made up for. */
export async function putSchedule(tx: Tx, { name, job, cron, timezone, channel }: Schedule, now: Date): Promise<void> {
  const data = { job, cron, timezone, channel, checkedUntil: now };
  await tx.schedule.upsert({ where: { name }, create: { name, ...data }, update: data, select: { name: true } });
}

export async function removeSchedule(tx: Tx, name: string): Promise<void> {
  await tx.schedule.deleteMany({ where: { name } });
}
