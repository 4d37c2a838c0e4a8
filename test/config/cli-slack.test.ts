import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configuration, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { lint } from '../../src/cli/lint.ts';
import { commands } from './command.ts';
import { file, settingsOf } from './files.ts';

const { cli, folder } = commands();
let slack: LocalSlack;
beforeAll(async () => {
  slack = await startLocalSlack({ ...workspace, pacing: false });
  populate(slack);
  writeFileSync(path.join(folder(), 'sandbox.yml'), configuration);
});
beforeEach(() => slack.clearFaults());
afterAll(() => slack.stop());

const withSlack = () => ({ SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: workspace.botToken });
const ownerless = 'warning: tenants.initech.owners: nobody, so ops and security decide instead of an owner';

/** What would be printed, each line after `warning: `. */
const warningsOf = (keys: Readonly<Record<string, string>>): Promise<string[]> =>
  lint(settingsOf(file(keys)), { botToken: workspace.botToken, apiUrl: slack.apiUrl });

const staff = 'operator: { people: [U0OLIVIA] }, security: { people: [U0SAM, U0SOFIA] }, auditor: { people: [U0ADA] }';
const allRight = `{ ${staff}, ops: { people: [U0PETRA, U0PAUL] } }`;

describe('with a token, config check asks Slack about everybody and everything named', () => {
  test('and has nothing to say where Slack knows them all', async () => {
    const { out } = await cli(['config', 'check', 'sandbox.yml'], withSlack());
    expect(out).toEqual([ownerless, 'sandbox.yml can be used; 1 to look at.']);
    expect(new Set(slack.calls().map(({ method }) => method))).toEqual(
      new Set(['auth.test', 'usergroups.list', 'users.info', 'conversations.info']),
    );
  });

  test('and prints what it heard, exit code 0', async () => {
    slack.addChannel({ id: 'C0EXT', is_ext_shared: true });
    writeFileSync(
      path.join(folder(), 'wrong.yml'),
      file({
        channels: '{ security: C0NOWHERE, ops: C0OPS }',
        roles: `{ ${staff}, ops: { people: [U0PETRA, U0PAUL, U0GWEN], groups: [S0NOBODY] } }`,
        tenants: '[{ key: a, name: A, channel: C0EXT, owners: [U0ANNA, U0GINA] }]',
      }),
    );
    expect(await cli(['config', 'check', 'wrong.yml'], withSlack())).toMatchObject({
      code: 0,
      out: [
        "warning: user group S0NOBODY: unknown to Slack, or disabled, or another company's",
        'warning: T0HOME:U0GWEN: could not act (guest)',
        'warning: channel C0NOWHERE: channel_not_found',
        'warning: channel C0EXT: another company reads it, so no request is posted there',
        'wrong.yml can be used; 4 to look at.',
      ],
      err: [],
    });
  });

  test('channels that are unknown, archived, without the bot, hidden from it, or read by another company', async () => {
    slack.addChannel({ id: 'C0OLD', is_archived: true });
    slack.addChannel({ id: 'C0ALONE', bot: false });
    slack.addChannel({ id: 'C0HIDDEN', bot: false, is_private: true });
    for (const [id, how] of [
      ['C0EXT', { is_ext_shared: true }],
      ['C0PENDING', { is_pending_ext_shared: true }],
      ['C0GRID', { is_org_shared: true }],
      ['C0AGREED', { is_ext_shared: true }],
    ] as const)
      slack.addChannel({ id, ...how });
    const rooms = ['C0NOWHERE', 'C0OLD', 'C0ALONE', 'C0HIDDEN', 'C0EXT', 'C0PENDING', 'C0GRID', 'C0AGREED'];
    const owners = 'owners: [U0ANNA, U0GINA]';
    const tenants = rooms.map(
      (room, i) => `{ key: t${i}, name: T, channel: ${room}, ${owners}, shared: ${room === 'C0AGREED'} }`,
    );
    expect(await warningsOf({ roles: allRight, tenants: `[${tenants}]` })).toEqual([
      'channel C0NOWHERE: channel_not_found',
      'channel C0OLD: it is archived',
      'channel C0ALONE: the bot is not in it; invite it',
      'channel C0HIDDEN: channel_not_found',
      'channel C0EXT: another company reads it, so no request is posted there',
      'channel C0PENDING: another company reads it, so no request is posted there',
      'channel C0GRID: another company reads it, so no request is posted there',
    ]);
  });

  test('a shared channel is agreed to for a tenant, never for security or ops', async () => {
    const keys = { channels: '{ security: C0ACME, ops: C0OPS }', roles: allRight };
    expect(await warningsOf(keys)).toEqual(['channel C0ACME: another company reads it, so no request is posted there']);
  });

  test('groups that are unknown, disabled or another company’s give nobody anything', async () => {
    slack.addGroup({ id: 'S0OFF', users: ['U0PETRA', 'U0PAUL'], date_delete: 1_700_000_000 });
    slack.addGroup({ id: 'S0EXT', users: ['U0PETRA', 'U0PAUL'], is_external: true });
    const warnings = await warningsOf({ roles: `{ ${staff}, ops: { groups: [S0NOBODY, S0OFF, S0EXT] } }` });
    expect(warnings).toEqual([
      'roles.ops: nobody can be reached, and create_platform_owner, reset_admin_password, reenable_admin wait for this leg; name at least two',
      ...['S0NOBODY', 'S0OFF', 'S0EXT'].map(
        (id) => `user group ${id}: unknown to Slack, or disabled, or another company's`,
      ),
    ]);
  });

  test('people who hold a role by name and could not act do not count', async () => {
    slack.addUser({ id: 'U0GONE', deleted: true });
    slack.addUser({ id: 'U0ROBOT', is_bot: true });
    const ops = 'U0GWEN, U0GONE, U0ROBOT, U0STAN, U0BEN, U0NOBODY, U0PETRA';
    expect(await warningsOf({ roles: `{ ${staff}, ops: { people: [${ops}] } }` })).toEqual([
      'roles.ops: one person can be reached, and create_platform_owner, reset_admin_password, reenable_admin wait for this leg; name at least two',
      'T0HOME:U0GWEN: could not act (guest)',
      'T0HOME:U0GONE: could not act (refused)',
      'T0HOME:U0ROBOT: could not act (refused)',
      'T0HOME:U0STAN: Slack knows this user as T0OTHER:U0STAN',
      'T0HOME:U0BEN: Slack knows this user as T0ACME:U0BEN',
      'T0HOME:U0NOBODY: could not act (refused)',
    ]);
  });

  test('owners may be from elsewhere, and guests only where the file says so for that person', async () => {
    slack.addUser({ id: 'U0LEFT', deleted: true });
    const tenant = (key: string, owners: string) =>
      `{ key: ${key}, name: T, channel: C0ACME, shared: true, owners: [${owners}] }`;
    const agreed = '{ person: U0GWEN, guest: true }';
    const tenants = [
      tenant('a', `'T0ACME:U0BEN', ${agreed}`),
      tenant('b', 'U0ANNA, U0GWEN'),
      tenant('c', 'U0LEFT, U0LEFTTOO'),
    ];
    expect(await warningsOf({ roles: allRight, tenants: `[${tenants}]` })).toEqual([
      'tenants.b.owners: one person decides alone; name at least two',
      'tenants.c.owners: nobody can be reached; name at least two',
      'T0HOME:U0GWEN: could not act (guest)',
      'T0HOME:U0LEFT: could not act (refused)',
      'T0HOME:U0LEFTTOO: could not act (refused)',
    ]);
  });
});

describe('where Slack does not answer, config check says so once and claims nothing', () => {
  test('a token that Slack refuses', async () => {
    const variables = { ...withSlack(), SLACK_BOT_TOKEN: 'xoxb-s3cr3t' };
    const { code, out, err } = await cli(['config', 'check', 'sandbox.yml'], variables);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: [ownerless, 'warning: Slack could not be asked: invalid_auth', 'sandbox.yml can be used; 2 to look at.'],
      err: [],
    });
  });

  test('nobody at the address', async () => {
    slack.fault('auth.test', { kind: 'reset' });
    const { code, out } = await cli(['config', 'check', 'sandbox.yml'], withSlack());
    expect(code).toBe(0);
    expect(out[1]).toMatch(/^warning: Slack could not be asked: no answer/);
    expect(out).toHaveLength(3);
  });

  test('groups that may not be read: their role is neither filled nor empty', async () => {
    slack.fault('usergroups.list', { kind: 'platform_error', error: 'missing_scope' });
    expect(await warningsOf({ roles: `{ ${staff}, ops: { groups: [S0OPS] } }` })).toEqual([
      'user groups S0OPS: missing_scope',
    ]);
  });

  test('people about whom Slack says nothing are not said to be somebody else', async () => {
    slack.fault('users.info', { kind: 'rate_limited', retryAfter: 30 }, { times: 1 });
    expect(await warningsOf({ roles: allRight })).toEqual([
      'roles.operator: nobody holds it, so nobody can ask for access',
      'T0HOME:U0OLIVIA: Slack did not say who this is',
    ]);
  });
});
