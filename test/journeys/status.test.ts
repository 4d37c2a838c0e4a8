import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channels, type Player } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { approve, ask, command, tidy, untilState } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

describe('status', () => {
  test('is what one has open, of both kinds, and nobody else’s', async () => {
    const first = await ask(stack);
    await approve(stack, 'anna', channels.acme.id, first);
    await approve(stack, 'sam', channels.security.id, first);
    await untilState(stack, first, 'active');
    await ask(stack, { tenant: 'globex', scope: 'workspace_recovery', ticket: 'INC-7' });
    await ask(stack, { by: 'omar', tenant: 'initech', scope: 'reenable_admin' });
    const answer = await command(stack, 'olivia', '/breakglass status');
    expect(answer).toMatch(/Content access on Acme Corp for @Olivia, ticket INC-42\. Active until .*\./);
    expect(answer).toMatch(
      /Workspace recovery on Globex for @Olivia, ticket INC-7, 30 min\. Waiting for owner until .*\./,
    );
    expect(answer).not.toContain('Initech');
  });

  test('says so where nothing is open', async () => {
    expect(await command(stack, 'olivia', '/breakglass status')).toBe('You have nothing open.');
    expect(await command(stack, 'otis', '/support-access status')).toBe('You have nothing open.');
  });

  test('is seen by the person alone', async () => {
    await ask(stack);
    const before = stack.slack.messages(channels.general.id).length;
    await command(stack, 'olivia', '/breakglass status');
    expect(stack.slack.messages(channels.general.id)).toHaveLength(before);
    expect(stack.slack.as('U0OLIVIA').ephemerals.every(({ ephemeralTo }) => ephemeralTo === 'U0OLIVIA')).toBe(true);
  });
});

describe('status of a tenant', () => {
  const told: { who: Player; because: string }[] = [
    { who: 'anna', because: 'owns it' },
    { who: 'ben', because: 'owns it, from the connected company' },
    { who: 'sam', because: 'is security' },
    { who: 'petra', because: 'is ops' },
    { who: 'paul', because: 'is ops by user group' },
    { who: 'ada', because: 'is an auditor' },
  ];
  test.each(told)('is told to $who, who $because', async ({ who }) => {
    await ask(stack);
    const answer = await command(stack, who, '/breakglass status acme');
    expect(answer).toMatch(
      /Open on Acme Corp\*\n.*Content access on Acme Corp for @Olivia.* Waiting for owner and security/s,
    );
  });

  test('is empty where nothing is open, for those who may know', async () => {
    expect(await command(stack, 'ada', '/breakglass status globex')).toBe('Nothing is open on Globex.');
  });

  test('of the key in capitals is the same', async () => {
    expect(await command(stack, 'ada', '/breakglass status GLOBEX')).toBe('Nothing is open on Globex.');
  });

  const strangers: Player[] = ['olivia', 'omar', 'gina', 'otis', 'gwen', 'stan'];
  test.each(strangers)(
    'for %s a tenant of others, with something open, is like one that does not exist',
    async (who) => {
      await ask(stack, { by: 'omar' });
      const foreign = await command(stack, who, '/breakglass status acme');
      const unknown = await command(stack, who, '/breakglass status umbrella');
      const system = await command(stack, who, '/breakglass status system');
      expect([foreign, unknown, system]).toEqual(Array(3).fill('There is no such tenant that you can use here.'));
      const tries = await stack.db.query<{ details: { about: string } }>(
        'superuser',
        `select details from audit_events where action = 'access.refused' and details->>'verb' = 'status' and actor like $1 order by id`,
        [`%:${stack.slack.as(`U0${who.toUpperCase()}`).id}`],
      );
      expect(tries.map(({ details }) => details)).toEqual(
        ['acme', 'umbrella', 'system'].map((about) => ({ verb: 'status', refusal: 'unknown_tenant', about, times: 1 })),
      );
    },
  );

  test('Slack’s silence is not taken for a no', async () => {
    const fault = stack.slack.fault('users.info', { kind: 'error_before' });
    const answers = [
      await command(stack, 'sam', '/breakglass status acme'),
      await command(stack, 'sam', '/breakglass end'),
    ];
    fault.remove();
    for (const answer of answers) expect(answer).toContain('Slack did not confirm who you are');
  });
});

describe('words', () => {
  test.each(['/breakglass', '/support-access'])(
    '%s help is one screen about this command, for anybody',
    async (name) => {
      for (const who of ['olivia', 'otis'] as const) {
        const answer = await command(stack, who, `${name} help`);
        for (const line of ['status', 'status TENANT', 'end', 'help']) expect(answer).toContain(`${name} ${line}`);
      }
    },
  );

  test.each(['HELP', ' help ', 'help me'])('"%s" is help', async (text) => {
    expect(await command(stack, 'olivia', `/breakglass ${text}`)).toContain('ask for access');
  });

  test.each([
    ['hlep', 'I don\'t know "hlep". Type /breakglass help for what there is.'],
    ['<!channel>', 'I don\'t know "<!channel>". Type /breakglass help for what there is.'],
    ['approve 123', 'I don\'t know "approve". Type /breakglass help for what there is.'],
  ])('"%s" is not known, which is said with where to look', async (text, answer) => {
    expect(await command(stack, 'olivia', `/breakglass ${text}`)).toBe(answer);
  });
});
