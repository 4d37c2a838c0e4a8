import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import type { LocalSlack } from '../../sandbox/slack/index.ts';
import { configured } from '../journeys/configurations.ts';
import { approve, ask, auditOf, command, dmOf, said, stateOf, tidy, untilState, type Who } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Olivia is an operator by name, Gabi by user group. */
const gabi = { id: 'U0GABI' };
const yaml = configured({
  'operator: { people: [U0OLIVIA, U0OMAR] }': 'operator: { people: [U0OLIVIA, U0OMAR], groups: [S0CREW] }',
});

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml });
  stack.slack.addUser({ id: gabi.id, real_name: 'Gabi' });
  stack.slack.addGroup({ id: 'S0CREW', users: [gabi.id] });
});
afterEach(async () => {
  stack.slack.clearFaults();
  stack.slack.unrevoke();
  stack.slack.up();
  for (const id of ['U0OLIVIA', gabi.id]) stack.slack.updateUser(id, { deleted: false, is_restricted: false });
  stack.slack.addGroup({ id: 'S0CREW', users: [gabi.id], date_delete: 0, is_external: false });
  await tidy(stack);
  // Reads the groups anew: that somebody was in none a moment ago is remembered for a minute.
  await command(stack, 'paul', '/breakglass status');
});
afterAll(() => stack.stop());

/** One grant that is active and one that waits, of somebody. */
async function both(by: Who): Promise<{ active: string; waiting: string }> {
  const active = await ask(stack, { by });
  await approve(stack, 'anna', channels.acme.id, active);
  await approve(stack, 'sam', channels.security.id, active);
  await untilState(stack, active, 'active');
  const waiting = await ask(stack, { by, tenant: 'globex', scope: 'workspace_recovery' });
  return { active, waiting };
}

const leavings: { what: string; who: Who; happens: (slack: LocalSlack) => unknown }[] = [
  { what: 'is deactivated', who: 'olivia', happens: (slack) => slack.updateUser('U0OLIVIA', { deleted: true }) },
  { what: 'becomes a guest', who: 'olivia', happens: (slack) => slack.updateUser('U0OLIVIA', { is_restricted: true }) },
  { what: 'leaves the user group', who: gabi, happens: (slack) => slack.updateGroup('S0CREW', { users: [] }) },
  {
    what: 'is in a group that was deleted',
    who: gabi,
    happens: (slack) => slack.updateGroup('S0CREW', { date_delete: 1 }),
  },
  {
    what: 'is in a group that was given away',
    who: gabi,
    happens: (slack) => slack.updateGroup('S0CREW', { is_external: true }),
  },
];

describe('an operator who', () => {
  test.each(leavings)(
    '$what loses what is active and what waits, and everybody who saw it is told',
    async ({ who, happens }) => {
      const { active, waiting } = await both(who);
      const others = await ask(stack, { by: 'omar', tenant: 'globex', scope: 'reset_admin_password' });
      await happens(stack.slack);
      stack.bot.clock.leavers.ring();
      await untilState(stack, active, 'revoked');
      await untilState(stack, waiting, 'withdrawn');
      expect((await auditOf(stack, active)).slice(-2)).toEqual(['break_glass.revoked', 'break_glass.review_opened']);
      expect((await auditOf(stack, waiting)).at(-1)).toBe('support_access.withdrawn');
      const actors = await stack.db.query<{ actor: string }>(
        'superuser',
        "select distinct actor from audit_events where action in ('break_glass.revoked', 'support_access.withdrawn') and grant_id = any ($1)",
        [[active, waiting]],
      );
      expect(actors).toEqual([{ actor: 'system:leavers' }]);
      for (const place of [channels.acme.id, channels.security.id, dmOf(stack, who)]) {
        await said(stack, place, 'Reason: The requester is no longer an operator.');
      }
      expect(await stateOf(stack, others)).toBe('requested');
    },
  );
});

const outages: { what: string; who: Who; fails: (slack: LocalSlack) => unknown }[] = [
  { what: 'Slack is gone', who: 'olivia', fails: (slack) => slack.down() },
  { what: 'the bot’s token is revoked', who: 'olivia', fails: (slack) => slack.revoke() },
  {
    what: 'people can’t be looked up',
    who: 'olivia',
    fails: (slack) => slack.fault('users.info', { kind: 'error_before' }),
  },
  { what: 'look-ups are cut off', who: 'olivia', fails: (slack) => slack.fault('users.info', { kind: 'reset' }) },
  {
    what: 'look-ups break off half way',
    who: 'olivia',
    fails: (slack) => slack.fault('users.info', { kind: 'half_answer' }),
  },
  {
    what: 'look-ups are rate limited',
    who: 'olivia',
    fails: (slack) => slack.fault('users.info', { kind: 'rate_limited', retryAfter: 30 }),
  },
  {
    what: 'the right to look people up is missing',
    who: 'olivia',
    fails: (slack) => slack.fault('users.info', { kind: 'platform_error', error: 'missing_scope' }),
  },
  {
    what: 'user groups can’t be read',
    who: gabi,
    fails: (slack) => slack.fault('usergroups.list', { kind: 'error_before' }),
  },
  {
    what: 'user groups can’t be read for a moment',
    who: gabi,
    fails: (slack) => slack.fault('usergroups.list', { kind: 'error_before' }, { times: 1 }),
  },
  {
    what: 'user groups are rate limited',
    who: gabi,
    fails: (slack) => slack.fault('usergroups.list', { kind: 'rate_limited', retryAfter: 30 }),
  },
];

describe('nothing is taken from anybody while nobody can say:', () => {
  test.each(outages)('$what', async ({ who, fails }) => {
    const { active, waiting } = await both(who);
    await fails(stack.slack);
    stack.bot.clock.leavers.ring();
    // Stopping waits for what is running.
    await stack.bot.clock.leavers.stop();
    expect(await stateOf(stack, active)).toBe('active');
    expect(await stateOf(stack, waiting)).toBe('requested');
    stack.slack.up();
    stack.slack.clearFaults();
    stack.slack.unrevoke();
    await stack.restart(yaml);
    await stack.bot.clock.leavers.stop();
    expect(await stateOf(stack, active)).toBe('active');
    expect(await stateOf(stack, waiting)).toBe('requested');
    await stack.restart(yaml);
  });
});
