import { afterAll, beforeAll, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import type { Message } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { approve, ask, decideByForm, eventually, press, quiet, read, untilState } from './verbs.ts';
import { watch } from './watch.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  // The first look at the schedule says from when on digests are due.
  const { until } = await watch(stack.db);
  await until(
    () => stack.db.query('superuser', 'select 1 from schedules').then((rows) => rows.length > 0),
    'the schedule',
  );
});
afterAll(() => stack.stop());

/** Goes to the next eight o'clock, UTC, and waits for what is sent then. */
async function nextDigest(): Promise<void> {
  const now = await stack.db.clock.now();
  const eight = new Date(now);
  eight.setUTCHours(8, 0, 1, 0);
  if (eight <= now) eight.setUTCDate(eight.getUTCDate() + 1);
  const before = await sent();
  await stack.db.clock.advanceTo(eight);
  await eventually(stack, async () => (await sent()) > before, 'the digest');
  await quiet(stack);
}

const sent = () =>
  stack.db.query('superuser', "select 1 from audit_events where action = 'digest.sent'").then((rows) => rows.length);

const summaries = (channel: string): string[] =>
  stack.slack
    .messages(channel)
    .map((message: Message) => read(stack, message))
    .filter((text) => text.includes('Access summary'));

test('a day on which nothing happened is one line, for everybody who gets one', async () => {
  await nextDigest();
  expect(summaries(channels.security.id)).toEqual([
    expect.stringMatching(
      /^Access summary, all tenants, .* to .*: nothing was asked for and nothing is active\.\n• Audit trail: not sealed$/,
    ),
  ]);
  expect(summaries(channels.acme.id)).toEqual([expect.stringMatching(/^Access summary, Acme Corp, .*nothing/)]);
  expect(summaries(channels.globex.id)).toEqual([expect.stringMatching(/^Access summary, Globex, .*nothing/)]);
});

test('security reads of all tenants, owners of their own and of no other', async () => {
  const ended = await ask(stack, { duration: '60' });
  await approve(stack, 'anna', channels.acme.id, ended);
  await approve(stack, 'sam', channels.security.id, ended);
  await untilState(stack, ended, 'active');
  await stack.db.clock.advance(7 * 60_000);
  await press(stack, 'olivia', 'U0OLIVIA', ended, 'end');
  await untilState(stack, ended, 'ended');
  const denied = await ask(stack, { tenant: 'globex', scope: 'workspace_recovery' });
  await decideByForm(stack, 'gina', channels.globex.id, denied, 'deny', { comment: 'We do this ourselves' });
  await untilState(stack, denied, 'denied');
  const lapsing = await ask(stack, { by: 'omar', tenant: 'initech', scope: 'content_access' });
  await stack.db.clock.advance(60 * 60_000);
  await untilState(stack, lapsing, 'lapsed');
  const viewing = await ask(stack, { by: 'omar', tenant: 'acme', scope: 'audit_view', duration: '1440' });
  await untilState(stack, viewing, 'active');
  await nextDigest();

  const all = summaries(channels.security.id).at(-1);
  for (const line of [
    'Requested: 4 (2 break-glass and 2 support access)',
    'Approved by: @Anna 1 and @Sam 1',
    'Denied: 1, withdrawn: 0, lapsed: 1',
    'Active now: 1',
    'Ended: 1 (given back 1, revoked 0, ran out 0)',
    'Content access on Acme Corp',
    'Owner approvals waived: 1',
  ]) {
    expect(all).toContain(line);
  }
  const acme = summaries(channels.acme.id).at(-1);
  expect(acme).toContain('Requested: 2 (1 break-glass and 1 support access)');
  expect(acme).toContain('Denied: 0, withdrawn: 0, lapsed: 0');
  expect(acme).not.toMatch(/Globex|Initech/);
  const globex = summaries(channels.globex.id).at(-1);
  expect(globex).toContain('Requested: 1 (1 support access)');
  expect(globex).toContain('Approved by: nobody');
  expect(globex).toContain('Longest: none ended');
  expect(globex).not.toMatch(/Acme|Initech/);
});

test('after days of standstill there is one digest about all of them, not one a day', async () => {
  const before = summaries(channels.security.id).length;
  await stack.bot.stop();
  await stack.db.clock.advance(3 * 24 * 60 * 60_000);
  await stack.restart();
  await eventually(stack, async () => summaries(channels.security.id).length > before, 'the digest');
  await quiet(stack);
  expect(summaries(channels.security.id)).toHaveLength(before + 1);
  const digest = stack.slack.messages(channels.security.id).findLast(({ text }) => text.includes('Access summary'));
  const [from, to] = [...JSON.stringify(digest?.blocks).matchAll(/<!date\^(\d+)/g)].map(([, seconds]) =>
    Number(seconds),
  );
  expect(Number(to) - Number(from)).toBe(3 * 24 * 60 * 60);
});

test('two bots send one digest', async () => {
  await stack.anotherBot();
  const before = summaries(channels.security.id).length;
  await nextDigest();
  expect(summaries(channels.security.id)).toHaveLength(before + 1);
});

test('a digest is not for people of another company, except in the owners’ channel that the file calls shared', async () => {
  for (const { id } of [channels.globex, channels.security]) {
    stack.slack.updateChannel(id, { is_ext_shared: true });
    await stack.slack.event({ type: 'channel_shared', connected_team_id: 'T0OTHER', channel: id });
  }
  await quiet(stack); // one bot was told, and tells the other
  const before = Object.values(channels).map(({ id }) => [id, summaries(id).length] as const);
  await nextDigest();
  for (const { id } of [channels.globex, channels.security]) stack.slack.updateChannel(id, { is_ext_shared: false });
  const more = before.filter(([id, count]) => summaries(id).length > count).map(([id]) => id);
  expect(more).toEqual([channels.acme.id]);
  const dead = await stack.db.query(
    'superuser',
    `select destination from outbox where kind = 'digest' and state = 'dead'`,
  );
  expect(dead.map(({ destination }) => destination).sort()).toEqual([channels.globex.id, channels.security.id].sort());
});
