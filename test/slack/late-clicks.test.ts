import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { Message } from '../../sandbox/slack/index.ts';
import {
  answerTo,
  approve,
  as,
  ask,
  auditOf,
  cardIn,
  decideByForm,
  press,
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

const acme = channels.acme.id;
const security = channels.security.id;

async function active(): Promise<string> {
  const grant = await ask(stack);
  await approve(stack, 'anna', acme, grant);
  await approve(stack, 'sam', security, grant);
  await untilState(stack, grant, 'active');
  return grant;
}

async function passes(grant: string, column: 'lapses_at' | 'expires_at', state: string): Promise<void> {
  const [row] = await stack.db.query<{ at: Date }>('superuser', `select ${column} as at from grants where id = $1`, [
    grant,
  ]);
  await stack.db.clock.advanceTo(row?.at ?? new Date(0));
  await untilState(stack, grant, state);
}

const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

describe('a card that has not caught up', () => {
  const undecided = [
    {
      state: 'withdrawn',
      close: async (grant: string) => void (await press(stack, 'olivia', cast.olivia.id, grant, 'withdraw')),
      told: `This can't be decided any more: withdrawn by @Olivia, ${when}`,
    },
    {
      state: 'denied',
      close: async (grant: string) =>
        void (await decideByForm(stack, 'sam', security, grant, 'deny', { comment: 'not now' })),
      told: `This can't be decided any more: denied by @Sam, ${when}`,
    },
    {
      state: 'lapsed',
      close: (grant: string) => passes(grant, 'lapses_at', 'lapsed'),
      told: `This can't be decided any more: lapsed, ${when}`,
    },
  ];
  test.each(undecided)(
    'approving what is $state tells who and when, and changes nothing',
    async ({ state, close, told }) => {
      const grant = await ask(stack);
      const before = await cardIn(stack, acme, grant);
      await close(grant);
      await untilState(stack, grant, state);
      const audit = await auditOf(stack, grant);
      const answer = await answerTo(stack, 'anna', () => as(stack, 'anna').clickStale(before, 'approve'));
      expect(answer).toMatch(new RegExp(told));
      expect(await auditOf(stack, grant)).toEqual(audit);
    },
  );

  test.each(undecided)('denying what is $state says so in place of the form', async ({ state, close, told }) => {
    const grant = await ask(stack);
    const before = await cardIn(stack, acme, grant);
    await close(grant);
    await untilState(stack, grant, state);
    expect(await formOf(before, 'deny', 'deny_reason')).toMatch(
      new RegExp(told.replace(/@\w+/, '<@U0[A-Z]+>').replace(when, '.*')),
    );
  });

  const over = [
    {
      state: 'ended',
      close: async (grant: string) => void (await press(stack, 'olivia', cast.olivia.id, grant, 'end')),
      told: `This access is not active: ended by @Olivia, ${when}`,
    },
    {
      state: 'revoked',
      close: async (grant: string) =>
        void (await decideByForm(stack, 'ben', acme, grant, 'revoke', { comment: 'wrong tenant' })),
      told: `This access is not active: revoked by @Ben, ${when}`,
    },
    {
      state: 'expired',
      close: (grant: string) => passes(grant, 'expires_at', 'expired'),
      told: `This access is not active: expired, ${when}`,
    },
  ];
  test.each(over)('ending what is $state tells who and when, and changes nothing', async ({ state, close, told }) => {
    const grant = await active();
    const before = await cardIn(stack, cast.olivia.id, grant, 'Active until');
    await close(grant);
    await untilState(stack, grant, state);
    const audit = await auditOf(stack, grant);
    const answer = await answerTo(stack, 'olivia', () => as(stack, 'olivia').clickStale(before, 'end'));
    expect(answer).toMatch(new RegExp(told));
    expect(await auditOf(stack, grant)).toEqual(audit);
  });

  test.each(over)('revoking what is $state says so in place of the form', async ({ state, close, told }) => {
    const grant = await active();
    const before = await cardIn(stack, acme, grant, 'Active until');
    await close(grant);
    await untilState(stack, grant, state);
    expect(await formOf(before, 'revoke', 'revoke_reason')).toMatch(
      new RegExp(told.replace(/@\w+/, '<@U0[A-Z]+>').replace(when, '.*')),
    );
  });

  test('approving what is active already tells who decided and when', async () => {
    const grant = await ask(stack);
    const before = await cardIn(stack, acme, grant);
    await approve(stack, 'anna', acme, grant);
    await approve(stack, 'sam', security, grant);
    await untilState(stack, grant, 'active');
    const answer = await answerTo(stack, 'ben', () => as(stack, 'ben').clickStale(before, 'approve'));
    expect(answer).toMatch(new RegExp(`already approved by @Anna, ${when}`));
  });
});

/** Presses a button of a stale card that opens a form, fills that in, and gives back what stands in its place. */
async function formOf(card: Message, button: string, callback: string): Promise<string> {
  const anna = as(stack, 'anna');
  await anna.clickStale(card, button);
  await anna.modal(callback);
  const sent = await anna.submit({ comment: 'too late' });
  if (sent.kind !== 'updated') throw new Error(`the form was answered with ${JSON.stringify(sent)}`);
  return JSON.stringify(sent.view.definition.blocks);
}

describe('a button whose value was made up', () => {
  const forged = [
    { what: 'no value', value: '' },
    { what: 'no grant', value: 'x:owner' },
    { what: 'a grant that is not there', value: '00000000-0000-4000-8000-000000000000:owner' },
    { what: 'SQL', value: "' or 1=1 --:owner" },
  ];
  test.each(forged.flatMap((each) => ['approve', 'withdraw', 'end'].map((button) => ({ ...each, button }))))(
    '$button with $what is told that there is no such request',
    async ({ value, button }) => {
      const answer = await answerTo(stack, 'anna', () =>
        as(stack, 'anna').clickRaw({ action_id: button, value }, { channel: acme, ts: '1.0' }),
      );
      expect(answer).toBe('There is no such request.');
    },
  );

  test('another leg than the button’s person may fill is refused, whatever the card said', async () => {
    const grant = await ask(stack);
    for (const [who, leg] of [
      ['anna', 'security'],
      ['sam', 'owner'],
      ['petra', 'ops'],
      ['olivia', 'owner'],
    ] as const) {
      const value = `${grant}:${leg}`;
      const answer = await answerTo(stack, who, () =>
        as(stack, who).clickRaw({ action_id: 'approve', value }, { channel: acme, ts: '1.0' }),
      );
      expect(answer).toMatch(/^(Only|You cannot|This request does not need)/);
    }
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
  });
});
