import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  answerTo,
  approve,
  as,
  ask,
  auditOf,
  cardIn,
  command,
  decideByForm,
  dmOf,
  press,
  quiet,
  read,
  said,
  stateOf,
  tidy,
  untilState,
} from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const acme = channels.acme.id;
const security = channels.security.id;

async function active(asking: Parameters<typeof ask>[1] = {}): Promise<string> {
  const grant = await ask(stack, asking);
  await approve(stack, 'anna', acme, grant);
  await approve(stack, 'sam', security, grant);
  await untilState(stack, grant, 'active');
  return grant;
}

/** Every card of a grant shows this, and offers nothing to decide; whoever did something may show what. */
async function closedEverywhere(grant: string, shows: string): Promise<void> {
  for (const place of [acme, security, cast.olivia.id]) {
    const { blocks } = await cardIn(stack, place, grant, shows);
    expect(pressable(blocks).filter((each) => each !== 'attach' || place !== cast.olivia.id)).toEqual([]);
  }
}

describe('a request that waits', () => {
  test.each([
    { who: 'anna', place: acme },
    { who: 'sofia', place: security },
  ] as const)(
    'is denied by $who with a reason, which the requester gets and the cards show',
    async ({ who, place }) => {
      const grant = await ask(stack);
      const sent = await decideByForm(stack, who, place, grant, 'deny', { comment: 'Use the read replica instead' });
      expect(sent).toEqual({ kind: 'closed' });
      await untilState(stack, grant, 'denied');
      await closedEverywhere(grant, `Denied by @${cast[who].name}`);
      expect(read(stack, await cardIn(stack, security, grant))).toContain('Use the read replica instead');
      await said(
        stack,
        dmOf(stack, 'olivia'),
        `Your request was denied by @${cast[who].name}: Content access on Acme Corp. Reason: Use the read replica instead`,
      );
      expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.denied']);
    },
  );

  test('that one person approved is still denied by the other', async () => {
    const grant = await ask(stack);
    await approve(stack, 'anna', acme, grant);
    await decideByForm(stack, 'sam', security, grant, 'deny', { comment: 'Not during the freeze' });
    await untilState(stack, grant, 'denied');
    await closedEverywhere(grant, 'Denied by @Sam');
  });

  test('is withdrawn by who asked, and can be asked for again', async () => {
    const grant = await ask(stack);
    await press(stack, 'olivia', cast.olivia.id, grant, 'withdraw');
    await untilState(stack, grant, 'withdrawn');
    await closedEverywhere(grant, 'Withdrawn by @Olivia');
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.withdrawn']);
    expect(await ask(stack)).not.toBe(grant);
  });

  test('lapses when nobody decides in time, and the requester is told', async () => {
    const grant = await ask(stack);
    await approve(stack, 'anna', acme, grant);
    await stack.db.clock.advance(60 * 60_000);
    await untilState(stack, grant, 'lapsed');
    await closedEverywhere(grant, 'nobody decided in time');
    await said(stack, dmOf(stack, 'olivia'), 'because nobody decided in time: Content access on Acme Corp. Ask again');
    expect((await auditOf(stack, grant)).at(-1)).toBe('break_glass.lapsed');
  });
});

describe('who is done gives access back', () => {
  test('by button', async () => {
    const grant = await active();
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    await untilState(stack, grant, 'ended');
    await closedEverywhere(grant, 'Ended by @Olivia');
    for (const place of [acme, security, dmOf(stack, 'olivia')])
      await said(
        stack,
        place,
        'Access is over. Break-glass access of @Olivia: Content access on Acme Corp. Ended by @Olivia',
      );
    expect((await auditOf(stack, grant)).slice(-2)).toEqual(['break_glass.ended', 'break_glass.review_opened']);
  });

  test('by command, where one thing is active', async () => {
    const grant = await active();
    expect(await command(stack, 'olivia', '/breakglass end')).toContain('Done: Content access is over.');
    expect(await stateOf(stack, grant)).toBe('ended');
  });

  test('by command and a choice, where several are', async () => {
    const first = await active();
    const second = await ask(stack, { scope: 'audit_view' });
    const third = await ask(stack, { scope: 'audit_view', tenant: 'globex' });
    const answer = await answerTo(stack, 'olivia', () => as(stack, 'olivia').command('/support-access', 'end'));
    expect(answer).toContain('You have several active. Which one is done?');
    expect(answer).not.toContain('Content access');
    const choice = as(stack, 'olivia').ephemerals.at(-1);
    if (!choice) throw new Error('there is no choice');
    await as(stack, 'olivia').click(choice, 'end', { value: third });
    await untilState(stack, third, 'ended');
    expect(await stateOf(stack, first)).toBe('active');
    expect(await stateOf(stack, second)).toBe('active');
  });

  test('and is told so where nothing is active: neither what waits nor another’s counts', async () => {
    const grant = await ask(stack);
    const other = await active({ by: 'omar', scope: 'content_access' });
    expect(await command(stack, 'olivia', '/breakglass end')).toBe('You have no active break-glass access.');
    expect(await stateOf(stack, grant)).toBe('requested');
    expect(await stateOf(stack, other)).toBe('active');
  });
});

describe('access is stopped at once, with a reason', () => {
  test.each([
    { who: 'anna', as: 'an owner', place: acme },
    { who: 'ben', as: 'an owner from the connected company', place: acme },
    { who: 'petra', as: 'ops', place: security },
    { who: 'paul', as: 'ops by user group', place: security },
    { who: 'sofia', as: 'security', place: security },
  ] as const)('by $who, $as', async ({ who, place }) => {
    const grant = await active();
    const sent = await decideByForm(stack, who, place, grant, 'revoke', { comment: 'That was the wrong tenant' });
    expect(sent).toEqual({ kind: 'closed' });
    await untilState(stack, grant, 'revoked');
    await closedEverywhere(grant, `Revoked by @${cast[who].name}`);
    for (const at of [acme, security, dmOf(stack, 'olivia')]) await said(stack, at, `Revoked by @${cast[who].name}`);
    await said(stack, dmOf(stack, 'olivia'), 'Reason: That was the wrong tenant');
    expect((await auditOf(stack, grant)).slice(-2)).toEqual(['break_glass.revoked', 'break_glass.review_opened']);
  });

  test.each(['olivia', 'omar', 'gina', 'ada', 'otis'] as Player[])('never by %s', async (who) => {
    const grant = await active();
    const sent = await decideByForm(stack, who, security, grant, 'revoke', { comment: 'because I want to' });
    expect(JSON.stringify(sent)).toContain('Only owners of the tenant, ops, security and admins can revoke access.');
    expect(await stateOf(stack, grant)).toBe('active');
  });
});

test('nobody takes back or gives back for somebody else', async () => {
  const waiting = await ask(stack);
  const running = await active({ by: 'omar' });
  for (const [button, grant] of [
    ['withdraw', waiting],
    ['end', running],
  ] as const) {
    const value = { action_id: button, value: grant };
    const answer = await answerTo(stack, 'sam', () =>
      as(stack, 'sam').clickRaw(value, { channel: security, ts: '1.0' }),
    );
    expect(answer).toBe('Only the person who asked can do that.');
  }
  await quiet(stack);
  expect([await stateOf(stack, waiting), await stateOf(stack, running)]).toEqual(['requested', 'active']);
});

test('while Slack says nothing of anybody, who asked is told that, and not that it is somebody else’s', async () => {
  const waiting = await ask(stack);
  const running = await ask(stack, { scope: 'audit_view' });
  const fault = stack.slack.fault('users.info', { kind: 'error_before' });
  for (const [button, grant] of [
    ['withdraw', waiting],
    ['end', running],
  ] as const) {
    const answer = await answerTo(stack, 'olivia', () => press(stack, 'olivia', cast.olivia.id, grant, button));
    expect(answer).toContain('Slack did not confirm who you are');
  }
  fault.remove();
  expect([await stateOf(stack, waiting), await stateOf(stack, running)]).toEqual(['requested', 'active']);
  await press(stack, 'olivia', cast.olivia.id, waiting, 'withdraw');
  await untilState(stack, waiting, 'withdrawn');
});
