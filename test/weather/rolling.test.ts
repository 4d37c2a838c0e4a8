import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Balancer, startBalancer } from '../../sandbox/balancer.ts';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { cast, channels, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { eventually } from '../journeys/verbs.ts';
import { watch } from '../journeys/watch.ts';
import { type BotProcesses, botProcesses } from '../support/bot-processes.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
let slack: LocalSlack;
let bots: BotProcesses;
let balancer: Balancer;
beforeAll(async () => {
  db = await testDatabase();
  slack = await startLocalSlack({ ...workspace, pacing: false, waitMs: 20_000 });
  populate(slack);
  bots = await botProcesses(slack, db);
  balancer = await startBalancer();
  slack.pointAt(balancer.url);
});
afterAll(async () => {
  await bots.stop();
  await balancer.stop();
  await slack.stop();
  await db.drop();
});

const fields = {
  scope: 'workspace_recovery',
  reason: 'The only owner of the workspace has left',
  ticket: 'SUP-9',
  duration: '60',
};

async function ask(user: string, tenant: string): Promise<void> {
  const person = slack.as(user);
  await person.command('/support-access');
  await person.modal('support_access_request');
  expect(await person.submit({ tenant, ...fields })).toMatchObject({ kind: 'closed' });
}

/** Asks for access and takes the request back, again and again, until told to stop. @returns how often */
async function askOnAndOn(user: string, tenant: string, stopped: () => boolean): Promise<number> {
  const { until } = await watch(db);
  const person = slack.as(user);
  let asked = 0;
  while (!stopped()) {
    await ask(user, tenant);
    asked += 1;
    const [grant = ''] = await open(user);
    await person.clickRaw({ action_id: 'withdraw', value: grant }, { channel: person.dm(), ts: '1.000001' });
    await until(async () => (await open(user)).length === 0, 'the request to be withdrawn');
  }
  return asked;
}

const open = async (user: string): Promise<string[]> => {
  const rows = await db.query<{ id: string }>(
    'superuser',
    `select g.id from grants g join identities i on i.person_id = g.requester_id
      where i.external_id = $1 and g.state = 'requested'`,
    [user],
  );
  return rows.map(({ id }) => id);
};

test('replicas that are replaced one by one under load leave no request unanswered, half done or done twice', async () => {
  const running: BotProcess[] = [await bots.start(), await bots.start()];
  balancer.use([...running]);
  let stopped = false;
  const load = Promise.all([
    askOnAndOn(cast.olivia.id, 'acme', () => stopped),
    askOnAndOn(cast.omar.id, 'globex', () => stopped),
  ]);
  for (const old of [...running]) {
    running.push(await bots.start());
    running.shift();
    balancer.use([old, ...running]);
    await old.stop();
    balancer.use([...running]);
    expect(old.lines.at(-1)).toContain('"msg":"stopped"');
  }
  stopped = true;
  const asked = (await load).reduce((sum, each) => sum + each, 0);
  expect(asked).toBeGreaterThan(4);

  expect(slack.deliveries.filter(({ ack }) => ack?.kind !== 'acked')).toEqual([]);
  const audit = await db.query(
    'superuser',
    `select action, count(*)::int as times from audit_events where action like 'support_access.%' group by 1 order by 1`,
  );
  expect(audit).toEqual([
    { action: 'support_access.requested', times: asked },
    { action: 'support_access.withdrawn', times: asked },
  ]);
  const waiting = () => db.query('superuser', `select 1 from outbox where state = 'waiting'`);
  await eventually({ db }, async () => (await waiting()).length === 0, 'every notice to be told');
  expect(await db.query('superuser', `select id::int, last_error from outbox where state = 'dead'`)).toEqual([]);
  expect(slack.messages(channels.acme.id).length).toBeGreaterThan(0);
  for (const each of running) await each.stop();
});

test('a bot that is told to stop finishes what it is telling Slack, and gives every lane back', async () => {
  const bot = await bots.start();
  balancer.use([bot]);
  const fault = slack.fault('chat.postMessage', { kind: 'hang' }, { channel: channels.acme.id });
  await ask(cast.olivia.id, 'acme');
  await slack.until(() => fault.hanging > 0, 'a notice on its way');
  const stopped = bot.stop();
  fault.remove();
  fault.release();
  await stopped;
  expect(bot.lines.at(-1)).toContain('"msg":"stopped"');
  expect(await db.query('superuser', 'select destination from lanes where leased_until is not null')).toEqual([]);
  const told = await db.query('superuser', 'select state from outbox where destination = $1 order by id desc limit 1', [
    channels.acme.id,
  ]);
  expect(told).toEqual([{ state: 'delivered' }]);
});
