import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { cast } from '../../sandbox/cast.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { troubleSentence } from '../../src/slack/views/refusals.ts';
import { answerTo, as, ask, entriesFor, openForm, tidy, type Who } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const names = ['acme', 'Acme Corp', 'globex', 'Globex', 'initech', 'Initech'];
const commands = ['/breakglass', '/support-access'] as const;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

/** Everything the bot sent to anybody so far: calls, answers to buttons and commands, acknowledgements. */
const everythingSent = () =>
  JSON.stringify([stack.slack.calls().map(({ args }) => args), stack.slack.deliveries.map(({ ack }) => ack)]);

const shown = (who: Who, words: string) =>
  stack.slack.until(
    () => JSON.stringify(as(stack, who).view?.definition ?? '').includes(words),
    `"${words}" on screen`,
  );

/** What Slack sends while somebody types into the tenant field; anybody's, whether they have the form or not. */
async function suggestions(user: string, value: string): Promise<unknown> {
  const asked: JsonObject = { type: 'block_suggestion', action_id: 'tenant', block_id: 'tenant', value };
  const { body } = await stack.slack.post({
    ...asked,
    team: { id: 'T0HOME', domain: 'home' },
    user: { id: user, team_id: 'T0HOME' },
    container: { type: 'view', view_id: 'V0FORGED' },
  });
  return JSON.parse(body);
}

describe('who is no operator learns no tenant’s name', () => {
  test.each(
    (['otis', 'gwen', 'stan', 'anna', 'ben', 'sam', 'petra', 'ada'] as const).flatMap((who) =>
      commands.map((command) => ({ who, command })),
    ),
  )('$who types $command', async ({ who, command }) => {
    await as(stack, who).command(command);
    await shown(who, 'Only operators can ask for access');
    for (const name of names) expect(everythingSent()).not.toContain(name);
  });

  test.each(commands)('somebody of whom Slack says nothing types %s', async (command) => {
    const fault = stack.slack.fault('users.info', { kind: 'error_before' });
    onTestFinished(() => fault.remove());
    stack.slack.addUser({ id: 'U0SHADOW' });
    await as(stack, { id: 'U0SHADOW' }).command(command);
    await shown({ id: 'U0SHADOW' }, 'Slack did not confirm who you are');
    for (const name of names) expect(everythingSent()).not.toContain(name);
  });

  test('an operator who was never seen before waits at an empty form until it is known who they are', async () => {
    const before = stack.slack.calls('views.open').length;
    await openForm(stack, 'omar');
    const opened = stack.slack.calls('views.open')[before]?.args;
    for (const name of names) expect(JSON.stringify(opened)).not.toContain(name);
    for (const name of names) expect(JSON.stringify(as(stack, 'omar').view?.definition)).toContain(name);
  });

  test.each(['otis', 'gwen', 'stan', 'anna', 'sam'] as const)('options typed by %s are none', async (who) => {
    for (const typed of ['', 'a', 'acme', 'Globex']) {
      expect(await suggestions(cast[who].id, typed)).toEqual({ options: [] });
    }
  });

  test('an operator is offered what matches by key or name', async () => {
    const options = async (typed: string) => JSON.stringify(await suggestions(cast.olivia.id, typed));
    expect(await options('CORP')).toContain('Acme Corp (acme)');
    expect(await options('CORP')).not.toContain('globex');
    expect(await options('glob')).toContain('Globex (globex)');
  });

  test('options are none for somebody of whom Slack says nothing', async () => {
    stack.slack.addUser({ id: 'U0SHADE' });
    const fault = stack.slack.fault('users.info', { kind: 'error_before' });
    onTestFinished(() => fault.remove());
    expect(await suggestions('U0SHADE', '')).toEqual({ options: [] });
  });
});

/** No connection is left and none can be made, as when the database's machine is gone. */
async function databaseDown(): Promise<() => Promise<void>> {
  const session = await stack.db.session('superuser');
  const { rows } = await session.query<{ name: string }>('select current_database() as name');
  await session.query(`alter database ${rows[0]?.name} connection limit 0`);
  await session.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'breakglass_app'`,
  );
  const up = () => session.query(`alter database ${rows[0]?.name} connection limit -1`).then(() => {});
  onTestFinished(up);
  return up;
}

describe('the form needs no database', () => {
  test.each(commands)('a known operator gets the form of %s while the database is away', async (command) => {
    const scope = command === '/breakglass' ? 'content_access' : 'audit_view';
    await openForm(stack, 'olivia', scope);
    await as(stack, 'olivia').close();
    await databaseDown();
    const olivia = await openForm(stack, 'olivia', scope);
    expect(JSON.stringify(olivia.view?.definition)).toContain('Acme Corp (acme)');
  });

  test('anybody else gets the empty form, then one sentence', async () => {
    await databaseDown();
    const answer = await answerTo(stack, 'otis', () => as(stack, 'otis').command('/breakglass'));
    expect(answer).toBe(troubleSentence);
    for (const name of names) expect(JSON.stringify(as(stack, 'otis').view?.definition)).not.toContain(name);
  });

  test('a form sent while the database is away changes nothing, says so, and can be sent again', async () => {
    const olivia = await openForm(stack, 'olivia');
    const up = await databaseDown();
    const sent = await olivia.submit(entriesFor());
    expect(JSON.stringify(sent)).toContain(troubleSentence);
    await up();
    await ask(stack);
    expect(await stack.db.query('superuser', 'select 1 from grants')).toHaveLength(1);
    await tidy(stack);
  });
});
