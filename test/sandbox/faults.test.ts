import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import type { Fault, LocalSlack } from '../../sandbox/slack/index.ts';
import { client, localSlack } from './cast.ts';

const post = (slack: LocalSlack, channel = 'C0GENERAL', timeout = 0) =>
  client(slack, { timeout }).chat.postMessage({ channel, text: 'hello' });

describe('a fault strikes as its real cousin would', () => {
  const NOTHING = 0;
  const POSTED = 1;

  test.each<[string, Fault, new (...args: never[]) => Error, number]>([
    [
      'rate_limited is a 429 and nothing happened',
      { kind: 'rate_limited', retryAfter: 7 },
      WebAPIRateLimitedError,
      NOTHING,
    ],
    ['error_before is a 500 and nothing happened', { kind: 'error_before' }, WebAPIHTTPError, NOTHING],
    ['error_after is a 500 though it happened', { kind: 'error_after' }, WebAPIHTTPError, POSTED],
    ['reset is a broken connection and nothing happened', { kind: 'reset' }, WebAPIRequestError, NOTHING],
    ['reset_after is a broken connection though it happened', { kind: 'reset_after' }, WebAPIRequestError, POSTED],
    [
      'platform_error is ok:false and nothing happened',
      { kind: 'platform_error', error: 'fatal_error' },
      WebAPIPlatformError,
      NOTHING,
    ],
  ])('%s', async (_, fault, error, messages) => {
    const slack = await localSlack();
    const handle = slack.fault('chat.postMessage', fault, { times: 1 });
    await expect(post(slack)).rejects.toBeInstanceOf(error);
    expect(slack.messages('C0GENERAL')).toHaveLength(messages);
    expect(slack.calls('chat.postMessage')).toMatchObject([{ fault: fault.kind, args: { text: 'hello' } }]);
    expect(handle.hits).toBe(1);
    await post(slack);
    expect(slack.messages('C0GENERAL')).toHaveLength(messages + 1);
  });

  test('rate_limited says how many seconds to wait', async () => {
    const slack = await localSlack();
    slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 7 });
    await expect(post(slack)).rejects.toMatchObject({ retryAfter: 7 });
  });

  test('half_answer breaks off in the middle though it happened', async () => {
    const slack = await localSlack();
    slack.fault('chat.postMessage', { kind: 'half_answer' }, { times: 1 });
    await expect(post(slack)).rejects.toThrow();
    expect(slack.messages('C0GENERAL')).toHaveLength(1);
  });

  test('an error can have another status', async () => {
    const slack = await localSlack();
    slack.fault('chat.postMessage', { kind: 'error_before', status: 503 });
    await expect(post(slack)).rejects.toMatchObject({ statusCode: 503 });
  });
});

describe('a hang', () => {
  test('goes on as usual when released', async () => {
    const slack = await localSlack();
    const hang = slack.fault('chat.postMessage', { kind: 'hang' }, { times: 1 });
    const posted = post(slack);
    await slack.until(() => hang.hanging === 1, 'the call to hang');
    expect(slack.messages('C0GENERAL')).toEqual([]);
    hang.release();
    expect(await posted).toMatchObject({ ok: true });
    expect(slack.messages('C0GENERAL')).toHaveLength(1);
  });

  test.each<[string, Fault, number, number]>([
    ['that nobody waits for any more has no effect', { kind: 'hang' }, 0, 0],
    ['can take effect when the caller has long gone', { kind: 'hang', effect: 'at_release' }, 0, 1],
    ['can have taken effect before', { kind: 'hang', effect: 'at_once' }, 1, 1],
  ])('%s', async (_, fault, before, after) => {
    const slack = await localSlack();
    const hang = slack.fault('chat.postMessage', fault, { times: 1 });
    await expect(post(slack, 'C0GENERAL', 500)).rejects.toBeInstanceOf(WebAPIRequestError);
    expect(slack.messages('C0GENERAL')).toHaveLength(before);
    await slack.until(() => hang.abandoned === 1, 'the server to see that the caller left');
    hang.release();
    // A later call is answered after the released one was dealt with.
    await client(slack).auth.test();
    expect(slack.messages('C0GENERAL')).toHaveLength(after);
  });

  test('does not keep the server from stopping', async () => {
    const slack = await localSlack();
    const hang = slack.fault('chat.postMessage', { kind: 'hang' });
    const posted = post(slack).catch((error: unknown) => error);
    await slack.until(() => hang.hanging === 1, 'the call to hang');
    await slack.stop();
    expect(await posted).toBeInstanceOf(WebAPIRequestError);
  });
});

describe('a fault hits', () => {
  test('one channel only, if told so', async () => {
    const slack = await localSlack();
    slack.fault('chat.postMessage', { kind: 'error_before' }, { channel: 'C0SECRET' });
    await post(slack, 'C0GENERAL');
    await expect(post(slack, 'C0SECRET')).rejects.toThrow();
  });

  test('the direct message of a person named as the channel', async () => {
    const slack = await localSlack();
    slack.fault('chat.postMessage', { kind: 'error_before' }, { channel: slack.as('U0ANN').dm() });
    await expect(post(slack, 'U0ANN')).rejects.toThrow();
  });

  test('every method, if told so, until removed', async () => {
    const slack = await localSlack();
    const fault = slack.fault('*', { kind: 'error_before' });
    await expect(post(slack)).rejects.toThrow();
    await expect(client(slack).auth.test()).rejects.toThrow();
    fault.remove();
    await post(slack);
    expect(fault.hits).toBe(2);
  });

  test('nothing once all are cleared', async () => {
    const slack = await localSlack();
    slack.fault('*', { kind: 'reset' });
    slack.clearFaults();
    await post(slack);
  });
});

test('a server that is down answers nobody, and comes back', async () => {
  const slack = await localSlack();
  slack.down();
  await expect(post(slack)).rejects.toBeInstanceOf(WebAPIRequestError);
  slack.up();
  await post(slack);
  expect(slack.messages('C0GENERAL')).toHaveLength(1);
});
