import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { NewChannel } from '../../sandbox/slack/index.ts';
import { ask, quiet, tidy } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { aChannel, inboxOf, note, notesIn, noticesIn, recordedDead, send, toldIn, withoutDigests } from './mailroom.ts';

const { acme, security, ops } = channels;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterEach(async () => {
  for (const { id } of [acme, security, ops]) stack.slack.updateChannel(id, { bot: true, is_archived: false });
  stack.slack.clearFaults();
  await tidy(stack);
});
afterAll(() => stack.stop());

/** What a place was told about notices that did not arrive in a destination, and whether Slack has it there. */
async function announcedIn(place: string, about: string) {
  const all = (await toldIn(stack, place)).filter(({ payload }) => payload.destination === about);
  const there = noticesIn(stack, place.startsWith('U') ? inboxOf(stack, place) : place);
  return all.map(({ id, kind, payload: { notice, error }, state }) => {
    const arrived = there.some((each) => JSON.stringify(each) === JSON.stringify({ notice: id }));
    return { kind, notice, error, state, arrived };
  });
}
const announced = (notice: string, error: string) => ({
  ...{ kind: 'undeliverable', notice, error },
  ...{ state: 'delivered', arrived: true },
});

const closed: [string, Omit<NewChannel, 'id'>][] = [
  ['not_in_channel', { bot: false }],
  ['is_archived', { is_archived: true }],
  ['channel_not_found', { bot: false, is_private: true }],
];

describe.each(closed)('where Slack says %s', (error, is) => {
  test('a notice is dead with that reason, on record, and announced in the security channel', async () => {
    const channel = aChannel(stack, is);
    await send(stack, note(channel, 'n1'));
    await quiet(stack);
    const [dead] = await toldIn(stack, channel);
    expect(dead).toMatchObject({ state: 'dead', error, attempts: 1 });
    expect(await recordedDead(stack, channel)).toEqual([
      {
        ...{ actor: 'system:outbox', grant: null, tenant: null },
        details: { notice: dead?.id, kind: 'tenant_changed', destination: channel, error },
      },
    ]);
    expect(await announcedIn(security.id, channel)).toEqual([announced('tenant_changed', error)]);
    expect(await announcedIn(ops.id, channel)).toEqual([]);
  });
});

test('a dead notice is out of the way of those that follow it', async () => {
  const channel = aChannel(stack);
  const fault = { kind: 'platform_error', error: 'msg_blocks_too_long' } as const;
  stack.slack.fault('chat.postMessage', fault, { channel, times: 1 });
  await send(stack, note(channel, 'n1'), note(channel, 'n2'), note(channel, 'n3'));
  await quiet(stack);
  expect((await toldIn(stack, channel)).map(({ state }) => state)).toEqual(['dead', 'delivered', 'delivered']);
  expect(notesIn(stack, channel)).toEqual(['n2', 'n3']);
});

test('a card that its approvers can not get is announced to security and to the person who waits for them', async () => {
  stack.slack.updateChannel(acme.id, { is_archived: true });
  const grant = await ask(stack);
  await quiet(stack);
  const [dead, ...rest] = (await toldIn(stack, acme.id)).filter((each) => each.grant === grant);
  expect(rest).toEqual([]);
  expect(dead).toMatchObject({ kind: 'card', state: 'dead', error: 'is_archived' });
  const [record] = (await recordedDead(stack, acme.id)).filter((each) => each.grant === grant);
  expect(record).toMatchObject({ tenant: expect.any(String), details: { notice: dead?.id, kind: 'card' } });
  for (const place of [security.id, cast.olivia.id]) {
    expect(await announcedIn(place, acme.id)).toEqual([announced('card', 'is_archived')]);
  }
  expect(await announcedIn(ops.id, acme.id)).toEqual([]);
});

test('what can not be told in the security channel is announced in that of ops', async () => {
  stack.slack.updateChannel(security.id, { bot: false });
  await send(stack, note(security.id, 'n1'));
  await quiet(stack);
  expect(await announcedIn(ops.id, security.id)).toEqual([announced('tenant_changed', 'not_in_channel')]);
  expect(await announcedIn(security.id, security.id)).toEqual([]);
});

test('a card that security can not get is announced to ops and to the person who waits for them', async () => {
  stack.slack.updateChannel(security.id, { is_archived: true });
  await ask(stack);
  await quiet(stack);
  for (const place of [ops.id, cast.olivia.id]) {
    expect(await announcedIn(place, security.id)).toContainEqual(announced('card', 'is_archived'));
  }
});

test('a requester who can not be written to is not told about that, but security is', async () => {
  const fault = { kind: 'platform_error', error: 'cannot_dm_bot' } as const;
  stack.slack.fault('chat.postMessage', fault, { channel: cast.olivia.id, times: 1 });
  await ask(stack);
  await quiet(stack);
  expect(await announcedIn(security.id, cast.olivia.id)).toEqual([announced('card', 'cannot_dm_bot')]);
  expect(await announcedIn(cast.olivia.id, cast.olivia.id)).toEqual([]);
});

test('what security can not be told of an undelivered notice, ops is told', async () => {
  const channel = aChannel(stack, { bot: false });
  stack.slack.updateChannel(security.id, { is_archived: true });
  await send(stack, note(channel, 'n1'));
  await quiet(stack);
  expect(await announcedIn(ops.id, channel)).toEqual([announced('tenant_changed', 'not_in_channel')]);
});

test('an announcement that nobody can be told is on record, and announces itself nowhere', async () => {
  const channel = aChannel(stack, { bot: false });
  for (const { id } of [security, ops]) stack.slack.updateChannel(id, { is_archived: true });
  await send(stack, note(channel, 'n1'));
  await quiet(stack);
  for (const { id } of [security, ops]) {
    const told = (await toldIn(stack, id)).filter(({ payload }) => payload.destination === channel);
    expect(told).toMatchObject([{ kind: 'undeliverable', state: 'dead', error: 'is_archived' }]);
    const [record] = (await recordedDead(stack, id)).slice(-1);
    expect(record?.details).toMatchObject({ notice: told[0]?.id, kind: 'undeliverable', error: 'is_archived' });
    expect((await toldIn(stack, id)).filter(({ payload }) => payload.notice === 'undeliverable')).toEqual([]);
  }
});
