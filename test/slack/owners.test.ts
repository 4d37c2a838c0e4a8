import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import { configured } from '../journeys/configurations.ts';
import {
  answerTo,
  approve,
  ask,
  auditOf,
  command,
  decideByForm,
  press,
  tidy,
  untilState,
  type Who,
} from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/**
 * A tenant's owners are not staff: one may be a guest or of a connected company, where the file says so for that person.
 * The same accounts own Acme in both ways, named for what they are and named for something else.
 */
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    yaml: configured({
      'auditor: { people: [U0ADA] }': 'auditor: { people: [U0ADA] }\n  admin: { people: [U0ADMIN] }',
      "owners: [U0ANNA, 'T0ACME:U0BEN']": `owners: [U0ANNA, 'T0ACME:U0BEN', { person: U0GWEN, guest: true }, U0GUEST, U0ABROAD, 'T0ACME:U0STAN', { person: 'T0OTHER:U0STRANGER', guest: true }, U0GONE]`,
    }),
  });
  const { slack } = stack;
  slack.addUser({ id: 'U0GUEST', is_restricted: true });
  slack.addUser({ id: 'U0ABROAD', team_id: 'T0ACME' });
  slack.addUser({ id: 'U0STRANGER', team_id: 'T0OTHER', is_stranger: true });
  slack.addUser({ id: 'U0GONE', deleted: true });
  slack.addUser({ id: 'U0ADMIN' });
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const acme = channels.acme.id;
const recovery = () => ask(stack, { scope: 'workspace_recovery' });

describe('an owner decides for the tenant', () => {
  test.each([
    { who: 'anna', is: 'a member' },
    { who: 'ben', is: 'from a connected company, named with their team' },
    { who: 'gwen', is: 'a guest for whom the file allows it' },
  ] as const)('$who, $is, approves', async ({ who }) => {
    const grant = await recovery();
    await approve(stack, who, acme, grant);
    await untilState(stack, grant, 'active');
    const sent = await decideByForm(stack, who, acme, grant, 'revoke', { comment: 'that was quick' });
    expect(sent).toEqual({ kind: 'closed' });
    await untilState(stack, grant, 'revoked');
  });

  test.each([
    { who: { id: 'U0GUEST' }, is: 'a guest for whom the file does not say so' },
    { who: { id: 'U0ABROAD' }, is: 'of another team than the file says' },
    { who: 'stan', is: 'named with another team than their own' },
    { who: { id: 'U0STRANGER' }, is: 'a stranger, whatever the file says' },
    { who: { id: 'U0GONE' }, is: 'deactivated' },
    { who: 'gina', is: 'an owner of another tenant' },
    { who: 'otis', is: 'in the channel and nothing else' },
    { who: 'sam', is: 'security, who is not asked' },
    { who: 'olivia', is: 'the requester' },
  ] as { who: Who; is: string }[])('$is: may neither approve nor deny nor revoke', async ({ who }) => {
    const waiting = await recovery();
    const answer = await answerTo(stack, who, () => press(stack, who, acme, waiting, 'approve'));
    expect(answer).toMatch(/^(Only an owner of this tenant can decide that|You cannot decide your own request)\.$/);
    const denied = await decideByForm(stack, who, acme, waiting, 'deny', { comment: 'no' });
    expect(denied.kind).toBe('updated');
    expect(await auditOf(stack, waiting)).toEqual(['support_access.requested']);

    await approve(stack, 'anna', acme, waiting);
    await untilState(stack, waiting, 'active');
    if (who === 'sam') return; // security may revoke
    const revoked = await decideByForm(stack, who, acme, waiting, 'revoke', { comment: 'no' });
    expect(JSON.stringify(revoked)).toContain('Only owners of the tenant, ops, security and admins can revoke access.');
    expect(await auditOf(stack, waiting)).toHaveLength(3);
  });
});

test('an admin can stop what is active, and approve or deny nothing', async () => {
  const admin = { id: 'U0ADMIN' };
  const grant = await recovery();
  const answer = await answerTo(stack, admin, () => press(stack, admin, acme, grant, 'approve'));
  expect(answer).toBe('Only an owner of this tenant can decide that.');
  expect((await decideByForm(stack, admin, acme, grant, 'deny', { comment: 'no' })).kind).toBe('updated');
  await approve(stack, 'anna', acme, grant);
  await untilState(stack, grant, 'active');
  const sent = await decideByForm(stack, admin, acme, grant, 'revoke', { comment: 'the laptop was stolen' });
  expect(sent).toEqual({ kind: 'closed' });
  await untilState(stack, grant, 'revoked');
});

test('the owner who was there at the request and was removed since can’t approve', async () => {
  const grant = await recovery();
  await stack.restart(configured({ "owners: [U0ANNA, 'T0ACME:U0BEN']": "owners: ['T0ACME:U0BEN']" }));
  const answer = await answerTo(stack, 'anna', () => press(stack, 'anna', acme, grant, 'approve'));
  expect(answer).toBe('Only an owner of this tenant can decide that.');
  await approve(stack, 'ben', acme, grant);
  await untilState(stack, grant, 'active');
  expect(await command(stack, 'anna', '/support-access status acme')).toBe(
    'There is no such tenant that you can use here.',
  );
});
