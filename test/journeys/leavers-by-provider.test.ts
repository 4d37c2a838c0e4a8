import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { type SigningStack, startSigningStack } from './sign-ins.ts';
import { stateOf, untilState } from './verbs.ts';

/** Paul is an operator by a group of the identity provider alone: Slack has him in no role. */
let stack: SigningStack;
beforeAll(async () => {
  stack = await startSigningStack((issuer) =>
    configuration
      .replace(
        'operator: { people: [U0OLIVIA, U0OMAR] }',
        'operator: { people: [U0OLIVIA, U0OMAR], idp_groups: [oncall] }',
      )
      .replace('schedules:', `identities:\n  U0PAUL: { issuer: '${issuer}', subject: paul }\nschedules:`),
  );
  stack.provider.setGroups('paul', ['oncall']);
});
afterAll(() => stack.stop());

async function asked(tenant: string): Promise<string> {
  const response = await fetch(`${stack.url}/v1/grants`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await stack.provider.token({ sub: 'paul' })}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{
        tenant,
        scope: 'content_access',
        circumstance: 'critical_incident',
        minutes: 30,
      },
      ...{ reason: 'The import is corrupting documents', ticket: 'INC-42' },
    }),
  });
  expect(response.status).toBe(201);
  const { id }: { id: string } = JSON.parse(await response.text());
  return id;
}

afterEach(() => stack.slack.updateUser('U0PAUL', { deleted: false, is_restricted: false }));

test('an operator by a group of the provider keeps what they have, although Slack knows of no role', async () => {
  const id = await asked('globex');
  stack.bot.clock.leavers.ring();
  await stack.bot.clock.leavers.stop(); // waits for what is running
  expect(await stateOf(stack, id)).toBe('requested');
  await stack.restart();
});

test.each([
  ['becomes a guest', { is_restricted: true }],
  ['is deactivated', { deleted: true }],
])('and loses it who %s there', async (_, gone) => {
  const id = await asked('acme');
  stack.slack.updateUser('U0PAUL', gone);
  stack.bot.clock.leavers.ring();
  await untilState(stack, id, 'withdrawn');
});
