import { expect, test } from 'vitest';
import { type Pacing, TIERS } from '../../sandbox/slack/index.ts';
import { client, localSlack } from './cast.ts';

async function paced(pacing?: Pacing | false) {
  let now = 1_700_000_000_000;
  const slack = await localSlack({ now: () => now, ...(pacing === undefined ? {} : { pacing }) });
  const web = client(slack);
  return {
    slack,
    web,
    pass: (ms: number) => {
      now += ms;
    },
    post: (channel = 'C0GENERAL') => web.chat.postMessage({ channel, text: 'x' }),
  };
}

test('three messages at once, then one a second per channel', async () => {
  const { slack, post, pass } = await paced();
  for (let i = 0; i < 3; i += 1) await post();
  await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
  pass(1_000);
  await post();
  await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
  expect(slack.messages('C0GENERAL')).toHaveLength(4);
});

test('one channel’s flood does not slow another', async () => {
  const { post } = await paced({ postMessage: { burst: 1, perSecond: 1 } });
  await post('C0GENERAL');
  await expect(post('C0GENERAL')).rejects.toThrow();
  await post('C0SECRET');
});

test('Retry-After is enough', async () => {
  const { post, pass } = await paced({ postMessage: { burst: 1, perSecond: 0.25 } });
  await post();
  pass(500);
  await expect(post()).rejects.toMatchObject({ retryAfter: 4 });
  pass(4_000);
  await post();
});

test('a 429 is Slack’s: status, header and body', async () => {
  const { slack, post } = await paced({ postMessage: { burst: 1, perSecond: 1 } });
  await post();
  await expect(post()).rejects.toThrow();
  expect(slack.calls().at(-1)?.answer).toEqual({
    status: 429,
    headers: { 'retry-after': '1' },
    body: { ok: false, error: 'ratelimited' },
  });
});

test('methods have tiers when told so', async () => {
  const { slack, web, pass } = await paced({ perMinute: TIERS });
  slack.addGroup({ id: 'S0OPS', users: ['U0ANN'] });
  const list = () => web.usergroups.users.list({ usergroup: 'S0OPS' });
  for (let i = 0; i < 20; i += 1) await list();
  await expect(list()).rejects.toMatchObject({ retryAfter: 3 });
  pass(3_000);
  await list();
});

test('limits can be changed and switched off', async () => {
  const { slack, post } = await paced();
  slack.setPacing(false);
  for (let i = 0; i < 10; i += 1) await post();
  slack.setPacing({ postMessage: { burst: 1, perSecond: 1 } });
  await post();
  await expect(post()).rejects.toThrow();
});
