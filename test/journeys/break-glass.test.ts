import { afterAll, beforeAll, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

test('a break-glass request is approved by two people, is active, and expires with everybody told', async () => {
  const { slack, db } = stack;
  const olivia = slack.as(cast.olivia.id);
  await olivia.command('/breakglass');
  await olivia.modal('break_glass_request');
  const sent = await olivia.submit({
    tenant: 'acme',
    scope: 'content_access',
    circumstance: 'critical_incident',
    reason: 'The import is corrupting documents',
    ticket: 'INC-42',
    duration: '60',
  });
  expect(sent.kind).toBe('closed');
  const atOwners = await slack.until(() => slack.messages(channels.acme.id)[0], 'the card for the owners');
  await slack.as(cast.anna.id).click(atOwners, 'approve');
  const atSecurity = await slack.until(() => slack.messages(channels.security.id)[0], 'the card for security');
  await slack.as(cast.sam.id).click(atSecurity, 'approve');
  await slack.until(
    () => slack.messages(channels.acme.id)[0]?.text.includes('(active)'),
    'the card to show that it is active',
  );
  const [grant] = await db.query<{ expires_at: Date }>('superuser', 'select expires_at from grants');
  await db.clock.advanceTo(grant?.expires_at ?? new Date(0));
  await slack.until(
    () => slack.messages(channels.security.id).some(({ text }) => text.includes('Access is over')),
    'the notice',
  );
});
