import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { workspace } from '../../sandbox/cast.ts';
import type { Fault } from '../../sandbox/slack/index.ts';
import { silentLogger } from '../../src/slack/clients.ts';
import { deliver } from '../../src/slack/deliver.ts';
import { channelReaders } from '../../src/slack/shared-channel.ts';
import { openDatabase } from '../../src/store/database.ts';
import { quiet } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  aChannel,
  names,
  note,
  notesIn,
  noticesIn,
  send,
  toldIn,
  tried,
  untilTold,
  withoutDigests,
} from './mailroom.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    yaml: withoutDigests({ 'schedules:': 'notices: { dead_after_minutes: 30 }\nschedules:' }),
  });
});
afterAll(() => stack.stop());

interface Trouble {
  trouble: string;
  fault: Fault;
  /** Whether the message is there although nobody said so. */
  posted: boolean;
}

const troubles: Trouble[] = [
  { trouble: 'fails', fault: { kind: 'error_before' }, posted: false },
  { trouble: 'is out of service', fault: { kind: 'error_before', status: 503 }, posted: false },
  { trouble: 'fails after it posted', fault: { kind: 'error_after' }, posted: true },
  { trouble: 'cuts the connection', fault: { kind: 'reset' }, posted: false },
  { trouble: 'cuts the connection after it posted', fault: { kind: 'reset_after' }, posted: true },
  { trouble: 'breaks off in the middle of its answer', fault: { kind: 'half_answer' }, posted: true },
  {
    trouble: 'answers with a page of something in between',
    fault: { kind: 'platform_error', error: '<html><body>502 Bad Gateway</body></html>' },
    posted: false,
  },
];

describe.each(troubles)('when Slack $trouble', ({ fault, posted }) => {
  test('the notice is told later, before those that follow; a second copy carries the same id', async () => {
    const channel = aChannel(stack);
    const struck = stack.slack.fault('chat.postMessage', fault, { channel });
    await send(stack, ...names(3).map((name) => note(channel, name)));
    await untilTold(stack, channel, tried);
    await stack.db.clock.advance(1_000);
    const [first, ...others] = await untilTold(stack, channel, ([head]) => (head?.attempts ?? 0) > 1);
    expect(first?.state).toBe('waiting');
    expect(others.map(({ attempts }) => attempts)).toEqual([0, 0]);

    struck.remove();
    await quiet(stack);
    expect(struck.hits).toBeGreaterThan(1);
    const copies = posted ? Array.from({ length: struck.hits }, () => 'n1') : [];
    expect(notesIn(stack, channel)).toEqual([...copies, 'n1', 'n2', 'n3']);
    const all = await toldIn(stack, channel);
    expect(all.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['delivered', struck.hits + 1],
      ['delivered', 1],
      ['delivered', 1],
    ]);
    const ids = all.map(({ id }) => ({ notice: id }));
    expect(noticesIn(stack, channel)).toEqual([...copies.map(() => ids[0]), ...ids]);
  });
});

test('a Slack that is gone altogether delays everything and loses nothing', async () => {
  const channels = [aChannel(stack), aChannel(stack), aChannel(stack)];
  stack.slack.down();
  await send(stack, ...channels.flatMap((channel) => names(3).map((name) => note(channel, name))));
  for (const channel of channels) await untilTold(stack, channel, tried);
  await stack.db.clock.advance(10_000);
  for (const channel of channels) await untilTold(stack, channel, ([head]) => (head?.attempts ?? 0) > 1);
  stack.slack.up();
  await quiet(stack);
  for (const channel of channels) expect(notesIn(stack, channel)).toEqual(['n1', 'n2', 'n3']);
});

test('a Slack that does not answer in time has perhaps posted: the notice is told later', async () => {
  const channel = aChannel(stack);
  const hang = stack.slack.fault('chat.postMessage', { kind: 'hang' }, { channel });
  const slack = new WebClient(workspace.botToken, {
    slackApiUrl: stack.slack.apiUrl,
    logger: silentLogger,
    retryConfig: { retries: 0 },
    timeout: 50,
  });
  const store = openDatabase({ url: stack.db.url('app') });
  onTestFinished(() => store.close());
  const { notice } = note(channel, 'n1');
  const queued = {
    id: 1n,
    notice,
    tenant: null,
    requestId: 'test',
    attempts: 0,
    createdAt: new Date(0),
    lastError: null,
  };
  const settings = () => ({ tickets: { link: null } });
  const tried = await deliver({ ...queued, late: false }, channel, [], {
    db: store,
    slack,
    readers: channelReaders(slack, () => 0),
    settings,
  });
  expect(tried).toEqual({ kind: 'postponed', error: 'TimeoutError', retryAfterMs: null });
  hang.release();
});

test('a revoked token delays a notice: it is told as soon as the token counts again', async () => {
  const channel = aChannel(stack);
  stack.slack.revoke();
  await send(stack, note(channel, 'n1'));
  const [notice] = await untilTold(stack, channel, tried);
  expect(notice).toMatchObject({ state: 'waiting', error: 'token_revoked' });
  stack.slack.unrevoke();
  expect(notesIn(stack, channel)).toEqual([]);
  await stack.db.clock.advance(1_000);
  await stack.slack.until(() => notesIn(stack, channel).length === 1, 'the notice');
});

test.each([
  'token_expired',
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'missing_scope',
  'team_added_to_org',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'accesslimited',
  'ratelimited',
])('"%s" is about the bot or Slack and not about the notice, which is told later', async (error) => {
  const channel = aChannel(stack);
  const fault = stack.slack.fault('chat.postMessage', { kind: 'platform_error', error }, { channel });
  await send(stack, note(channel, 'n1'));
  const [notice] = await untilTold(stack, channel, tried);
  expect(notice).toMatchObject({ state: 'waiting', error });
  fault.remove();
  await quiet(stack);
  expect(notesIn(stack, channel)).toEqual(['n1']);
});

test('a notice waits as long as the configuration says, and is then dead with what went wrong last', async () => {
  const channel = aChannel(stack);
  const fault = stack.slack.fault('chat.postMessage', { kind: 'error_before' }, { channel });
  await send(stack, note(channel, 'n1'));
  await untilTold(stack, channel, tried);
  await stack.db.clock.advance(29 * 60_000);
  const [late] = await untilTold(stack, channel, ([head]) => (head?.attempts ?? 0) > 1);
  expect(late).toMatchObject({ state: 'waiting', error: 'http_500' });
  fault.remove();
  stack.slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 60 }, { channel });
  await stack.db.clock.advance(2 * 60_000);
  const [dead] = await untilTold(stack, channel, ([head]) => head?.state !== 'waiting');
  expect(dead).toMatchObject({ state: 'dead', error: 'not delivered in 30 minutes, last: rate_limited' });
  expect(notesIn(stack, channel)).toEqual([]);
});
