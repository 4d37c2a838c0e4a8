import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Balancer, startBalancer } from '../../sandbox/balancer.ts';
import { cast, channels, configuration } from '../../sandbox/cast.ts';
import { addressesOf, startTestStack, type TestStack } from '../support/stack.ts';

// Twenty more owners and twenty more of security, so that fifty different people can press at once.
const owners = Array.from({ length: 20 }, (_, i) => `U0OWNER${i}`);
const guards = Array.from({ length: 20 }, (_, i) => `U0GUARD${i}`);
const yaml = configuration
  .replace('owners: [U0ANNA,', `owners: [${owners.join(', ')}, U0ANNA,`)
  .replace('security: { people: [U0SAM,', `security: { people: [${guards.join(', ')}, U0SAM,`);

let stack: TestStack;
let balancer: Balancer;
beforeAll(async () => {
  stack = await startTestStack({ yaml });
  const second = await stack.anotherBot();
  balancer = await startBalancer();
  balancer.use([stack.bot, second].map(addressesOf));
  const { slack } = stack;
  slack.pointAt(balancer.url);
  for (const id of [...owners, ...guards]) slack.addUser({ id, name: id.toLowerCase() });
  slack.updateChannel(channels.acme.id, { members: [...channels.acme.members, ...owners, cast.olivia.id] });
  slack.updateChannel(channels.security.id, { members: [...channels.security.members, ...guards, cast.olivia.id] });
});
afterAll(async () => {
  await balancer.stop();
  await stack.stop();
});

async function ask(ticket: string): Promise<void> {
  const olivia = stack.slack.as(cast.olivia.id);
  await olivia.command('/breakglass');
  await olivia.modal('break_glass_request');
  await olivia.submit({
    tenant: 'acme',
    scope: 'content_access',
    circumstance: 'critical_incident',
    reason: 'The import is corrupting documents',
    ticket,
    duration: '60',
  });
}

const cardOf = (channel: string, ticket: string) =>
  stack.slack.until(
    () => stack.slack.messages(channel).find((each) => JSON.stringify(each.blocks).includes(ticket)),
    `the card of ${ticket}`,
  );

test('fifty people press through two replicas: one outcome, one audit row a fact, the late ones are told who decided', async () => {
  const { slack, db } = stack;
  await ask('INC-1');
  const [atOwners, atGuards] = await Promise.all([
    cardOf(channels.acme.id, 'INC-1'),
    cardOf(channels.security.id, 'INC-1'),
  ]);
  const olivia = slack.as(cast.olivia.id);
  await Promise.all([
    ...owners.map((id) => slack.as(id).clickStale(atOwners, 'approve')),
    ...guards.map((id) => slack.as(id).clickStale(atGuards, 'approve')),
    // The requester tries both legs of her own; others press the same button several times.
    olivia.clickStale(atOwners, 'approve'),
    olivia.clickStale(atGuards, 'approve'),
    ...[1, 2, 3, 4].map(() => slack.as(owners[0] ?? '').clickStale(atOwners, 'approve')),
    ...[1, 2, 3, 4].map(() => slack.as(guards[0] ?? '').clickStale(atGuards, 'approve')),
  ]);
  await slack.until(
    () => slack.messages(channels.acme.id).some(({ text }) => text.includes('(active)')),
    'the grant to be active',
  );
  await slack.until(() => slack.as(cast.olivia.id).ephemerals.length === 2, 'the requester to be refused twice');
  const late = () => [...owners, ...guards].flatMap((id) => slack.as(id).ephemerals.map(({ text }) => text));
  await slack.until(() => late().length >= 38, 'the late ones to be told');
  const facts = await db.query<{ action: string; n: number }>(
    'superuser',
    `select action, count(*)::int as n from audit_events where action like 'break_glass.%' group by 1 order by 1`,
  );
  expect(facts).toEqual([
    { action: 'break_glass.activated', n: 1 },
    { action: 'break_glass.approved', n: 2 },
    { action: 'break_glass.requested', n: 1 },
  ]);
  const legs = await db.query('superuser', 'select count(distinct person_id)::int as people from legs');
  expect(legs).toEqual([{ people: 2 }]);
  for (const text of late())
    expect(text).toMatch(/already approved( by <@U0|,|\. A different)|already approved this as/);
});

test('approve, deny and withdraw at the same moment leave exactly one of their outcomes', async () => {
  const { slack, db } = stack;
  const olivia = slack.as(cast.olivia.id);
  await olivia.command('/breakglass', 'end');
  await slack.until(() => olivia.ephemerals.some(({ text }) => text.startsWith('Done')), 'the first access to be over');
  await ask('INC-2');
  const [atOwners, atGuards] = await Promise.all([
    cardOf(channels.acme.id, 'INC-2'),
    cardOf(channels.security.id, 'INC-2'),
  ]);
  const dm = slack.as(cast.olivia.id).dm();
  const own = await cardOf(dm, 'INC-2');
  const denier = slack.as(owners[3] ?? '');
  await denier.clickStale(atOwners, 'deny');
  await denier.modal('deny_reason');
  await Promise.all([
    ...guards.map((id) => slack.as(id).clickStale(atGuards, 'approve')),
    ...owners.slice(5).map((id) => slack.as(id).clickStale(atOwners, 'approve')),
    denier.submit({ comment: 'This can wait until the morning.' }),
    slack.as(cast.olivia.id).clickStale(own, 'withdraw'),
  ]);
  const closed = () => slack.messages(channels.acme.id).some(({ text }) => /\((active|denied|withdrawn)\)/.test(text));
  await slack.until(closed, 'one outcome');
  const outcomes = await db.query<{ n: number }>(
    'superuser',
    `select count(*)::int as n from audit_events e join grants g on g.id = e.grant_id
      where g.ticket = 'INC-2' and e.action in ('break_glass.activated', 'break_glass.denied', 'break_glass.withdrawn')`,
  );
  expect(outcomes).toEqual([{ n: 1 }]);
});
