import { describe, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import type { Refusal } from '../../src/domain/refusals.ts';
import type { Schedule } from '../../src/domain/schedule.ts';
import { lastMatch } from '../../src/jobs/schedule.ts';
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  listSchedules,
  showSchedule,
} from '../../src/usecases/administer-schedules.ts';
import type { Context } from '../../src/usecases/context.ts';
import { end } from '../../src/usecases/end.ts';
import { runSchedules } from '../../src/usecases/run-schedules.ts';
import { aSealing, seal } from '../support/sealing.ts';
import { boundTo, done, refusalOf, root, rowsBy, toldOf } from './admin.ts';
import { active, grantOf, type Office, office, work } from './office.ts';

const weekly: Schedule = { name: 'weekly', job: 'digest', cron: '0 9 * * *', timezone: 'UTC', channel: null };
const create = ({ context }: Office, schedule: Schedule) => createSchedule(context, { by: root, schedule }, work());
const change = (context: Context, wish: Partial<Omit<Schedule, 'name'>>, name = 'weekly') =>
  changeSchedule(context, { by: root, name, change: wish }, work());
const run = (context: Context) => runSchedules(context, lastMatch, work().requestId);

/** The next time that clocks show so, tomorrow at the earliest. */
async function tomorrowAt({ db }: Office, hour: number, minute = 1): Promise<void> {
  const at = await db.clock.now();
  at.setUTCDate(at.getUTCDate() + 1);
  at.setUTCHours(hour, minute, 0, 0);
  await db.clock.advanceTo(at);
}
async function todayAt({ db }: Office, hour: number, minute = 1): Promise<void> {
  const at = await db.clock.now();
  at.setUTCHours(hour, minute, 0, 0);
  await db.clock.advanceTo(at);
}

test('each act is a row, with what was before and what is now', async () => {
  const at = await office();
  done(await create(at, weekly));
  done(await change(at.context, { cron: '0 10 * * *', channel: 'C0WATCH' }));
  done(await change(at.context, { cron: '0 10 * * *' }));
  done(await deleteSchedule(at.context, { by: root, name: 'weekly' }, work()));
  const { name: schedule, ...before } = weekly;
  const after = { ...before, cron: '0 10 * * *', channel: 'C0WATCH' };
  expect((await rowsBy(at, root.name)).map(({ action, details }) => [action, details])).toEqual([
    ['schedule.created', { schedule, before: null, after: before }],
    ['schedule.changed', { schedule, before, after }],
    ['schedule.deleted', { schedule, before: after, after: null }],
  ]);
});

test('a schedule that was changed on one of two replicas is run once, at the new time, by one of them', async () => {
  const at = await office();
  const [one, other] = [at.context, at.anotherProcess()];
  done(await create(at, weekly));
  await tomorrowAt(at, 7);
  expect([await run(one), await run(other)]).toEqual([0, 0]);
  done(await change(one, { cron: '0 11 * * *' }));
  await todayAt(at, 9);
  expect(await Promise.all([run(one), run(other)])).toEqual([0, 0]);
  await todayAt(at, 11);
  const ran = await Promise.all([run(other), run(one), run(other), run(one)]);
  expect(ran.reduce((sum, times) => sum + times, 0)).toBe(1);
  expect(await run(one)).toBe(0);
  expect(await toldOf(at, 'digest')).toEqual(['C0SECURITY', 'C0ACME', 'C0GLOBEX']);
});

test('a schedule that is made or moved does not make up for times before that', async () => {
  const at = await office();
  await tomorrowAt(at, 12);
  done(await create(at, weekly));
  expect(await run(at.context)).toBe(0);
  await tomorrowAt(at, 12); // nobody looked since
  done(await change(at.context, { cron: '30 11 * * *' }));
  expect(await run(at.context)).toBe(0);
  await tomorrowAt(at, 12);
  expect([await run(at.context), await run(at.context)]).toEqual([1, 0]);
});

test('its times are those of its time zone', async () => {
  const at = await office();
  done(await create(at, { ...weekly, timezone: 'Asia/Tokyo' }));
  await tomorrowAt(at, 0, 1);
  await run(at.context);
  await todayAt(at, 0, 30);
  expect([await run(at.context), await toldOf(at, 'digest')]).toEqual([0, ['C0SECURITY', 'C0ACME', 'C0GLOBEX']]);
});

describe('what a schedule does', () => {
  const due = async (at: Office, schedule: Partial<Schedule>) => {
    done(await create(at, { ...weekly, ...schedule }));
    await tomorrowAt(at, 9);
    expect(await run(at.context)).toBe(1);
  };

  test('a digest with a channel of its own goes there, and to no owner', async () => {
    const at = await office();
    await due(at, { channel: 'C0WATCH' });
    expect(await toldOf(at, 'digest')).toEqual(['C0WATCH']);
    const rows = (await rowsBy(at, 'system:clock')).filter(({ action }) => action === 'digest.sent');
    expect(rows).toMatchObject([{ details: { schedule: 'weekly', tenants: 0 } }]);
  });

  test.each(['digest', 'checkpoint'] as const)(
    'a channel that became a tenant’s since is passed over, for security: %s',
    async (job) => {
      const at = await office();
      await seal(aSealing(at.context.db));
      await at.db.query('superuser', 'update outbox set destination = $1', ['C0BEFORE']);
      done(await create(at, { ...weekly, job, channel: 'C0WATCH' }));
      await at.db.query('superuser', `update tenants set channel = 'C0WATCH' where key = 'acme'`);
      await tomorrowAt(at, 9);
      expect(await run(at.context)).toBe(1);
      expect((await toldOf(at, job)).filter((channel) => channel !== 'C0BEFORE')).toEqual(['C0SECURITY']);
      const [row] = (await rowsBy(at, 'system:clock')).slice(-1);
      expect(row?.details).toMatchObject({ schedule: 'weekly', passed_over: 'C0WATCH' });
    },
  );

  test('open reviews are listed, and the daily reminder of the product is as it was', async () => {
    const at = await office();
    const grant = await active(at);
    grantOf(await end(at.context, { actor: await at.actor('olivia'), grant }, work()));
    await due(at, { job: 'open_reviews' });
    expect(await toldOf(at, 'reviews_open')).toEqual(['C0SECURITY']);
    expect(await at.db.query('superuser', 'select reminded_at from reviews')).toEqual([{ reminded_at: null }]);
    const ran = (await rowsBy(at, 'system:clock')).filter(({ action }) => action === 'schedule.ran');
    expect(ran).toMatchObject([{ details: { schedule: 'weekly', job: 'open_reviews', sent: 1 } }]);
  });

  test('none is listed where none is open', async () => {
    const at = await office();
    await due(at, { job: 'open_reviews' });
    expect(await toldOf(at, 'reviews_open')).toEqual([]);
  });

  test('the newest signed head goes where it says', async () => {
    const at = await office();
    await seal(aSealing(at.context.db));
    await due(at, { job: 'checkpoint', channel: 'C0WATCH' });
    expect((await toldOf(at, 'checkpoint')).at(-1)).toBe('C0WATCH');
  });

  test('one that fails keeps no other from its time, and is done when it can be', async () => {
    const at = await office();
    done(await create(at, { ...weekly, name: 'a-first', channel: 'C0BROKEN' }));
    await at.db.query(
      'owner',
      `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
       create trigger no_more before insert on outbox for each row when (new.destination = 'C0BROKEN') execute function no_more()`,
    );
    done(await create(at, { ...weekly, channel: 'C0WATCH' }));
    await tomorrowAt(at, 9);
    await expect(run(at.context)).rejects.toThrow('1 of 2 schedules failed');
    await at.db.query('owner', 'drop trigger no_more on outbox');
    expect(await run(at.context)).toBe(1);
    expect(await toldOf(at, 'digest')).toEqual(['C0WATCH', 'C0BROKEN']);
  });
});

test('a process with another configuration than the one in force leaves the schedules to the others', async () => {
  const at = await office();
  const old = at.context;
  done(await create(at, weekly));
  await at.adopt(`${configuration}\n# changed\n`);
  await tomorrowAt(at, 9);
  expect([await run(old), await run(at.context)]).toEqual([0, 1]);
});

test('the digest of the file is on the list, and the file’s', async () => {
  const at = await office();
  done(await create(at, weekly));
  const { schedules } = done(await listSchedules(at.context, { by: root }, work()));
  expect(schedules.map(({ name, source, cron }) => [name, source, cron])).toEqual([
    ['digest', 'file', '0 8 * * *'],
    ['weekly', 'api', '0 9 * * *'],
  ]);
  expect(done(await showSchedule(at.context, { by: root, name: 'digest' }, work())).schedule.source).toBe('file');
  const none = await at.adopt(configuration.replace(/digest: \{[^}]*\}/, 'digest: null'));
  expect(refusalOf(await showSchedule(none, { by: root, name: 'digest' }, work()))).toEqual({
    kind: 'unknown_schedule',
  });
});

const wrong = (field: string) => ({ kind: 'field_wrong', field }) as Partial<Refusal>;
const theFile: Partial<Refusal> = { kind: 'names_the_file' };
test.each<[string, (at: Office) => Promise<Parameters<typeof refusalOf>[0]>, Partial<Refusal>]>([
  ['makes the file’s', (at) => create(at, { ...weekly, name: 'digest' }), theFile],
  ['changes the file’s', (at) => change(at.context, { cron: '0 1 * * *' }, 'digest'), theFile],
  ['deletes the file’s', (at) => deleteSchedule(at.context, { by: root, name: 'digest' }, work()), theFile],
  ['makes one that is there', (at) => create(at, { ...weekly, name: 'there' }), { kind: 'schedule_exists' }],
  ['changes none', (at) => change(at.context, {}, 'nowhere'), { kind: 'unknown_schedule' }],
  [
    'deletes none',
    (at) => deleteSchedule(at.context, { by: root, name: 'no\0' }, work()),
    { kind: 'unknown_schedule' },
  ],
  ['names it wrongly', (at) => create(at, { ...weekly, name: 'Each Week' }), wrong('name')],
  ['wants what nobody does', (at) => create(at, { ...weekly, job: 'sealing' as 'digest' }), wrong('job')],
  ['writes six fields', (at) => create(at, { ...weekly, cron: '0 0 8 * * *' }), wrong('cron')],
  ['writes no time', (at) => change(at.context, { cron: '99 8 * * *' }, 'there'), wrong('cron')],
  ['writes no zone', (at) => change(at.context, { timezone: 'Mars/Base' }, 'there'), wrong('timezone')],
  ['writes no channel', (at) => change(at.context, { channel: '#general' }, 'there'), wrong('channel')],
  ['sends it to owners', (at) => create(at, { ...weekly, channel: 'C0ACME' }), wrong('channel')],
  ['turns it to owners', (at) => change(at.context, { channel: 'C0GLOBEX' }, 'there'), wrong('channel')],
  ['wants it each minute', (at) => create(at, { ...weekly, cron: '* * * * *' }), wrong('cron')],
  ['wants it twice an hour', (at) => change(at.context, { cron: '0,30 * * * *' }, 'there'), wrong('cron')],
  ['wants it every quarter', (at) => change(at.context, { cron: '*/15 8 * * *' }, 'there'), wrong('cron')],
  ['wants it for minutes', (at) => create(at, { ...weekly, cron: '0-5 8 * * *' }), wrong('cron')],
])('whoever %s is refused, and that is on record once', async (_, attempt, refusal) => {
  const at = await office();
  done(await create(at, { ...weekly, name: 'there' }));
  expect(refusalOf(await attempt(at))).toMatchObject(refusal);
  const [, ...rows] = await rowsBy(at, root.name);
  expect(rows).toMatchObject([{ action: 'access.refused', details: { refusal: refusal.kind, times: 1 } }]);
});

test('there are fifty at most; each hour is often enough for any', async () => {
  const at = await office();
  for (let n = 0; n < 50; n += 1) done(await create(at, { ...weekly, name: `n-${n}`, cron: '59 * * * *' }));
  expect(refusalOf(await create(at, weekly))).toMatchObject(wrong('name'));
  done(await deleteSchedule(at.context, { by: root, name: 'n-7' }, work()));
  done(await create(at, weekly));
});

test('schedules are not for who is bound to tenants', async () => {
  const at = await office();
  const by = await boundTo(at, 'acme');
  const outcomes = [
    await listSchedules(at.context, { by }, work()),
    await createSchedule(at.context, { by, schedule: weekly }, work()),
    await changeSchedule(at.context, { by, name: 'weekly', change: {} }, work()),
    await deleteSchedule(at.context, { by, name: 'weekly' }, work()),
    await showSchedule(at.context, { by, name: 'weekly' }, work()),
  ];
  expect(outcomes.map(refusalOf)).toEqual(outcomes.map(() => ({ kind: 'needs_every_tenant' })));
});
