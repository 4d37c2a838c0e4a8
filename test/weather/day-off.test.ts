import { afterAll, beforeAll, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { approve, ask, eventually, quiet, read, untilState } from '../journeys/verbs.ts';
import { watch } from '../journeys/watch.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  // Early in the morning, so that the day without a bot has one eight o'clock in it, and the first look is over.
  const now = await stack.db.clock.now();
  await stack.db.clock.advanceTo(new Date(Math.ceil(now.getTime() / DAY_MS) * DAY_MS + DAY_MS + 9 * 60 * MINUTE_MS));
  await eventually(stack, async () => (await stack.db.query('superuser', 'select 1 from schedules')).length > 0, 'it');
  await quiet(stack);
});
afterAll(() => stack.stop());

interface Fallen {
  id: string;
  due: Date;
  state: string;
}

/** Two sessions and two requests that fall due one after the other while no bot runs, in another order than they were made. */
async function falling(): Promise<Fallen[]> {
  const long = await active({ duration: '120' });
  const lapsing = await ask(stack, { by: 'omar', tenant: 'acme', scope: 'content_access' });
  const short = await active({ tenant: 'acme', scope: 'create_platform_owner', duration: '30' });
  await stack.db.clock.advance(5 * MINUTE_MS);
  const later = await ask(stack, { by: 'omar', tenant: 'globex', scope: 'content_access' });
  await quiet(stack);
  const due = await stack.db.query<Fallen>(
    'superuser',
    `select id, coalesce(expires_at, lapses_at) as due,
            case state when 'active' then 'expired' else 'lapsed' end as state
       from grants where id = any ($1::uuid[]) order by 2`,
    [[long, lapsing, short, later]],
  );
  expect(due.map(({ id }) => id)).toEqual([short, lapsing, later, long]);
  return due;
}

async function active(asking: { tenant?: string; scope?: string; duration: string }): Promise<string> {
  const grant = await ask(stack, asking);
  const [first, second] = asking.scope ? (['petra', 'sam'] as const) : (['anna', 'sam'] as const);
  await approve(stack, first, asking.scope ? channels.ops.id : channels.acme.id, grant);
  await approve(stack, second, channels.security.id, grant);
  await untilState(stack, grant, 'active');
  return grant;
}

const closings = () =>
  stack.db.query<{ id: string; action: string; due: string }>(
    'superuser',
    `select grant_id as id, split_part(action, '.', 2) as action, details->>'due_at' as due from audit_events
      where action like '%.expired' or action like '%.lapsed' order by id`.replace(
      'order by id',
      'order by audit_events.id',
    ),
  );

/** Whoever comes second waits for whoever came first, so both are seen waiting for a lock, not both for the holder's. */
async function untilTwoWait(): Promise<void> {
  for (let look = 0; look < 20_000; look += 1) {
    const [now] = await stack.db.query<{ waiting: number }>(
      'superuser',
      `select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (now?.waiting === 2) return;
  }
  throw new Error('The two bots never waited for the same grant.');
}

const shownAs = (due: Date) => due.toISOString().slice(0, 16).replace('T', ' ');

test('after a day without a bot, one of two that start closes what fell due, once, in the order of its time, and says that time', async () => {
  const { db, bot } = stack;
  const due = await falling();
  await bot.stop();
  const before = stack.slack.messages(channels.security.id).length;
  await db.clock.advance(DAY_MS);

  // The one that has been due longest can't be closed yet: both bots come to wait for it, and neither goes on to others.
  const holder = await db.session('superuser');
  await holder.query('begin');
  await holder.query('select from grants where id = $1 for update', [due[0]?.id]);
  const started = Promise.all([stack.anotherBot(), stack.anotherBot()]);
  await untilTwoWait();
  expect(await closings()).toEqual([]);
  await holder.query('commit');
  await started;
  const { until } = await watch(db);
  await until(async () => (await closings()).length >= due.length, 'everything to be closed');
  await quiet(stack);

  expect(await closings()).toEqual(due.map(({ id, state, due: at }) => ({ id, action: state, due: at.toISOString() })));
  const said = stack.slack
    .messages(channels.security.id)
    .slice(before)
    .map((message) => read(stack, message));
  const over = said.filter((text) => text.includes('Access is over'));
  const [short, , , long] = due.map(({ due: at }) => shownAs(at));
  expect(over).toEqual([
    expect.stringContaining(`It ran out ${short} UTC. It has not counted since then; only this notice is late.`),
    expect.stringContaining(`It ran out ${long} UTC. It has not counted since then; only this notice is late.`),
  ]);
  expect(said.filter((text) => text.includes('Access summary'))).toHaveLength(1);
  const toOmar = stack.slack.messages(stack.slack.as(cast.omar.id).dm()).map((message) => read(stack, message));
  expect(toOmar.filter((text) => text.includes('lapsed'))).toEqual(
    due
      .filter(({ state }) => state === 'lapsed')
      .map(({ due: at }) => expect.stringContaining(`Your request lapsed ${shownAs(at)} UTC`)),
  );
});
