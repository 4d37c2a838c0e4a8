import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { across, aTenant, aWorld, inScope, insertGrant, type World } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
let app: pg.Client;
let world: World;
beforeAll(async () => {
  db = await testDatabase();
  app = await db.session('app');
  world = await aWorld(app);
});
afterAll(() => db.drop());

test('nobody makes the system tenant, or makes a tenant of it', async () => {
  await expect(aTenant(app, 'system')).rejects.toThrow('the system tenant is protected');
  for (const change of [`key = 'system'`, `key = 'another'`, `created_at = created_at - interval '1 day'`]) {
    const statement = `update tenants set ${change} where id = '${world.globex}'`;
    await expect(db.query('superuser', statement), change).rejects.toThrow(/protected|keeps its key/);
  }
});

test('no access is asked for at a tenant that was archived before it was committed', async () => {
  await across(app, () => app.query('update tenants set archived_at = breakglass_now() where id = $1', [world.acme]));
  await expect(inScope(app, world.acme, () => insertGrant(app, world))).rejects.toMatchObject({ code: '40001' });
  await across(app, () => app.query('update tenants set archived_at = null where id = $1', [world.acme]));
  await inScope(app, world.acme, () => insertGrant(app, world));
});

test.each([
  [`('digest', 'digest', '* * * * *', 'UTC', null)`, 'schedule_is_whole'],
  [`('digest', null, null, null, 'C0MINE')`, 'schedule_is_whole'],
  [`('mine', null, null, null, null)`, 'schedule_is_whole'],
  [`('mine', 'digest', '* * * * *', null, null)`, 'schedule_is_whole'],
  [`('mine', 'sealing', '* * * * *', 'UTC', null)`, 'schedule_has_a_known_job'],
])('no schedule is half a one: %s', async (row, constraint) => {
  const insert = `insert into schedules (name, job, cron, timezone, channel, checked_until)
    select *, breakglass_now() from (values ${row}) as half (name, job, cron, timezone, channel)`;
  await expect(db.query('superuser', insert)).rejects.toThrow(constraint);
});

test('a schedule that changed is told to every process; that it ran is told to nobody', async () => {
  const heard: string[] = [];
  const listener = await db.session('app');
  listener.on('notification', ({ channel }) => void heard.push(channel));
  await listener.query('listen breakglass_schedules');
  const ask = async (statement: string) => {
    await across(app, () => app.query(statement));
    await listener.query('select'); // what was told before this answer has arrived with it
    return heard.splice(0).length;
  };
  const made = `insert into schedules (name, job, cron, timezone, checked_until) values ('told', 'digest', '* * * * *', 'UTC', breakglass_now())`;
  expect(await ask(made)).toBe(1);
  expect(await ask(`update schedules set cron = '0 8 * * *' where name = 'told'`)).toBe(1);
  expect(await ask(`update schedules set checked_until = breakglass_now(), last_run_at = breakglass_now()`)).toBe(0);
  expect(await ask(`delete from schedules where name = 'told'`)).toBe(1);
});
