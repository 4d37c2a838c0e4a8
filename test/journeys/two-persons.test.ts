import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { configured } from './configurations.ts';
import { answerTo, approve, as, ask, auditOf, cardIn, press, read, stateOf, tidy, untilState } from './verbs.ts';

/** Olivia, who asks, is also security and an owner; Petra is ops and security; ops and security share a channel. */
const desk = channels.security.id;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    yaml: configured({
      'channels: { security: C0SECURITY, ops: C0OPS }': 'channels: { security: C0SECURITY, ops: C0SECURITY }',
      'security: { people: [U0SAM, U0SOFIA] }': 'security: { people: [U0SAM, U0SOFIA, U0PETRA, U0OLIVIA] }',
      'ops: { people: [U0PETRA], groups: [S0OPS] }': 'ops: { people: [U0PETRA, U0OLIVIA], groups: [S0OPS] }',
      "owners: [U0ANNA, 'T0ACME:U0BEN']": "owners: [U0ANNA, 'T0ACME:U0BEN', U0OLIVIA]",
    }),
  });
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const recovery = { scope: 'create_platform_owner' };
const pressLeg = (who: 'petra' | 'olivia' | 'sam', grant: string, leg: string) =>
  as(stack, who).clickRaw({ action_id: 'approve', value: `${grant}:${leg}` }, { channel: desk, ts: '1.0' });

describe('two people, none of them the requester', () => {
  test.each(['ops', 'security'])('who asked can’t approve as %s, whatever roles they hold', async (leg) => {
    const grant = await ask(stack, recovery);
    expect(await answerTo(stack, 'olivia', () => pressLeg('olivia', grant, leg))).toBe(
      'You cannot decide your own request.',
    );
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
  });

  test('who asked can’t approve as an owner of the tenant', async () => {
    const grant = await ask(stack, { scope: 'workspace_recovery' });
    const answer = await answerTo(stack, 'olivia', () => press(stack, 'olivia', channels.acme.id, grant, 'approve'));
    expect(answer).toBe('You cannot decide your own request.');
    expect(await stateOf(stack, grant)).toBe('requested');
  });

  test('who holds both roles fills the leg of the button, and only one', async () => {
    const grant = await ask(stack, recovery);
    const card = await cardIn(stack, desk, grant);
    expect(read(stack, card)).toMatch(/Approve as ops.*Approve as security/s);
    await as(stack, 'petra').click(card, 'approve', { value: `${grant}:security`, force: true });
    expect(read(stack, await cardIn(stack, desk, grant, 'Security: approved by @Petra'))).toContain('Ops: not decided');
    const answer = await answerTo(stack, 'petra', () => approve(stack, 'petra', desk, grant));
    expect(answer).toBe('You already approved this as security. A different person has to approve this part.');
    expect(await stateOf(stack, grant)).toBe('requested');
    await approve(stack, 'paul', desk, grant);
    await untilState(stack, grant, 'active');
  });

  test('one person who presses both legs at once, again and again, fills one', async () => {
    const grant = await ask(stack, recovery);
    await cardIn(stack, desk, grant);
    const answered = as(stack, 'petra').ephemerals.length;
    await Promise.all(Array.from({ length: 20 }, (_, i) => pressLeg('petra', grant, i % 2 ? 'ops' : 'security')));
    await stack.slack.until(() => as(stack, 'petra').ephemerals.length === answered + 19, 'nineteen refusals');
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.approved']);
    expect(await stateOf(stack, grant)).toBe('requested');
  });

  test('who approved one part can still deny nothing of it by the other', async () => {
    const grant = await ask(stack, recovery);
    await pressLeg('petra', grant, 'ops');
    await cardIn(stack, desk, grant, 'Ops: approved by @Petra');
    await press(stack, 'petra', desk, grant, 'deny');
    await as(stack, 'petra').modal('deny_reason');
    const sent = await as(stack, 'petra').submit({ comment: 'on second thoughts' });
    expect(JSON.stringify(sent)).toContain('You already approved this as ops.');
    expect(await stateOf(stack, grant)).toBe('requested');
  });

  test('the tries of people against their own rules are on record', async () => {
    const grant = await ask(stack, recovery);
    await answerTo(stack, 'olivia', () => pressLeg('olivia', grant, 'security'));
    await pressLeg('petra', grant, 'ops');
    await cardIn(stack, desk, grant, 'Ops: approved by @Petra');
    await answerTo(stack, 'petra', () => pressLeg('petra', grant, 'security'));
    const tries = await stack.db.query<{ actor: string; refusal: string }>(
      'superuser',
      "select actor, details->>'refusal' as refusal from audit_events where action = 'access.refused' and details->>'about' = $1 order by id",
      [grant],
    );
    expect(tries).toEqual([
      { actor: `slack:T0HOME:${cast.olivia.id}`, refusal: 'own_request' },
      { actor: `slack:T0HOME:${cast.petra.id}`, refusal: 'decided_another_leg' },
    ]);
  });
});
