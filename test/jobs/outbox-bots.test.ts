import { expect, onTestFinished, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { inForceOf } from '../../src/in-force.ts';
import type { Tried } from '../../src/jobs/turn.ts';
import { openDatabase } from '../../src/store/database.ts';
import { personOf } from '../../src/store/people.ts';
import { adoptPolicy } from '../../src/usecases/adopt-policy.ts';
import type { Context } from '../../src/usecases/context.ts';
import { refusalLog } from '../../src/usecases/refusal-log.ts';
import { request } from '../../src/usecases/request.ts';
import { quiet } from '../journeys/verbs.ts';
import { watch } from '../journeys/watch.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { command, grantOf, office, work } from '../usecases/office.ts';
import { delivering } from './drains.ts';
import { gate } from './gate.ts';
import { names, note, send, withoutDigests } from './mailroom.ts';

/** A process of its own that only asks: so that thirty at once do not also compete for Slack's three seconds. */
async function anotherContext({ db }: TestStack, yaml: string): Promise<Context> {
  const store = openDatabase({ url: db.url('app'), connections: 30 });
  onTestFinished(() => store.close());
  const settings = parseSettings(yaml, 'breakglass.yml');
  const epoch = await adoptPolicy(store, settings, () => null, 'test');
  const inForce = inForceOf(settings, epoch);
  return { db: store, inForce: () => inForce, refusals: refusalLog(store, () => {}) };
}

test('two bots on one database tell everybody everything, and nobody anything twice, under thirty requests at once', async () => {
  const tenants = names(30, 't');
  const channelOf = (i: number) => [channels.globex.id, channels.general.id, channels.acme.id][i % 3];
  const yaml = withoutDigests({
    '  - { key: initech, name: Initech }': tenants
      .map(
        (key, i) => `  - { key: ${key}, name: Tenant ${key}, channel: ${channelOf(i)}, owners: [U0GUS], shared: true }`,
      )
      .join('\n'),
  });
  const stack = await startTestStack({ yaml });
  onTestFinished(() => stack.stop());
  await stack.anotherBot();
  const context = await anotherContext(stack, yaml);
  const person = await context.db.acrossTenants('who asks', (tx) => personOf(tx, 'T0HOME:U0OLIVIA'));
  const olivia = { person, name: 'slack:T0HOME:U0OLIVIA', standing: 'member', roles: { operator: 'named' } } as const;
  const asked = await Promise.all(tenants.map((tenantKey) => request(context, command(olivia, { tenantKey }), work())));
  expect(new Set(asked.map(grantOf)).size).toBe(30);
  await quiet(stack);

  const notices = await stack.db.query<{ id: string; state: string; attempts: number }>(
    'superuser',
    'select id::text, state::text, attempts from outbox',
  );
  expect(notices).toHaveLength(90);
  for (const each of notices) expect(each).toMatchObject({ state: 'delivered', attempts: 1 });
  const posts = stack.slack.calls('chat.postMessage').map(({ args }) => JSON.stringify(args.metadata));
  const carrying = ({ id }: { id: string }) =>
    JSON.stringify({ event_type: 'breakglass_notice', event_payload: { notice: id } });
  expect(posts.sort()).toEqual(notices.map(carrying).sort());
}, 90_000);

test('two who deliver share what there is: each notice is in the hands of one', async () => {
  const at = await office();
  const lanes = names(20, 'C0LANE');
  await send(at, ...lanes.map((lane) => note(lane, 'n1')));
  const done: Tried = { kind: 'delivered', ts: '1.0', channel: 'C0LANE', posted: true, card: null };
  const told: { by: string; notice: string }[] = [];
  const secondIsThere = gate();
  const first = delivering(at, async (_, notice) => {
    told.push({ by: 'first', notice });
    await secondIsThere.passed;
    return done;
  });
  const second = delivering(at, async (_, notice) => {
    told.push({ by: 'second', notice });
    secondIsThere.open();
    return done;
  });
  const { until } = await watch(at.db);
  const waiting = async () => {
    const rows = await at.db.query('superuser', `select from outbox where state = 'waiting'`);
    return rows.length;
  };
  first.ring();
  second.ring();
  await until(async () => (await waiting()) === 0, 'everything to be told');
  expect(told).toHaveLength(lanes.length);
  expect(new Set(told.map(({ notice }) => notice)).size).toBe(lanes.length);
  expect(new Set(told.map(({ by }) => by))).toEqual(new Set(['first', 'second']));
});
