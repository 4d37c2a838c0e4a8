import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { type Message, pressable } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { approve, ask, auditOf, cardIn, dmOf, quiet, read, said, stateOf, tidy } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const places = [channels.acme.id, channels.security.id, cast.olivia.id];
const cards = async (grant: string, shows = ''): Promise<Message[]> => {
  const all: Message[] = [];
  for (const place of places) all.push(await cardIn(stack, place, grant, shows));
  return all;
};

describe.each([
  { order: 'owner, then security', first: ['anna', channels.acme.id], second: ['sam', channels.security.id] },
  { order: 'security, then owner', first: ['sofia', channels.security.id], second: ['ben', channels.acme.id] },
] as const)('two people from two groups agree: $order', ({ first, second }) => {
  test('one approval is not enough, the second starts the clock, and the requester follows it in their messages', async () => {
    const grant = await ask(stack);
    await approve(stack, first[0], first[1], grant);
    await cards(grant, `approved by @${cast[first[0]].name}`);
    expect(await stateOf(stack, grant)).toBe('requested');
    expect(read(stack, await cardIn(stack, cast.olivia.id, grant))).toContain('Waiting for approval until');

    await approve(stack, second[0], second[1], grant);
    for (const card of await cards(grant, 'Active until')) {
      expect(read(stack, card)).toContain(`approved by @${cast[second[0]].name}`);
    }
    await said(stack, dmOf(stack, 'olivia'), 'Your access is active: Content access on Acme Corp. It ends');
    expect(await auditOf(stack, grant)).toEqual([
      'break_glass.requested',
      'break_glass.approved',
      'break_glass.approved',
      'break_glass.activated',
    ]);
    const [times] = await stack.db.query<{ minutes: number }>(
      'superuser',
      'select extract(epoch from expires_at - activated_at)::int / 60 as minutes from grants where id = $1',
      [grant],
    );
    expect(times?.minutes).toBe(30);
  });
});

test('what stands on the card: who, what, why, for how long, and a moment that each reader sees in their own time zone', async () => {
  const grant = await ask(stack, { reason: 'The import is corrupting documents of everybody', duration: '90' });
  const [row] = await stack.db.query<{ lapses_at: Date }>('superuser', 'select lapses_at from grants where id = $1', [
    grant,
  ]);
  const seconds = Math.floor((row?.lapses_at.getTime() ?? 0) / 1000);
  for (const card of await cards(grant)) {
    const text = read(stack, card);
    for (const fact of ['@Olivia', 'Acme Corp (acme)', 'INC-42', '1 h 30 min', 'Critical incident', 'of everybody']) {
      expect(text).toContain(fact);
    }
    expect(JSON.stringify(card.blocks)).toContain(`<!date^${seconds}^{date_short_pretty} at {time}|`);
  }
});

test('the buttons are those of the reader: approvers decide, the requester withdraws', async () => {
  const grant = await ask(stack);
  const [owners, security, requester] = await cards(grant);
  expect(pressable(owners?.blocks ?? [])).toEqual(['approve', 'approve_shorter', 'deny']);
  expect(pressable(security?.blocks ?? [])).toEqual(['approve', 'approve_shorter', 'deny']);
  expect(pressable(requester?.blocks ?? [])).toEqual(['withdraw']);
});

test('approving asks for confirmation first; "not yet" approves nothing', async () => {
  const grant = await ask(stack);
  const anna = stack.slack.as(cast.anna.id);
  const card = await cardIn(stack, channels.acme.id, grant);
  const cancelled = await anna.click(card, 'approve', { confirm: false });
  expect(cancelled).toMatchObject({ kind: 'cancelled', confirm: { title: { text: 'Approve this access?' } } });
  expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
});

test('at its end everybody who saw it is told, no button decides any more, and a review is owed', async () => {
  const grant = await ask(stack);
  await approve(stack, 'anna', channels.acme.id, grant);
  await approve(stack, 'sam', channels.security.id, grant);
  const active = await cards(grant, 'Active until');
  expect(active.map(({ blocks }) => pressable(blocks))).toEqual([['revoke'], ['revoke'], ['end', 'attach']]);

  const [row] = await stack.db.query<{ expires_at: Date }>('superuser', 'select expires_at from grants where id = $1', [
    grant,
  ]);
  await stack.db.clock.advanceTo(row?.expires_at ?? new Date(0));
  const over = await cards(grant, 'Expired');
  expect(over.map(({ blocks }) => pressable(blocks))).toEqual([[], [], ['attach']]);
  for (const place of [channels.acme.id, channels.security.id, dmOf(stack, 'olivia')]) {
    await said(stack, place, 'Access is over. Break-glass access of @Olivia: Content access on Acme Corp. It ran out');
  }
  await quiet(stack);
  expect(stack.slack.messages(channels.ops.id)).toEqual([]);
  expect((await auditOf(stack, grant)).slice(-2)).toEqual(['break_glass.expired', 'break_glass.review_opened']);
});
