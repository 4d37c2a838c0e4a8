import type { SubteamUpdatedEvent, UserChangeEvent } from '@slack/types';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import { groupMembersChanged, groupUpdated, type JsonObject, userChanged } from '../../sandbox/slack/index.ts';
import { onGroupChange, onUserChange, type PeopleDoor } from '../../src/slack/flows/people-changed.ts';
import { configured } from '../journeys/configurations.ts';
import { approve, as, ask, command, quiet, stateOf, tidy, untilState, type Who } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Olivia is an operator by name, Gabi by user group. Nothing here rings the clock: the event alone does it. */
const gabi = { id: 'U0GABI' };
const yaml = configured({
  'operator: { people: [U0OLIVIA, U0OMAR] }': 'operator: { people: [U0OLIVIA, U0OMAR], groups: [S0CREW] }',
});

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml });
  stack.slack.addUser({ id: gabi.id, real_name: 'Gabi' });
  stack.slack.addGroup({ id: 'S0CREW', users: [gabi.id] });
  stack.slack.addGroup({ id: 'S0LUNCH', users: [gabi.id] });
});
afterEach(async () => {
  for (const id of ['U0OLIVIA', gabi.id]) stack.slack.updateUser(id, { deleted: false, is_restricted: false });
  stack.slack.addGroup({ id: 'S0CREW', users: [gabi.id], date_delete: 0 });
  await stack.slack.event(groupUpdated(stack.slack.world, 'S0CREW'));
  await tidy(stack);
  await command(stack, 'paul', '/breakglass status');
});
afterAll(() => stack.stop());

async function activeAndWaiting(by: Who): Promise<[string, string]> {
  const active = await ask(stack, { by });
  await approve(stack, 'anna', channels.acme.id, active);
  await approve(stack, 'sam', channels.security.id, active);
  await untilState(stack, active, 'active');
  return [active, await ask(stack, { by, tenant: 'globex', scope: 'workspace_recovery' })];
}

const world = () => stack.slack.world;
const ends: { what: string; who: Who; change: () => unknown; event: () => Promise<unknown> }[] = [
  {
    what: 'an account is deactivated',
    who: 'olivia',
    change: () => stack.slack.updateUser('U0OLIVIA', { deleted: true }),
    event: () => stack.slack.userChange('U0OLIVIA'),
  },
  {
    what: 'an account becomes a guest’s',
    who: 'olivia',
    change: () => stack.slack.updateUser('U0OLIVIA', { is_restricted: true }),
    event: () => stack.slack.userChange('U0OLIVIA'),
  },
  {
    what: 'somebody leaves the operators’ group',
    who: gabi,
    change: () => stack.slack.updateGroup('S0CREW', { users: [] }),
    event: () => stack.slack.event(groupMembersChanged(world(), 'S0CREW', { removed: [gabi.id] })),
  },
  {
    what: 'the operators’ group is deleted',
    who: gabi,
    change: () => stack.slack.updateGroup('S0CREW', { date_delete: 1 }),
    event: () => stack.slack.event(groupUpdated(world(), 'S0CREW')),
  },
];

describe('as soon as Slack says that', () => {
  test.each(ends)('$what, what they hold and what waits is over', async ({ who, change, event }) => {
    const [active, waiting] = await activeAndWaiting(who);
    await change();
    await event();
    await untilState(stack, active, 'revoked');
    await untilState(stack, waiting, 'withdrawn');
  });

  test('a group is deleted, those in it can ask for nothing any more', async () => {
    stack.slack.updateGroup('S0CREW', { date_delete: 1 });
    await stack.slack.event(groupUpdated(world(), 'S0CREW'));
    await as(stack, gabi).command('/breakglass');
    await stack.slack.until(
      () => JSON.stringify(as(stack, gabi).view?.definition ?? '').includes('Only operators can ask for access'),
      'the refusal',
    );
    await as(stack, gabi).close();
  });
});

describe('an event', () => {
  const calls = (method: string) => stack.slack.calls(method).length;

  /** What the bot makes of an event: whom it forgets, and whether it looks for leavers. */
  function madeOf(event: JsonObject): string[] {
    const made: string[] = [];
    const door: PeopleDoor = {
      settings: () => ({ roles: { operator: { groups: ['S0CREW'] } } }),
      directory: { forget: (id: string) => made.push(`forget ${id}`), forgetGroups: () => made.push('forget groups') },
      peopleChanged: () => made.push('look for leavers'),
    };
    const given: UserChangeEvent & SubteamUpdatedEvent = JSON.parse(JSON.stringify(event)); // as it comes, whatever it is
    if (event.type === 'user_change') onUserChange(door, given);
    else onGroupChange(door, given);
    return made;
  }

  test.each<[string, () => JsonObject, string[]]>([
    ['a new picture', () => userChanged(world(), 'U0OLIVIA'), ['forget U0OLIVIA']],
    ['new members of another group', () => groupMembersChanged(world(), 'S0LUNCH', { removed: [gabi.id] }), []],
    ['a new name of another group', () => groupUpdated(world(), 'S0LUNCH'), []],
    [
      'a new name of the operators’ group',
      () => groupUpdated(world(), 'S0CREW'),
      ['forget groups', 'look for leavers'],
    ],
  ])('of %s makes the bot do what it has to, and no more', (_, event, made) => {
    expect(madeOf(event())).toEqual(made);
  });

  test('that only claims something takes nothing: what counts is what Slack answers', async () => {
    const [active] = await activeAndWaiting('olivia');
    const looked = calls('users.info');
    await stack.slack.event({ type: 'user_change', user: { id: 'U0OLIVIA', deleted: true }, cache_ts: 1 });
    await stack.slack.until(() => calls('users.info') > looked, 'somebody to look');
    await quiet(stack);
    expect(await stateOf(stack, active)).toBe('active');
  });
});
