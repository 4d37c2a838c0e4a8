import { CRON_EXPECTED, isCron } from '../cron.ts';
import type { AuditRecord } from '../domain/audit.ts';
import type { Refusal } from '../domain/refusals.ts';
import {
  FILE_SCHEDULE,
  HOURLY_EXPECTED,
  isHourlyAtMost,
  isTimezone,
  NO_OWNERS_EXPECTED,
  SCHEDULES_EXPECTED,
  type Schedule,
  scheduleJobs,
  schedulesMost,
  TIMEZONE_EXPECTED,
} from '../domain/schedule.ts';
import { CHANNEL_EXPECTED, channelShape, tenantKeyExpected, tenantKeyShape } from '../domain/tenant.ts';
import type { Tx } from '../store/database.ts';
import { readClock } from '../store/policies.ts';
import {
  type DefinedSchedule,
  definedSchedules,
  findSchedule,
  holdSchedule,
  lastRunOf,
  putSchedule,
  removeSchedule,
} from '../store/schedules.ts';
import { tenantOfChannel } from '../store/tenants.ts';
import {
  type Administrator,
  administer,
  type Done,
  look,
  type Some,
  unlessEveryTenant,
  withSome,
} from './administer.ts';
import { record } from './configuration-changes.ts';
import type { Context, InForce, Refused, Work } from './context.ts';

export interface ScheduleView extends Schedule {
  /** Where it is changed. */
  source: 'file' | 'api';
  lastRunAt: string | null;
}

interface OfSchedule {
  by: Administrator;
  name: string;
}
type Answer = Promise<Done<{ schedule: ScheduleView }> | Refused>;

/** The file's digest and every other schedule, by name. */
export const listSchedules = (
  context: Context,
  { by }: { by: Administrator },
  work: Work,
): Promise<Done<{ schedules: ScheduleView[] }> | Refused> =>
  look(
    context,
    {
      ...{ verb: 'list schedules', by, about: null },
      decide: async (tx) => {
        const refusal = unlessEveryTenant(by);
        if (refusal) return refusal;
        const ofFile = await fileSchedule(tx, context.inForce());
        const all = [...(ofFile ? [ofFile] : []), ...(await definedSchedules(tx)).map(viewOf)];
        return { schedules: all.sort((a, b) => (a.name < b.name ? -1 : 1)) };
      },
    },
    work,
  );

export const showSchedule = (context: Context, { by, name }: OfSchedule, work: Work): Answer =>
  look(
    context,
    {
      ...{ verb: 'show a schedule', by, about: name },
      decide: async (tx) => {
        const refusal = unlessEveryTenant(by);
        if (refusal) return refusal;
        const ofFile = name === FILE_SCHEDULE ? await fileSchedule(tx, context.inForce()) : null;
        if (ofFile) return { schedule: ofFile };
        const found = tenantKeyShape.test(name) ? await findSchedule(tx, name) : null;
        return found ? { schedule: viewOf(found) } : { kind: 'unknown_schedule' };
      },
    },
    work,
  );

export const createSchedule = (
  context: Context,
  { by, schedule }: { by: Administrator; schedule: Schedule },
  work: Work,
): Answer =>
  administer(
    context,
    {
      ...{ verb: 'create a schedule', by, about: schedule.name, body: schedule },
      decide: async (tx) => {
        const refusal = unlessEveryTenant(by) ?? unlessTheFiles(schedule.name) ?? mistakeIn(schedule);
        if (refusal) return refusal;
        if (await holdSchedule(tx, schedule.name)) return { kind: 'schedule_exists' };
        const full = (await definedSchedules(tx)).length >= schedulesMost;
        const mistake = full ? wrong('name', SCHEDULES_EXPECTED) : await unlessOwners(tx, schedule);
        if (mistake) return mistake;
        return put(tx, 'schedule.created', null, schedule, by, work);
      },
    },
    work,
  );

/** Changes what is said, and leaves the rest. It counts from now on, on every process. */
export const changeSchedule = (
  context: Context,
  { by, name, change }: OfSchedule & { change: Some<Definition> },
  work: Work,
): Answer =>
  administer(
    context,
    {
      ...{ verb: 'change a schedule', by, about: name, body: change },
      decide: async (tx) => {
        const was = await ofTheApi(tx, by, name);
        if ('kind' in was) return was;
        const before = definitionOf(was);
        const after = withSome(before, change);
        const mistake = mistakeIn({ name, ...after }) ?? (await unlessOwners(tx, after));
        if (mistake) return mistake;
        if (JSON.stringify(before) === JSON.stringify(after)) return { schedule: viewOf(was) };
        return put(tx, 'schedule.changed', before, { name, ...after }, by, work);
      },
    },
    work,
  );

export const deleteSchedule = (
  context: Context,
  { by, name }: OfSchedule,
  work: Work,
): Promise<Done<{ name: string }> | Refused> =>
  administer(
    context,
    {
      ...{ verb: 'delete a schedule', by, about: name, body: null },
      decide: async (tx) => {
        const was = await ofTheApi(tx, by, name);
        if ('kind' in was) return was;
        await removeSchedule(tx, name);
        await onRecord(tx, 'schedule.deleted', name, definitionOf(was), null, by, work);
        return { name };
      },
    },
    work,
  );

async function ofTheApi(tx: Tx, by: Administrator, name: string): Promise<DefinedSchedule | Refusal> {
  const refusal = unlessEveryTenant(by) ?? unlessTheFiles(name);
  if (refusal) return refusal;
  const found = tenantKeyShape.test(name) ? await holdSchedule(tx, name) : null;
  return found ?? { kind: 'unknown_schedule' };
}

const unlessTheFiles = (name: string): Refusal | null =>
  name === FILE_SCHEDULE ? { kind: 'names_the_file', what: 'schedule' } : null;

async function put(
  tx: Tx,
  action: 'schedule.created' | 'schedule.changed',
  before: Definition | null,
  schedule: Schedule,
  by: Administrator,
  work: Work,
): Promise<{ schedule: ScheduleView }> {
  await putSchedule(tx, schedule, (await readClock(tx)).now);
  await onRecord(tx, action, schedule.name, before, definitionOf(schedule), by, work);
  const now = await findSchedule(tx, schedule.name);
  if (!now) throw new Error(`Schedule ${schedule.name} is not to be seen right after it was written.`);
  return { schedule: viewOf(now) };
}

type Definition = Omit<Schedule, 'name'>;
const definitionOf = ({ job, cron, timezone, channel }: Schedule): Definition => ({ job, cron, timezone, channel });

const onRecord = (
  tx: Tx,
  action: AuditRecord['action'],
  schedule: string,
  before: Definition | null,
  after: Definition | null,
  by: Administrator,
  { requestId }: Work,
) => record(tx, action, null, { schedule, before, after }, requestId, by.name);

const wrong = (field: string, expected: string): Refusal => ({ kind: 'field_wrong', field, expected });

/** What is sent is of every tenant, and not for the owners of one. */
const unlessOwners = async (tx: Tx, { channel }: Pick<Schedule, 'channel'>): Promise<Refusal | null> =>
  channel !== null && (await tenantOfChannel(tx, channel)) !== null ? wrong('channel', NO_OWNERS_EXPECTED) : null;

function mistakeIn({ name, job, cron, timezone, channel }: Schedule): Refusal | null {
  if (!tenantKeyShape.test(name)) return wrong('name', tenantKeyExpected);
  if (!scheduleJobs.includes(job)) return wrong('job', scheduleJobs.join(' or '));
  if (!isCron(cron)) return wrong('cron', CRON_EXPECTED);
  if (!isHourlyAtMost(cron)) return wrong('cron', HOURLY_EXPECTED);
  if (!isTimezone(timezone)) return wrong('timezone', TIMEZONE_EXPECTED);
  return channel === null || channelShape.test(channel) ? null : wrong('channel', CHANNEL_EXPECTED);
}

const viewOf = (schedule: DefinedSchedule): ScheduleView => ({
  name: schedule.name,
  ...definitionOf(schedule),
  source: 'api',
  lastRunAt: schedule.lastRunAt?.toISOString() ?? null,
});

/** What the file says of its digest; null where it says that there is none. */
async function fileSchedule(tx: Tx, { file }: InForce): Promise<ScheduleView | null> {
  if (file.digest === null) return null;
  const lastRunAt = (await lastRunOf(tx, FILE_SCHEDULE))?.toISOString() ?? null;
  return { name: FILE_SCHEDULE, job: 'digest', ...file.digest, channel: null, source: 'file', lastRunAt };
}
