import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import type { Fault } from '../../sandbox/slack/index.ts';
import { LEASE_SECONDS } from '../../src/store/deliveries.ts';
import { approve, ask, cardIn, eventually, quiet, read, tidy, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { toldIn, untilTold, withoutDigests } from './mailroom.ts';

const { acme, security } = channels;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterEach(async () => {
  stack.slack.clearFaults();
  await tidy(stack);
});
afterAll(() => stack.stop());

/** Which state a grant's card in security shows, one after the other, from here on. */
function shownIn(channel: string, grant: string): string[] {
  const shown: string[] = [];
  onTestFinished(
    stack.slack.on((change) => {
      if (change.kind !== 'message' || change.message.channel !== channel) return;
      const text = read(stack, change.message);
      if (!JSON.stringify(change.message.blocks).includes(grant)) return;
      shown.push(text.includes('Active until') ? 'active' : text.includes('approved by') ? 'approved' : 'requested');
    }),
  );
  return shown;
}

const remembered = async (grant: string) => {
  const [row] = await stack.db.query<{ ts: string; shown: number; version: number }>(
    'superuser',
    `select p.ts, p.version_shown as shown, g.version from posted_messages p join grants g on g.id = p.grant_id
      where p.grant_id = $1 and p.destination = $2`,
    [grant, security.id],
  );
  return row;
};

const cardsOf = (grant: string) =>
  stack.slack.messages(security.id).filter(({ blocks }) => JSON.stringify(blocks).includes(grant));

const ofCard = (all: Awaited<ReturnType<typeof toldIn>>, grant: string) =>
  all.filter((each) => each.kind === 'card' && each.grant === grant);
const cardNotices = async (grant: string) => ofCard(await toldIn(stack, security.id), grant);
const untilDelivered = (grant: string) =>
  untilTold(stack, security.id, (all) => ofCard(all, grant).every(({ state }) => state === 'delivered'));

test('a card that somebody deleted is posted again, and from then on that one is kept up to date', async () => {
  const grant = await ask(stack);
  const first = await cardIn(stack, security.id, grant);
  stack.slack.world.messages.remove(first);
  await approve(stack, 'anna', acme.id, grant);
  const again = await cardIn(stack, security.id, grant, 'approved by @Anna');
  expect(again.ts).not.toBe(first.ts);
  expect(await remembered(grant)).toMatchObject({ ts: again.ts, shown: 2 });
  await approve(stack, 'sam', security.id, grant);
  const active = await cardIn(stack, security.id, grant, 'Active until');
  expect(active.ts).toBe(again.ts);
  expect(cardsOf(grant)).toHaveLength(1);
});

test.each<{ trouble: string; fault: Fault }>([
  { trouble: 'fails', fault: { kind: 'error_before' } },
  { trouble: 'fails after it was done', fault: { kind: 'error_after' } },
  { trouble: 'is cut off', fault: { kind: 'reset' } },
  { trouble: 'is cut off after it was done', fault: { kind: 'reset_after' } },
  { trouble: 'gets half an answer', fault: { kind: 'half_answer' } },
  { trouble: 'is rate limited', fault: { kind: 'rate_limited', retryAfter: 20 } },
])('an edit that $trouble is made later; no second card is posted', async ({ fault }) => {
  const grant = await ask(stack);
  await cardIn(stack, security.id, grant);
  const struck = stack.slack.fault('chat.update', fault, { channel: security.id, times: 1 });
  await approve(stack, 'anna', acme.id, grant);
  await eventually(stack, async () => struck.hits === 1, 'the edit to be struck');
  await quiet(stack);
  expect(cardsOf(grant).map((card) => read(stack, card))).toEqual([expect.stringContaining('approved by @Anna')]);
  expect(await remembered(grant)).toMatchObject({ shown: 2 });
});

test('many changes while a channel waits are one edit, which shows the last', async () => {
  const grant = await ask(stack);
  await cardIn(stack, security.id, grant);
  const limit = stack.slack.fault('chat.update', { kind: 'rate_limited', retryAfter: 120 }, { channel: security.id });
  const shown = shownIn(security.id, grant);
  await approve(stack, 'anna', acme.id, grant);
  await untilTold(stack, security.id, (all) => all.at(-1)?.error === 'rate_limited');
  await approve(stack, 'sam', security.id, grant);
  await untilState(stack, grant, 'active');
  limit.remove();
  await quiet(stack);
  expect(shown).toEqual(['active']);
});

/** Anna agreed, and the edit that says so hangs; Sam agreed, and by then the lease of that edit has run out. */
async function anEditThatOutlivesItsLease(next?: Fault) {
  const grant = await ask(stack);
  await cardIn(stack, security.id, grant);
  await quiet(stack);
  const shown = shownIn(security.id, grant);
  const target = { channel: security.id, times: 1 };
  const older = stack.slack.fault('chat.update', { kind: 'hang', effect: 'at_release' }, target);
  const newer = next && stack.slack.fault('chat.update', next, target);
  await approve(stack, 'anna', acme.id, grant);
  await stack.slack.until(() => older.hanging === 1, 'the older edit to hang');
  await approve(stack, 'sam', security.id, grant);
  await untilState(stack, grant, 'active');
  await stack.db.clock.advance(LEASE_SECONDS * 1_000);
  await stack.slack.until(() => shown.length === 1, 'the newer edit');
  expect(shown).toEqual(['active']);
  return { grant, shown, older, newer };
}

/** Everything stands as it should: whatever happened on the way, the newest is shown and remembered. */
async function showsTheNewest(grant: string, shown: readonly string[]) {
  await quiet(stack);
  expect(shown.at(-1)).toBe('active');
  const at = await remembered(grant);
  expect(at?.shown).toBe(at?.version);
  expect(cardsOf(grant)).toHaveLength(1);
}

test('an edit that arrives after its lease ran out does not stay over the newer one: the card is drawn once more', async () => {
  const { grant, shown, older } = await anEditThatOutlivesItsLease();
  await untilDelivered(grant);
  older.release();
  await stack.slack.until(() => shown.length === 3, 'the card to be drawn once more');
  expect(shown).toEqual(['active', 'approved', 'active']);
  await showsTheNewest(grant, shown);
});

test('nor when the newer edit is not settled yet, although Slack has it', async () => {
  const { grant, shown, older, newer } = await anEditThatOutlivesItsLease({ kind: 'hang', effect: 'at_once' });
  const before = (await cardNotices(grant)).length;
  older.release();
  await untilTold(stack, security.id, (all) => ofCard(all, grant).length > before);
  expect(shown).toEqual(['active', 'approved']);
  newer?.release();
  await showsTheNewest(grant, shown);
});
