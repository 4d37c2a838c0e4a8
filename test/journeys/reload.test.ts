import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { channels, configuration } from '../../sandbox/cast.ts';
import type { Bot } from '../../src/bot.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { configured } from './configurations.ts';
import { answerTo, approve, ask, quiet, said, stateOf, tidy, untilState } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
beforeEach(async () => {
  await stack.restart(configuration);
  await tidy(stack);
});
afterAll(() => stack.stop());

const reloaded = (bot: Bot, yaml: string): Promise<void> => {
  stack.edit(bot, yaml);
  return bot.reload();
};
const loggedAbout = (words: string) => stack.log.filter(({ msg }) => String(msg).includes(words));
const withoutOlivia = configured({ 'operator: { people: [U0OLIVIA, U0OMAR] }': 'operator: { people: [U0OMAR] }' });

test('an operator whom the new file does not name loses what is active and what waits at once', async () => {
  const active = await ask(stack, { scope: 'audit_view', duration: '240' });
  await untilState(stack, active, 'active');
  const waiting = await ask(stack);
  const others = await ask(stack, { by: 'omar', scope: 'audit_view', duration: '240' });
  await untilState(stack, others, 'active');
  await reloaded(stack.bot, withoutOlivia);
  await untilState(stack, active, 'revoked');
  await untilState(stack, waiting, 'withdrawn');
  expect(await stateOf(stack, others)).toBe('active');
  await said(stack, channels.acme.id, 'The requester is no longer an operator.');
});

test('a file that is broken is refused a line a mistake; everybody goes on by the one before', async () => {
  const before = loggedAbout('was refused').length;
  await reloaded(
    stack.bot,
    configuration.replace('security: C0SECURITY', 'security: nowhere').replace('team: T0HOME', 'team: 1'),
  );
  const mistakes = loggedAbout('was refused').slice(before);
  expect(mistakes.map(({ mistake }) => mistake)).toEqual([
    expect.stringContaining('slack.team'),
    expect.stringContaining('channels.security'),
  ]);
  const grant = await ask(stack);
  await approve(stack, 'anna', channels.acme.id, grant);
  await approve(stack, 'sam', channels.security.id, grant);
  await untilState(stack, grant, 'active');
});

test('a replica whose file is the old one decides nothing and says why, until its file is the new one', async () => {
  const grant = await ask(stack);
  await quiet(stack);
  const other = await stack.anotherBot();
  const changed = `${configuration}\n# a change\n`;
  await reloaded(other, changed);
  // Slack talks to the one that came last; the one before is asked by name.
  stack.slack.pointAt(`http://127.0.0.1:${stack.bot.slackPort}/slack/events`);
  await stack.logged('another configuration is in force; this process decides nothing until it has it too');
  expect(await answerTo(stack, 'anna', () => approve(stack, 'anna', channels.acme.id, grant))).toBe(
    'The configuration just changed. Try again in a few seconds.',
  );
  expect(await stateOf(stack, grant)).toBe('requested');

  await reloaded(stack.bot, changed);
  await approve(stack, 'anna', channels.acme.id, grant);
  await approve(stack, 'sam', channels.security.id, grant);
  await untilState(stack, grant, 'active');
});

test('a replica whose file is the new one already goes on by itself when another puts it in force', async () => {
  const changed = `${configuration}\n# a change\n`;
  const grant = await ask(stack);
  await quiet(stack);
  const other = await stack.anotherBot();
  stack.edit(stack.bot, changed);
  const taken = stack.log.filter(({ msg }) => msg === 'configuration in force').length;
  await reloaded(other, changed);
  await stack.logged('configuration in force', taken + 2);
  stack.slack.pointAt(`http://127.0.0.1:${stack.bot.slackPort}/slack/events`);
  await approve(stack, 'anna', channels.acme.id, grant);
  await approve(stack, 'sam', channels.security.id, grant);
  await untilState(stack, grant, 'active');
});
