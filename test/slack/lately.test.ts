import { expect, test } from 'vitest';
import type { Known } from '../../src/slack/directory.ts';
import { ASK_AGAIN_MS, lately } from '../../src/slack/lately.ts';

const known: Known = { account: 'T0HOME:U0OLIVIA', standing: 'member', roles: {}, unsure: false };

/** Slack, as it answers one question after the other, and a clock that stands until it is moved. */
function slackThat(...answers: readonly (() => Promise<Known>)[]) {
  const asked: string[] = [];
  let now = 0;
  const lookUp = (user: string) => {
    const answer = answers[asked.length] ?? (() => Promise.resolve(known));
    asked.push(user);
    return answer();
  };
  const standingOf = lately({ lookUp }, () => now);
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { asked, standingOf, pass };
}

test('Slack is asked about the same account once in a while, not with each request', async () => {
  const { asked, standingOf, pass } = slackThat();
  expect(await standingOf('T0HOME:U0OLIVIA')).toBe('member');
  pass(ASK_AGAIN_MS - 1);
  await standingOf('T0HOME:U0OLIVIA');
  expect(asked).toEqual(['U0OLIVIA']);
  pass(1);
  await standingOf('T0HOME:U0OLIVIA');
  expect(asked).toHaveLength(2);
});

test('a question that failed is not remembered: the next request asks anew', async () => {
  const { asked, standingOf } = slackThat(() => Promise.reject(new Error('a defect')));
  await expect(standingOf('T0HOME:U0OLIVIA')).rejects.toThrow('a defect');
  expect(await standingOf('T0HOME:U0OLIVIA')).toBe('member');
  expect(asked).toHaveLength(2);
});
