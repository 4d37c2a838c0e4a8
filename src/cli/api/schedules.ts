import { command, type Options } from '../command.ts';
import { exits, WrongUse } from '../exits.ts';
import { facts, say, table } from '../terminal.ts';
import { when } from '../when.ts';
import { type Thing, textIn, thingsIn } from './client.ts';
import { calledAndShown, inPath } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

const jobs = ['digest', 'open_reviews', 'checkpoint'] as const;
const name = { name: 'NAME', says: 'the name of the schedule', needed: true } as const;
const fields = {
  job: { takes: 'JOB', says: 'what is sent', oneOf: jobs },
  cron: { takes: 'CRON', says: "when, five fields such as '0 8 * * *'" },
  timezone: { takes: 'ZONE', says: 'whose clock that is; UTC unless said' },
  channel: { takes: 'CHANNEL', says: 'another channel than the usual one; none for the usual one' },
} as const satisfies Options;

type Given = { [K in keyof typeof fields]: string | undefined };

const bodyOf = ({ job, cron, timezone, channel }: Given): Record<string, unknown> => ({
  ...(job !== undefined && { job }),
  ...(cron !== undefined && { cron }),
  ...(timezone !== undefined && { timezone }),
  ...(channel !== undefined && { channel: channel === 'none' ? null : channel }),
});

const scheduleFacts = (schedule: Thing, at: Date | null): string =>
  facts([
    ['name', textIn(schedule.name)],
    ['job', textIn(schedule.job)],
    ['when', `${textIn(schedule.cron)} ${textIn(schedule.timezone)}`],
    ['channel', textIn(schedule.channel) || 'the usual one'],
    ['from', schedule.source === 'file' ? 'breakglass.yml: it is changed there' : 'the API'],
    ['last run', when(schedule.last_run_at, at) || 'none yet'],
  ]);

const list = command({
  ...{ name: 'schedules list', with: 'api', says: 'what is sent when, and where', options: apiOptions },
  run: ({ options }) =>
    calledAndShown(options, ['GET', '/v1/schedules'], (answer, at) => {
      const rows = thingsIn(answer.data).map((each) => [
        ...[textIn(each.name), textIn(each.job), textIn(each.cron), textIn(each.timezone)],
        ...[textIn(each.channel) || 'usual', textIn(each.source), when(each.last_run_at, at)],
      ]);
      const titles = ['NAME', 'JOB', 'CRON', 'TIMEZONE', 'CHANNEL', 'FROM', 'LAST RUN'];
      return rows.length === 0 ? 'There is none.' : table(titles, rows);
    }),
});

const show = command({
  ...{ name: 'schedules show', with: 'api', says: 'one schedule', words: [name], options: apiOptions },
  run: ({ words: [of], options }) => calledAndShown(options, ['GET', `/v1/schedules/${inPath(of)}`], scheduleFacts),
});

const create = command({
  ...{ name: 'schedules create', with: 'api', says: 'send something at another time too, or elsewhere', words: [name] },
  options: {
    ...fields,
    job: { ...fields.job, needed: true },
    cron: { ...fields.cron, needed: true },
    ...apiOptions,
  },
  run: ({ words: [of], options }) =>
    calledAndShown(options, ['POST', '/v1/schedules', { name: of, ...bodyOf(options) }], scheduleFacts),
});

const change = command({
  ...{ name: 'schedules change', with: 'api', says: 'change what is named; the rest stays', words: [name] },
  options: { ...fields, ...apiOptions },
  run: ({ words: [of], options }) => {
    const body = bodyOf(options);
    if (Object.keys(body).length === 0) throw new WrongUse('schedules change needs something to change.');
    return calledAndShown(options, ['PATCH', `/v1/schedules/${inPath(of)}`, body], scheduleFacts);
  },
});

const remove = command({
  ...{
    name: 'schedules delete',
    with: 'api',
    says: 'delete a schedule',
    words: [name],
    options: { timeout: apiOptions.timeout },
  },
  run: async ({ words: [of], options }) => {
    await (await signedIn(options)).call('DELETE', `/v1/schedules/${inPath(of)}`);
    say(`The schedule ${of} is gone.`);
    return exits.done;
  },
});

export const scheduleCommands = [list, show, create, change, remove];
