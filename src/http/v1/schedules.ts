import { z } from 'zod';
import { scheduleJobs } from '../../domain/schedule.ts';
import { tenantKeyExpected, tenantKeyShape } from '../../domain/tenant.ts';
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  listSchedules,
  showSchedule,
} from '../../usecases/administer-schedules.ts';
import type { Context } from '../../usecases/context.ts';
import { administratorOf, given, sentOf } from './administration.ts';
import { type Endpoint, endpoint, json, nothing } from './endpoint.ts';
import { moment, typed } from './words.ts';

const name = z.string().regex(tenantKeyShape, { error: `expected ${tenantKeyExpected}` });
const fields = {
  job: z.enum(scheduleJobs, { error: `expected one of ${scheduleJobs.join(', ')}` }),
  cron: typed(200).meta({ description: 'Five fields, such as 0 8 * * *' }),
  timezone: typed(100).meta({ description: 'Such as Europe/Berlin' }),
  channel: typed(100).nullable().meta({ description: 'Another channel than the usual one' }),
};
const scheduleAnswer = z
  .object({
    ...{
      name: z.string(),
      job: z.enum(scheduleJobs),
      cron: z.string(),
      timezone: z.string(),
      channel: z.string().nullable(),
    },
    source: z.enum(['file', 'api']),
    last_run_at: moment.nullable(),
  })
  .meta({ id: 'Schedule' });

type View =
  Awaited<ReturnType<typeof showSchedule>> extends infer R ? (R extends { schedule: infer V } ? V : never) : never;
const scheduleJson = ({ lastRunAt, ...rest }: View) => ({ ...rest, last_run_at: lastRunAt });
const described = { tag: 'Schedules' as const, unknown: { kind: 'unknown_schedule' } as const };
const path = z.object({ name });

/** What the clock sends at a time of day. A change counts on every replica from the next minute. */
export const scheduleEndpoints = (context: Context): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/schedules', id: 'listSchedules', verb: 'list schedules', ...described },
    summary: 'What is sent when, and where',
    roles: ['admin', 'auditor'],
    answer: json(z.object({ data: z.array(scheduleAnswer) }), 'The schedules'),
    handle: async (asked) => {
      const { schedules } = given(await listSchedules(context, { by: administratorOf(asked) }, asked.work));
      return { data: schedules.map(scheduleJson) };
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/schedules/{name}', id: 'showSchedule', verb: 'show a schedule', ...described },
    summary: 'One schedule',
    roles: ['admin', 'auditor'],
    params: path,
    answer: json(scheduleAnswer, 'The schedule'),
    handle: async (asked) => {
      const about = { by: administratorOf(asked), name: asked.params.name };
      return scheduleJson(given(await showSchedule(context, about, asked.work)).schedule);
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/schedules', id: 'createSchedule', verb: 'create a schedule', ...described },
    summary: 'Send something at another time too, or elsewhere',
    roles: ['admin'],
    body: z
      .strictObject({
        name,
        ...fields,
        timezone: fields.timezone.default('UTC'),
        channel: fields.channel.default(null),
      })
      .meta({ id: 'NewSchedule' }),
    answer: json(scheduleAnswer, 'The schedule', 201),
    handle: async (asked) => {
      const wish = { by: administratorOf(asked), schedule: asked.body };
      return scheduleJson(given(await createSchedule(context, wish, asked.work)).schedule);
    },
  }),
  endpoint({
    ...{ method: 'patch', path: '/schedules/{name}', id: 'changeSchedule', verb: 'change a schedule', ...described },
    summary: 'Change a schedule',
    roles: ['admin'],
    params: path,
    body: z.strictObject(fields).partial().meta({ id: 'ScheduleChange' }),
    answer: json(scheduleAnswer, 'The schedule as it is now'),
    handle: async (asked) => {
      const wish = { by: administratorOf(asked), name: asked.params.name, change: sentOf(asked.body) };
      return scheduleJson(given(await changeSchedule(context, wish, asked.work)).schedule);
    },
  }),
  endpoint({
    ...{ method: 'delete', path: '/schedules/{name}', id: 'deleteSchedule', verb: 'delete a schedule', ...described },
    summary: 'Delete a schedule',
    roles: ['admin'],
    params: path,
    answer: nothing('It is gone'),
    handle: async (asked) => {
      given(await deleteSchedule(context, { by: administratorOf(asked), name: asked.params.name }, asked.work));
    },
  }),
];
