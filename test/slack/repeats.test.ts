import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import {
  answerTo,
  approve,
  as,
  ask,
  auditOf,
  cardIn,
  decideByForm,
  entriesFor,
  openForm,
  press,
  quiet,
  stateOf,
  submitRequest,
  tidy,
  untilState,
} from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

/** Lets whatever the bot has taken on come to its end. */
const allDone = () => stack.restart();
const grants = () => stack.db.query('superuser', "select id from grants where state in ('requested', 'active')");
const postsIn = (channel: string) =>
  stack.slack.calls('chat.postMessage').filter(({ args }) => args.channel === channel).length;

describe('one request', () => {
  test('sent twice, one after the other, is one grant with one card in each place', async () => {
    const before = postsIn(channels.acme.id);
    const grant = await ask(stack);
    const again = await stack.slack.redeliver();
    expect(again.ack).toEqual({ kind: 'acked', response: undefined });
    await quiet(stack);
    expect(await grants()).toEqual([{ id: grant }]);
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
    expect(postsIn(channels.acme.id)).toBe(before + 1);
  });

  test('sent five times at once is one grant', async () => {
    const olivia = await openForm(stack, 'olivia');
    const first = olivia.submit(entriesFor());
    const more = Array.from({ length: 4 }, () => stack.slack.redeliver());
    expect(await first).toEqual({ kind: 'closed' });
    for (const { ack } of await Promise.all(more)) expect(ack).toEqual({ kind: 'acked', response: undefined });
    expect(await grants()).toHaveLength(1);
    const [row] = await stack.db.query<{ requested: number }>(
      'superuser',
      "select count(*)::int as requested from audit_events where action = 'break_glass.requested' and grant_id in (select id from grants where state = 'requested')",
    );
    expect(row?.requested).toBe(1);
  });

  test('sent from two forms at once is one grant; the other form says why at its field', async () => {
    const olivia = await openForm(stack, 'olivia');
    const first = olivia.submit(entriesFor());
    const { body } = stack.slack.lastDelivery;
    const other = stack.slack.post({ ...body, view: { ...(body.view as JsonObject), id: 'V0OTHER' } });
    const answers = [JSON.stringify(await first), (await other).body];
    expect(answers.filter((answer) => answer.includes('You already asked for this'))).toHaveLength(1);
    expect(await grants()).toHaveLength(1);
  });

  test('a form that was used up is not taken with other words in it', async () => {
    const grant = await ask(stack);
    const { body } = stack.slack.lastDelivery;
    const other = JSON.parse(JSON.stringify(body).replace('INC-42', 'INC-43')) as JsonObject;
    expect((await stack.slack.post(other)).body).toContain('This form was already used for something else');
    expect(await grants()).toEqual([{ id: grant }]);
  });

  test('somebody else’s form of the same id is their own request', async () => {
    await ask(stack);
    const { body } = stack.slack.lastDelivery;
    await stack.slack.post({ ...body, user: { id: cast.omar.id, team_id: 'T0HOME' } });
    expect(await grants()).toHaveLength(2);
  });
});

describe('one press', () => {
  test.each([
    { button: 'approve', who: 'anna', place: channels.acme.id, action: 'break_glass.approved' },
    { button: 'withdraw', who: 'olivia', place: cast.olivia.id, action: 'break_glass.withdrawn' },
  ] as const)('of $button, delivered three times, has one effect', async ({ button, who, place, action }) => {
    const grant = await ask(stack);
    await press(stack, who, place, grant, button);
    const pressed = stack.slack.lastDelivery;
    await Promise.all([stack.slack.redeliver(pressed), stack.slack.redeliver(pressed)]);
    await stack.slack.redeliver(pressed);
    await allDone();
    expect((await auditOf(stack, grant)).filter((each) => each === action)).toHaveLength(1);
    expect(as(stack, who).ephemerals).toEqual([]);
  });

  test.each([
    { button: 'deny', entries: { comment: 'no' }, action: 'break_glass.denied' },
    { button: 'approve_shorter', entries: { duration: '5' }, action: 'break_glass.approved' },
  ] as const)('of $button, its form delivered three times, has one effect', async ({ button, entries, action }) => {
    const grant = await ask(stack);
    const sent = await decideByForm(stack, 'anna', channels.acme.id, grant, button, entries);
    expect(sent).toEqual({ kind: 'closed' });
    const submitted = stack.slack.lastDelivery;
    const again = await Promise.all([stack.slack.redeliver(submitted), stack.slack.redeliver(submitted)]);
    for (const { ack } of again) expect(ack).toEqual({ kind: 'acked', response: undefined });
    expect((await auditOf(stack, grant)).filter((each) => each === action)).toHaveLength(1);
  });

  test('repeated by the same person is told that it is done already', async () => {
    const grant = await ask(stack);
    const card = await cardIn(stack, channels.acme.id, grant);
    await approve(stack, 'anna', channels.acme.id, grant);
    await cardIn(stack, channels.acme.id, grant, 'approved by');
    const answer = await answerTo(stack, 'anna', () => as(stack, 'anna').clickStale(card, 'approve'));
    expect(answer).toMatch(/The tenant owner part was already approved by @Anna, .* UTC\./);
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.approved']);
  });
});

describe('several people at once', () => {
  test('on one leg: one of them decides, the others are told who did', async () => {
    const grant = await ask(stack);
    const card = await cardIn(stack, channels.security.id, grant);
    const crowd: Player[] = ['sam', 'sofia'];
    const before = new Map(crowd.map((who) => [who, as(stack, who).ephemerals.length]));
    await Promise.all(crowd.map((who) => as(stack, who).clickStale(card, 'approve')));
    await cardIn(stack, channels.security.id, grant, 'approved by');
    await allDone();
    const told = crowd.filter((who) => as(stack, who).ephemerals.length > (before.get(who) ?? 0));
    expect(told).toHaveLength(1);
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.approved']);
  });

  test('fifty presses of both legs activate once', async () => {
    const grant = await ask(stack);
    const owners = await cardIn(stack, channels.acme.id, grant);
    const security = await cardIn(stack, channels.security.id, grant);
    await Promise.all(
      Array.from({ length: 25 }, (_, i) => [
        as(stack, i % 2 ? 'anna' : 'ben').clickStale(owners, 'approve'),
        as(stack, i % 2 ? 'sam' : 'sofia').clickStale(security, 'approve'),
      ]).flat(),
    );
    await untilState(stack, grant, 'active');
    await allDone();
    const actions = await auditOf(stack, grant);
    expect(actions.filter((each) => each === 'break_glass.approved')).toHaveLength(2);
    expect(actions.filter((each) => each === 'break_glass.activated')).toHaveLength(1);
  });

  test('one approves while the requester withdraws: one of the two, never both', async () => {
    const grant = await ask(stack);
    await approve(stack, 'sam', channels.security.id, grant);
    const owners = await cardIn(stack, channels.acme.id, grant, 'approved by');
    const mine = await cardIn(stack, cast.olivia.id, grant, 'approved by');
    await Promise.all([
      as(stack, 'anna').clickStale(owners, 'approve'),
      as(stack, 'olivia').clickStale(mine, 'withdraw'),
    ]);
    await allDone();
    const actions = await auditOf(stack, grant);
    const state = await stateOf(stack, grant);
    expect(actions.at(-1)).toBe(state === 'active' ? 'break_glass.activated' : 'break_glass.withdrawn');
    expect(['active', 'withdrawn']).toContain(state);
  });
});

test('a request for what just ran out, not yet swept, goes through', async () => {
  const grant = await ask(stack, { duration: '15' });
  await approve(stack, 'anna', channels.acme.id, grant);
  await approve(stack, 'sam', channels.security.id, grant);
  await untilState(stack, grant, 'active');
  await stack.bot.clock.due.stop();
  const [row] = await stack.db.query<{ expires_at: Date }>('superuser', 'select expires_at from grants where id = $1', [
    grant,
  ]);
  await stack.db.clock.advanceTo(row?.expires_at ?? new Date(0));
  expect(await stateOf(stack, grant)).toBe('active');
  expect(await submitRequest(stack)).toEqual({ kind: 'closed' });
  expect(await stateOf(stack, grant)).toBe('expired');
  await allDone();
});
