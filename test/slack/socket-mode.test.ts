import { afterAll, beforeAll, expect, test } from 'vitest';
import { cast, channels, workspace } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  const environment = { SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: workspace.appToken };
  stack = await startTestStack({ environment });
});
afterAll(() => stack.stop());

test('over a socket, without any port for Slack, a request goes from the command to the card', async () => {
  const { slack, bot } = stack;
  expect(bot.slackPort).toBeNull();
  const olivia = slack.as(cast.olivia.id);
  await olivia.command('/support-access');
  await olivia.modal('support_access_request');
  const sent = await olivia.submit({
    tenant: 'globex',
    scope: 'audit_view',
    reason: 'Looking for who changed the billing settings',
    ticket: 'SUP-7',
    duration: '60',
  });
  expect(sent.kind).toBe('closed');
  const told = await slack.until(() => slack.messages(channels.globex.id)[0], 'the owners to be told');
  expect(told.text).toContain('(active)');
});
