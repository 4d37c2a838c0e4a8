import { describe, expect, test } from 'vitest';
import { client, localSlack, refusal } from './cast.ts';

describe('users.info', () => {
  test('tells who somebody is and where they are from', async () => {
    const slack = await localSlack();
    const { user } = await client(slack).users.info({ user: 'U0EVE' });
    expect(user).toMatchObject({
      id: 'U0EVE',
      team_id: 'T0ACME',
      name: 'eve',
      deleted: false,
      is_bot: false,
      is_restricted: false,
    });
  });

  test.each([
    'deleted',
    'is_bot',
    'is_app_user',
    'is_workflow_bot',
    'is_stranger',
    'is_restricted',
    'is_ultra_restricted',
  ] as const)('%s is told', async (flag) => {
    const slack = await localSlack();
    slack.updateUser('U0BOB', { [flag]: true });
    const { user } = await client(slack).users.info({ user: 'U0BOB' });
    expect(user).toMatchObject({ [flag]: true });
  });

  test('gives the time zone and its offset in seconds', async () => {
    const slack = await localSlack({ now: () => Date.UTC(2026, 6, 1) });
    const { user } = await client(slack).users.info({ user: 'U0ANN' });
    expect(user).toMatchObject({ tz: 'Europe/Berlin', tz_offset: 7_200 });
  });

  test('says little about somebody deactivated, as Slack does', async () => {
    const slack = await localSlack();
    slack.updateUser('U0BOB', { deleted: true });
    const { user } = await client(slack).users.info({ user: 'U0BOB' });
    expect(user).not.toHaveProperty('tz');
    expect(user).not.toHaveProperty('is_restricted');
  });

  test('does not know strangers to the directory', async () => {
    const slack = await localSlack();
    expect(await refusal(client(slack).users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });
});

describe('user groups', () => {
  test('list their members', async () => {
    const slack = await localSlack();
    slack.addGroup({ id: 'S0OPS', handle: 'ops', users: ['U0ANN', 'U0BOB'] });
    expect(await client(slack).usergroups.users.list({ usergroup: 'S0OPS' })).toMatchObject({
      users: ['U0ANN', 'U0BOB'],
    });
  });

  test('that are disabled, or unknown, are no_such_subteam', async () => {
    const slack = await localSlack();
    slack.addGroup({ id: 'S0OLD', date_delete: 1_700_000_000, users: ['U0ANN'] });
    const web = client(slack);
    expect(await refusal(web.usergroups.users.list({ usergroup: 'S0OLD' }))).toBe('no_such_subteam');
    expect(await refusal(web.usergroups.users.list({ usergroup: 'S0NONE' }))).toBe('no_such_subteam');
    expect(await web.usergroups.users.list({ usergroup: 'S0OLD', include_disabled: true })).toMatchObject({
      users: ['U0ANN'],
    });
  });

  test('say whether they are external or disabled', async () => {
    const slack = await localSlack();
    slack.addGroup({ id: 'S0EXT', handle: 'theirs', is_external: true });
    slack.addGroup({ id: 'S0OLD', date_delete: 1_700_000_000 });
    const web = client(slack);
    const { usergroups: shown } = await web.usergroups.list({ include_users: true });
    expect(shown).toMatchObject([{ id: 'S0EXT', handle: 'theirs', is_external: true, date_delete: 0, users: [] }]);
    const { usergroups: every } = await web.usergroups.list({ include_disabled: true });
    expect(every?.map(({ id }) => id)).toEqual(['S0EXT', 'S0OLD']);
  });
});

describe('conversations', () => {
  test.each(['is_ext_shared', 'is_pending_ext_shared', 'is_org_shared', 'is_archived', 'is_private'] as const)(
    '%s is told',
    async (flag) => {
      const slack = await localSlack();
      slack.addChannel({ id: 'C0NEW', [flag]: true });
      const { channel } = await client(slack).conversations.info({ channel: 'C0NEW' });
      expect(channel).toMatchObject({ id: 'C0NEW', is_member: true, [flag]: true });
    },
  );

  test('that are private and without the bot do not exist for it', async () => {
    const slack = await localSlack();
    slack.addChannel({ id: 'C0NEW', is_private: true, bot: false });
    expect(await refusal(client(slack).conversations.info({ channel: 'C0NEW' }))).toBe('channel_not_found');
    slack.updateChannel('C0NEW', { is_private: false });
    expect(await client(slack).conversations.info({ channel: 'C0NEW' })).toMatchObject({
      channel: { is_member: false },
    });
  });

  test('list their members page by page', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const first = await web.conversations.members({ channel: 'C0GENERAL', limit: 3 });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await web.conversations.members({ channel: 'C0GENERAL', limit: 3, cursor });
    expect([first.members, second.members]).toEqual([['U0BOT', 'U0ANN', 'U0BOB'], ['U0EVE']]);
    expect(second.response_metadata?.next_cursor).toBe('');
  });

  test('with one person are opened once', async () => {
    const slack = await localSlack();
    const web = client(slack);
    const first = await web.conversations.open({ users: 'U0ANN' });
    const again = await web.conversations.open({ users: 'U0ANN', return_im: true });
    expect(first.channel?.id).toBe(slack.as('U0ANN').dm());
    expect(again).toMatchObject({ already_open: true, channel: { id: first.channel?.id, is_im: true, user: 'U0ANN' } });
  });

  test.each([
    ['nobody', { users: 'U0NOBODY' }, 'user_not_found'],
    ['somebody deactivated', { users: 'U0BOB' }, 'user_disabled'],
    ['a bot', { users: 'U0BOT' }, 'cannot_dm_bot'],
  ])('with %s are not opened', async (_, args, error) => {
    const slack = await localSlack();
    slack.updateUser('U0BOB', { deleted: true });
    expect(await refusal(client(slack).conversations.open(args))).toBe(error);
  });
});
