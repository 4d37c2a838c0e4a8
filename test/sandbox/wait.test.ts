import { expect, onTestFinished, test, vi } from 'vitest';
import type { Change } from '../../sandbox/slack/index.ts';
import { client, localSlack } from './cast.ts';

test('a wait ends with the change it waits for', async () => {
  const slack = await localSlack();
  const seen = slack.until(() => slack.messages('C0GENERAL')[0], 'a message');
  await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'hello' });
  expect(await seen).toMatchObject({ text: 'hello' });
});

test('a wait for what is already so ends at once', async () => {
  const slack = await localSlack();
  expect(await slack.until(() => 'so', 'nothing')).toBe('so');
});

test('a wait that ended leaves no timer behind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const slack = await localSlack();
  await slack.until(() => 'so', 'nothing');
  expect(vi.getTimerCount()).toBe(0);
});

test('a wait in vain says what it waited for and what happened instead', async () => {
  const slack = await localSlack();
  await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'other' });
  await slack.as('U0ANN').command('/breakglass', 'x');
  const wait = slack.until(() => false, 'the approval card', { timeoutMs: 20 });
  await expect(wait).rejects.toThrow(
    /waited 20 ms for the approval card.*command \/breakglass from U0ANN.*chat\.postMessage .*other/s,
  );
});

test('a look that throws ends the wait with its error', async () => {
  const slack = await localSlack();
  await expect(slack.until(() => slack.as('U0BOB').sees('C0SECRET'), 'x')).rejects.toThrow('U0BOB is not in C0SECRET');
});

test('who waits when the server stops is told', async () => {
  const slack = await localSlack();
  const wait = slack.until(() => false, 'godot');
  const told = expect(wait).rejects.toThrow('the local Slack stopped while waiting for godot');
  await slack.stop();
  await told;
});

test('a modal that never opens is an error with the person’s name', async () => {
  const slack = await localSlack({ waitMs: 20 });
  await expect(slack.as('U0ANN').modal('request')).rejects.toThrow('a modal request for U0ANN');
});

test('every change is announced, for whoever shows it', async () => {
  const slack = await localSlack();
  const changes: Change[] = [];
  const off = slack.on((change) => changes.push(change));
  const { ts = '' } = await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'a' });
  await client(slack).chat.update({ channel: 'C0GENERAL', ts, text: 'b' });
  slack.updateChannel('C0GENERAL', { is_archived: true });
  off();
  slack.updateChannel('C0GENERAL', { is_archived: false });
  expect(changes.filter(({ kind }) => kind !== 'call')).toMatchObject([
    { kind: 'message', what: 'posted', message: { text: 'a' } },
    { kind: 'message', what: 'edited', message: { text: 'b' } },
    { kind: 'directory', id: 'C0GENERAL' },
  ]);
});

test('every call is on record with its answer', async () => {
  const slack = await localSlack();
  await client(slack).chat.postMessage({ channel: 'C0GENERAL', text: 'a', blocks: [{ type: 'divider' }] });
  expect(slack.calls()).toMatchObject([
    {
      method: 'chat.postMessage',
      args: { channel: 'C0GENERAL', text: 'a', blocks: [{ type: 'divider' }] },
      at: expect.any(Number),
      fault: undefined,
      answer: { status: 200, body: { ok: true, channel: 'C0GENERAL' } },
    },
  ]);
});

test('nothing listens any more after a stop', async () => {
  const slack = await localSlack();
  const url = slack.apiUrl;
  await slack.stop();
  await expect(fetch(url)).rejects.toThrow();
});
