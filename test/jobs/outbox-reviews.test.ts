import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { Fault } from '../../sandbox/slack/index.ts';
import { noteField } from '../../src/domain/review-answers.ts';
import { LEASE_SECONDS } from '../../src/store/deliveries.ts';
import { active, allDone, answerAll, closed, openOnReview, reviewIn } from '../journeys/review-verbs.ts';
import { as, cardIn, eventually, press, quiet, read, tidy } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { recordedDead, type toldIn, untilTold, withoutDigests } from './mailroom.ts';

const { security, ops } = channels;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterEach(async () => {
  stack.slack.clearFaults();
  stack.slack.updateChannel(security.id, { is_ext_shared: false });
  await stack.slack.event({ type: 'channel_shared', connected_team_id: 'T0OTHER', channel: security.id });
  await tidy(stack);
  await answerAll(stack);
});
afterAll(() => stack.stop());

const reviewCards = (grant: string) =>
  stack.slack
    .messages(security.id)
    .filter(({ text, blocks }) => text.startsWith('Review: ') && JSON.stringify(blocks).includes(grant));
const remembered = async (grant: string) => {
  const [row] = await stack.db.query<{ shown: number; version: number; ts: string }>(
    'superuser',
    `select p.version_shown as shown, r.version, p.ts from posted_messages p join reviews r using (grant_id)
      where p.grant_id = $1 and p.destination = $2 and p.subject = 'review'`,
    [grant, security.id],
  );
  return row;
};
const answered = async (grant: string) => {
  await openOnReview(stack, 'sofia', grant, 'review');
  await as(stack, 'sofia').submit(allDone({ [noteField('cause_documented')]: 'a full disk' }));
};
const attached = async (grant: string, title: string) => {
  await press(stack, 'olivia', cast.olivia.id, grant, 'attach');
  await as(stack, 'olivia').modal('attach_evidence');
  await as(stack, 'olivia').submit({ title, note: 'Rebuilt the index.' });
  await as(stack, 'olivia').close({ all: true });
};
const ofReview = (all: Awaited<ReturnType<typeof toldIn>>, grant: string) =>
  all.filter((each) => each.kind === 'review_card' && each.grant === grant);

test('a grant’s card and that of its review stand beside each other, each with its own version', async () => {
  const grant = await closed(stack);
  const review = await reviewIn(stack, security.id, grant);
  const own = await cardIn(stack, security.id, grant, 'Ended');
  expect(review.ts).not.toBe(own.ts);
  await attached(grant, 'Afterwards');
  await reviewIn(stack, security.id, grant, 'Afterwards');
  await quiet(stack);
  const rows = await stack.db.query(
    'superuser',
    'select subject::text, version_shown as shown from posted_messages where grant_id = $1 and destination = $2 order by 1',
    [grant, security.id],
  );
  expect(rows).toEqual([
    { subject: 'grant', shown: 4 },
    { subject: 'review', shown: 2 },
  ]);
  expect((await cardIn(stack, security.id, grant)).revision).toBe(own.revision);
});

test('a card that somebody deleted is posted again, and from then on that one is kept up to date', async () => {
  const grant = await closed(stack);
  const first = await reviewIn(stack, security.id, grant);
  stack.slack.world.messages.remove(first);
  await attached(grant, 'Afterwards');
  const again = await reviewIn(stack, security.id, grant, 'Afterwards');
  expect(again.ts).not.toBe(first.ts);
  expect(await remembered(grant)).toMatchObject({ ts: again.ts, shown: 2 });
});

test.each<{ trouble: string; fault: Fault }>([
  { trouble: 'fails', fault: { kind: 'error_before' } },
  { trouble: 'fails after it was done', fault: { kind: 'error_after' } },
  { trouble: 'is rate limited', fault: { kind: 'rate_limited', retryAfter: 20 } },
])('an edit that $trouble is made later; no second card is posted', async ({ fault }) => {
  const grant = await closed(stack);
  await reviewIn(stack, security.id, grant);
  await quiet(stack);
  const struck = stack.slack.fault('chat.update', fault, { channel: security.id, times: 1 });
  await attached(grant, 'Afterwards');
  await eventually(stack, async () => struck.hits === 1, 'the edit to be struck');
  await quiet(stack);
  expect(reviewCards(grant).map((card) => read(stack, card))).toEqual([expect.stringContaining('Afterwards')]);
  expect(await remembered(grant)).toMatchObject({ shown: 2, version: 2 });
});

test('an edit that arrives after its lease ran out does not stay over the newer one', async () => {
  const grant = await closed(stack);
  const first = await reviewIn(stack, security.id, grant);
  await quiet(stack);
  const shown: string[] = [];
  onTestFinished(
    stack.slack.on((change) => {
      if (change.kind !== 'message' || !change.message.text.startsWith('Review: ')) return;
      shown.push(read(stack, change.message).includes('Reviewed by') ? 'reviewed' : 'attached');
    }),
  );
  const target = { channel: security.id, times: 1 };
  const older = stack.slack.fault('chat.update', { kind: 'hang', effect: 'at_release' }, target);
  await attached(grant, 'Afterwards');
  await stack.slack.until(() => older.hanging === 1, 'the older edit to hang');
  await answered(grant);
  await untilTold(stack, security.id, (all) => ofReview(all, grant).length === 3);
  await stack.db.clock.advance(LEASE_SECONDS * 1_000);
  await stack.slack.until(() => shown.length === 1, 'the newer edit');
  await untilTold(stack, security.id, (all) => ofReview(all, grant).every(({ state }) => state === 'delivered'));
  older.release();
  await stack.slack.until(() => shown.length === 3, 'the card to be drawn once more');
  expect(shown).toEqual(['reviewed', 'attached', 'reviewed']);
  await quiet(stack);
  const at = await remembered(grant);
  expect(at?.shown).toBe(at?.version);
  const since = stack.slack
    .messages(security.id)
    .filter(({ ts, text }) => ts >= first.ts && text.startsWith('Review: '));
  expect(since.map(({ ts }) => ts)).toEqual([at?.ts]);
});

test('a channel that people of another company read gets no card of a review, and ops hears of it', async () => {
  const grant = await active(stack);
  await quiet(stack);
  stack.slack.updateChannel(security.id, { is_ext_shared: true });
  await stack.slack.event({ type: 'channel_shared', connected_team_id: 'T0OTHER', channel: security.id });
  await press(stack, 'olivia', cast.olivia.id, grant, 'end');
  await cardIn(stack, cast.olivia.id, grant, 'Ended');
  await quiet(stack);
  expect(reviewCards(grant)).toEqual([]);
  const dead = await recordedDead(stack, security.id);
  expect(dead).toContainEqual(
    expect.objectContaining({ grant, details: expect.objectContaining({ kind: 'review_card' }) }),
  );
  const told = stack.slack.messages(ops.id).map((message) => read(stack, message));
  expect(told).toContainEqual(expect.stringContaining('The card of a review could not be posted in'));
});
