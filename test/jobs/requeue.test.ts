import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { deadNotices } from '../../src/store/dead-notices.ts';
import { requeue } from '../../src/usecases/requeue.ts';
import { ask, quiet, tidy } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { aChannel, note, notesIn, send, toldIn, untilTold, withoutDigests } from './mailroom.ts';

const { acme, security } = channels;
let stack: TestStack;
let db: Database;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
  db = openDatabase({ url: stack.db.url('app'), connections: 2 });
});
afterEach(async () => {
  stack.slack.updateChannel(acme.id, { bot: true, is_archived: false });
  stack.slack.clearFaults();
  await tidy(stack);
});
afterAll(async () => {
  await db.close();
  await stack.stop();
});

const again = (ids: readonly bigint[] | null) => requeue({ db }, { actor: 'system:command-line', ids }, 'work-1');
const dead = () => db.acrossTenants('a test', deadNotices);
const deadIn = async (channel: string) => (await dead()).filter(({ destination }) => destination === channel);
const recorded = (channel: string) =>
  stack.db.query(
    'superuser',
    `select actor, request_id, tenant_id, grant_id, details - 'dead_since' as details from audit_events
      where action = 'notice.requeued' and details->>'destination' = $1`,
    [channel],
  );

/** A channel that Slack did not let the bot into, with dead notices for it; the bot is in it by now. */
async function reopened(...names: string[]): Promise<string> {
  const channel = aChannel(stack, { bot: false });
  await send(stack, ...names.map((name) => note(channel, name)));
  await quiet(stack);
  stack.slack.updateChannel(channel, { bot: true });
  return channel;
}

describe('dead notices that are sent again', () => {
  test('arrive in their order, say that they are late, and are on record with whoever did it', async () => {
    const channel = await reopened('n1', 'n2');
    const ids = (await deadIn(channel)).map(({ id }) => id);
    expect((await again(null)).filter(({ destination }) => destination === channel).map(({ id }) => id)).toEqual(ids);
    await quiet(stack);
    expect(notesIn(stack, channel)).toEqual(['n1', 'n2']);
    for (const { text } of stack.slack.messages(channel)) expect(text).toMatch(/^Late: /);
    expect(await recorded(channel)).toEqual(
      ids.map((id) => ({
        actor: 'system:command-line',
        request_id: 'work-1',
        tenant_id: null,
        grant_id: null,
        details: {
          ...{ notice: String(id), kind: 'tenant_changed', destination: channel },
          ...{ before: 'dead', after: 'waiting' },
        },
      })),
    );
  });

  test('are only those that were named', async () => {
    const channel = await reopened('n1', 'n2', 'n3');
    const [, second] = await deadIn(channel);
    await again([second?.id ?? 0n]);
    await quiet(stack);
    expect(notesIn(stack, channel)).toEqual(['n2']);
    expect((await deadIn(channel)).length).toBe(2);
  });

  test('are nobody’s that waits, arrived or never was: nothing is sent twice', async () => {
    const channel = await reopened('n1');
    await send(stack, note(channel, 'n2'));
    await quiet(stack);
    const ids = (await toldIn(stack, channel)).map(({ id }) => BigInt(id));
    expect((await again([...ids, 999_999n])).map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect(await again(ids)).toEqual([]);
    await quiet(stack);
    expect(await again(ids)).toEqual([]);
    await quiet(stack);
    expect(notesIn(stack, channel)).toEqual(['n2', 'n1']);
  });

  test('are tried for as long as new ones are, however old they are', async () => {
    const channel = await reopened('n1');
    await stack.db.clock.advance(5 * 24 * 60 * 60_000);
    const fault = stack.slack.fault('chat.postMessage', { kind: 'error_before' }, { channel });
    await again((await deadIn(channel)).map(({ id }) => id));
    const [waiting] = await untilTold(stack, channel, ([head]) => head?.error === 'http_500');
    expect(waiting?.state).toBe('waiting');
    fault.remove();
    await quiet(stack);
    expect(notesIn(stack, channel)).toEqual(['n1']);
  });

  test('by two at once, are sent once', async () => {
    const channel = await reopened('n1');
    const ids = (await deadIn(channel)).map(({ id }) => id);
    const both = await Promise.all([again(ids), again(ids)]);
    expect(both.flat().map(({ id }) => id)).toEqual(ids);
    await quiet(stack);
    expect(notesIn(stack, channel)).toEqual(['n1']);
    expect((await recorded(channel)).length).toBe(1);
  });
});

test('a card that is sent again shows the request as it is by now, and its buttons work', async () => {
  stack.slack.updateChannel(acme.id, { is_archived: true });
  const grant = await ask(stack);
  await quiet(stack);
  stack.slack.updateChannel(acme.id, { is_archived: false });
  await again(null);
  await quiet(stack);
  const card = stack.slack.messages(acme.id).find(({ blocks }) => JSON.stringify(blocks ?? []).includes(grant));
  expect(card?.text).toMatch(/^Late: /);
  expect(JSON.stringify(card?.blocks)).toContain('approve');
  expect(stack.slack.messages(security.id).length).toBeGreaterThan(0);
});

test('what is sent again lets everything new go first, and is not told as if it were new', async () => {
  const channel = await reopened('n1', 'n2', 'n3');
  stack.slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 60 }, { channel, times: 1 });
  await send(stack, note(channel, 'n4'));
  await untilTold(stack, channel, (all) => all.some(({ attempts, state }) => state === 'waiting' && attempts > 0));
  await again((await deadIn(channel)).map(({ id }) => id));
  await send(stack, note(channel, 'n5'));
  await quiet(stack);
  expect(notesIn(stack, channel)).toEqual(['n4', 'n5', 'n1', 'n2', 'n3']);
  const late = stack.slack.messages(channel).map(({ text }) => text.startsWith('Late: '));
  expect(late).toEqual([false, false, true, true, true]);
});
