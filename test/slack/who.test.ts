import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import type { JsonObject, LocalSlack, NewUser } from '../../sandbox/slack/index.ts';
import { configured } from '../journeys/configurations.ts';
import { answerTo, approve, ask, command, decideByForm, press, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Everybody below is named as ops and as operator unless a row says how they came by the role. */
interface Outsider {
  who: string;
  flags?: Omit<NewUser, 'id'>;
  /** Only by user group: as operator and as ops. */
  group?: 'S0OPS' | 'S0GONE' | 'S0ALIEN' | 'S0QUIET' | 'none';
  /** What happens to them or their group after the requests were made. */
  later?: (slack: LocalSlack, user: string) => unknown;
  /** They may ask, and only can't decide. */
  mayRequest?: true;
  unsure?: true;
}

const outsiders: Outsider[] = [
  { who: 'a guest', flags: { is_restricted: true } },
  { who: 'a guest of one channel', flags: { is_ultra_restricted: true } },
  { who: 'a stranger from another company', flags: { is_stranger: true, team_id: 'T0OTHER' } },
  { who: 'a bot', flags: { is_bot: true } },
  { who: "an app's user", flags: { is_app_user: true } },
  { who: 'a workflow', flags: { is_workflow_bot: true } },
  { who: 'somebody deactivated', flags: { deleted: true } },
  { who: 'a member of another team who has the id of one of ours', flags: { team_id: 'T0ACME' } },
  { who: 'somebody whom Slack does not know', later: failing('user_not_found') },
  { who: 'somebody whom the bot may not see', later: failing('user_not_visible') },
  { who: 'somebody in the channel who has no role', group: 'none' },
  {
    who: 'somebody deactivated after the request',
    later: (slack, id) => void slack.updateUser(id, { deleted: true }),
  },
  {
    who: 'somebody who became a guest after the request',
    later: (slack, id) => void slack.updateUser(id, { is_restricted: true }),
  },
  {
    who: 'somebody who joined the user group after the request',
    group: 'none',
    mayRequest: true,
    later: async (slack, id) => {
      slack.updateGroup('S0OPS', { users: [...usersOf(slack, 'S0OPS'), id] });
      // Reads the group anew, so that what follows does not rest on who was in it a moment ago.
      await command(stack, 'paul', '/breakglass status');
    },
  },
  {
    who: 'somebody who left the user group after the request',
    group: 'S0OPS',
    later: (slack, id) => void slack.updateGroup('S0OPS', { users: usersOf(slack, 'S0OPS').filter((u) => u !== id) }),
  },
  {
    who: 'somebody who was looked up a moment ago and was deactivated since',
    later: async (slack, id) => {
      await command(stack, { id }, '/breakglass status');
      slack.updateUser(id, { deleted: true });
    },
  },
  {
    who: 'somebody who was looked up a moment ago and left the user group since',
    group: 'S0OPS',
    later: async (slack, id) => {
      await command(stack, { id }, '/breakglass status');
      slack.updateGroup('S0OPS', { users: usersOf(slack, 'S0OPS').filter((u) => u !== id) });
    },
  },
  {
    who: 'a member of a user group that was deleted',
    group: 'S0GONE',
    later: (slack) => void slack.updateGroup('S0GONE', { date_delete: 1_700_000_000 }),
  },
  {
    who: 'a member of a user group that is another company’s',
    group: 'S0ALIEN',
    later: (slack) => void slack.updateGroup('S0ALIEN', { is_external: true }),
  },
  {
    who: 'a member of a user group that Slack does not read out',
    group: 'S0QUIET',
    later: (slack) => void slack.fault('usergroups.list', { kind: 'error_before' }),
    unsure: true,
  },
  {
    who: 'somebody of whom Slack says nothing',
    later: (slack) => void slack.fault('users.info', { kind: 'error_before' }),
    unsure: true,
  },
  { who: 'somebody of whom the bot may not ask', later: failing('missing_scope'), unsure: true },
  {
    who: 'somebody of whom Slack says only that it is busy',
    later: (slack) => void slack.fault('users.info', { kind: 'rate_limited', retryAfter: 30 }),
    unsure: true,
  },
];

function failing(error: string): (slack: LocalSlack) => void {
  return (slack) => void slack.fault('users.info', { kind: 'platform_error', error });
}
const usersOf = (slack: LocalSlack, group: string): string[] => slack.world.directory.groups.get(group)?.users ?? [];

const idOf = (index: number) => `U0OUT${String(index).padStart(2, '0')}`;
const named = outsiders.flatMap(({ group }, index) => (group === undefined ? [idOf(index)] : []));

let stack: TestStack;
/** One waits for ops and security, one is active: nobody below changes either. */
let waiting: string;
let active: string;
let submission: JsonObject;

beforeAll(async () => {
  stack = await startTestStack({
    yaml: configured({
      'operator: { people: [U0OLIVIA, U0OMAR] }': `operator: { people: [U0OLIVIA, U0OMAR, ${named}], groups: [S0OPS, S0GONE, S0ALIEN, S0QUIET] }`,
      'ops: { people: [U0PETRA], groups: [S0OPS] }': `ops: { people: [U0PETRA, ${named}], groups: [S0OPS, S0GONE, S0ALIEN, S0QUIET] }`,
    }),
  });
  // Each minute it would ask Slack about Olivia and Omar too, who are as unknown as everybody in some rows.
  await stack.bot.clock.leavers.stop();
  const { slack } = stack;
  outsiders.forEach(({ flags }, index) => void slack.addUser({ id: idOf(index), ...flags }));
  const inGroup = (group: string) => outsiders.flatMap((each, index) => (each.group === group ? [idOf(index)] : []));
  slack.updateGroup('S0OPS', { users: ['U0PAUL', ...inGroup('S0OPS')] });
  for (const id of ['S0GONE', 'S0ALIEN', 'S0QUIET']) slack.addGroup({ id, users: inGroup(id) });
  slack.updateChannel(channels.ops.id, {
    members: [...channels.ops.members, ...outsiders.map((_, index) => idOf(index))],
  });
  waiting = await ask(stack, { scope: 'create_platform_owner' });
  submission = slack.deliveries.findLast(({ body }) => body.type === 'view_submission')?.body ?? {};
  active = await ask(stack, { by: 'omar', tenant: 'globex', scope: 'create_platform_owner' });
  await approve(stack, 'petra', channels.ops.id, active);
  await approve(stack, 'sam', channels.security.id, active);
  await untilState(stack, active, 'active');
});
afterAll(() => stack.stop());

const everything = () =>
  stack.db.query(
    'superuser',
    'select to_jsonb(g) || jsonb_build_object($1::text, (select jsonb_agg(to_jsonb(l) order by role) from legs l where l.grant_id = g.id)) as it from grants g order by id',
    ['legs'],
  );
const refusals = (user: string) =>
  stack.db.query<{ verb: string; refusal: string; about: string }>(
    'superuser',
    `select details->>'verb' as verb, details->>'refusal' as refusal, details->>'about' as about
       from audit_events where action = 'access.refused' and actor like $1 order by id`,
    [`slack:%:${user}`],
  );

/** A form sent in somebody's name, whatever their client showed them. */
async function forgedRequest(user: string): Promise<string> {
  const view = { ...(submission.view as JsonObject), id: `V${user}` };
  const { body } = await stack.slack.post({ ...submission, view, user: { id: user, team_id: 'T0HOME' } });
  return body;
}

describe.each(outsiders.map((each, index) => ({ ...each, user: idOf(index) })))('$who', (outsider) => {
  const { user, later, unsure, mayRequest } = outsider;
  const who = { id: user };
  const slackSays = 'Slack did not confirm who you are';
  beforeAll(() => later?.(stack.slack, user));
  afterAll(() => stack.slack.clearFaults());

  const decisions = [
    { verb: 'approve', grant: () => waiting, answer: () => press(stack, who, channels.ops.id, waiting, 'approve') },
    { verb: 'approve', grant: () => waiting, form: 'approve_shorter', entries: { duration: '5' } },
    { verb: 'deny', grant: () => waiting, form: 'deny', entries: { comment: 'because I can' } },
    { verb: 'revoke', grant: () => active, form: 'revoke', entries: { comment: 'because I can' } },
  ] as const;

  test('can’t approve, approve for less time, deny or revoke; nothing changes, and each try is on record', async () => {
    const before = await everything();
    for (const { verb, grant, ...how } of decisions) {
      let answer: string;
      if ('form' in how) {
        const sent = await decideByForm(stack, who, channels.ops.id, grant(), how.form, how.entries);
        if (sent.kind !== 'updated') throw new Error(`${verb} was answered with ${sent.kind}`);
        answer = JSON.stringify(sent.view.definition);
      } else answer = await answerTo(stack, who, how.answer);
      expect(answer).toContain(unsure ? slackSays : 'Only o');
      expect(await refusals(user)).toContainEqual({ verb, refusal: 'not_the_role', about: grant() });
    }
    expect(await everything()).toEqual(before);
  });

  if (mayRequest) return;
  test('can’t ask for access', async () => {
    const before = await everything();
    expect(await forgedRequest(user)).toContain(unsure ? slackSays : 'Only operators can ask');
    expect(await everything()).toEqual(before);
    expect(await refusals(user)).toContainEqual({ verb: 'request', refusal: 'not_an_operator', about: 'acme' });
  });
});

test('those who were there all along still can: the rows above were refused for who they are', async () => {
  await approve(stack, 'paul', channels.ops.id, waiting);
  await approve(stack, 'sofia', channels.security.id, waiting);
  await untilState(stack, waiting, 'active');
});
