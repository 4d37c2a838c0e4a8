import { expect, test } from 'vitest';
import { remindOfReviews } from '../../src/usecases/remind-reviews.ts';
import { excuseReview, review } from '../../src/usecases/review.ts';
import { everyAnswer as answers } from '../domain/builders.ts';
import { factsOf, type Office, office, work } from './office.ts';
import { addressed, closed, DAY_MS, DUE_MS, HOUR_MS, noticesOfReviews, versionOf } from './reviews.ts';

const nothing = { escalated: 0, listed: 0 };
const look = (at: Office, requestId = 'look') => remindOfReviews(at.context, requestId);
const listsIn = async (at: Office) =>
  (await noticesOfReviews(at)).filter(({ kind }) => kind === 'reviews_open').map(({ payload }) => payload);

test('security is reminded of what nobody answered once a day, in one list', async () => {
  const at = await office();
  const first = await closed(at);
  await at.db.clock.advance(HOUR_MS);
  const second = await closed(at);
  await at.db.clock.advance(DAY_MS - HOUR_MS - 60_000);
  expect(await look(at)).toEqual(nothing);
  await at.db.clock.advance(60_000);
  expect(await look(at)).toEqual({ escalated: 0, listed: 2 });
  expect(await look(at)).toEqual(nothing);
  await at.db.clock.advance(DAY_MS - 60_000);
  expect(await look(at)).toEqual(nothing);
  await at.db.clock.advance(60_000);
  expect(await look(at)).toEqual({ escalated: 0, listed: 2 });
  const lists = await listsIn(at);
  expect(lists).toHaveLength(2);
  const line = { tenant: 'Acme Corp', scope: 'content_access', operator: 'T0HOME:U0OLIVIA', state: 'open' };
  expect(lists[0]).toMatchObject({
    more: 0,
    reviews: [
      { grant: first, ...line },
      { grant: second, ...line },
    ],
  });
  expect(addressed(await noticesOfReviews(at)).filter((each) => each.startsWith('reviews_open'))).toEqual(
    Array(2).fill('reviews_open C0SECURITY'),
  );
});

test('an overdue review is escalated once: security, ops and the operator are told, and it is on record', async () => {
  const at = await office();
  const grant = await closed(at);
  await at.db.clock.advance(DUE_MS - 1_000);
  await look(at);
  expect(await factsOf(at, grant)).not.toHaveProperty('break_glass.review_overdue');
  await at.db.clock.advance(1_000);
  const before = await versionOf(at, grant);
  expect(await look(at, 'overdue')).toEqual({ escalated: 1, listed: 0 });
  expect(addressed(await noticesOfReviews(at, 'overdue'))).toEqual([
    'review_card C0SECURITY',
    'review_card C0OPS',
    'review_overdue C0SECURITY',
    'review_overdue C0OPS',
    'review_overdue U0OLIVIA',
  ]);
  expect(await versionOf(at, grant)).toBe((before ?? 0) + 1);
  await at.db.clock.advance(HOUR_MS);
  expect(await look(at)).toEqual(nothing);
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.review_overdue': 1 });
  const rows = await at.db.query(
    'superuser',
    `select actor, details->>'operator' as operator from audit_events where action = 'break_glass.review_overdue'`,
  );
  expect(rows).toEqual([{ actor: 'system:clock', operator: 'slack:T0HOME:U0OLIVIA' }]);
});

test('and from then on its card is kept up to date in both places', async () => {
  const at = await office();
  const grant = await closed(at);
  await at.db.clock.advance(DUE_MS);
  await look(at);
  const done = work();
  await review(at.context, { actor: await at.actor('sofia'), grant, answers }, done);
  expect(addressed(await noticesOfReviews(at, done.requestId))).toEqual([
    'review_card C0OPS',
    'review_card C0SECURITY',
  ]);
});

test('after a standstill of a week there is one escalation and then one list, not one for each day', async () => {
  const at = await office();
  await closed(at);
  await at.db.clock.advance(7 * DAY_MS);
  expect(await look(at)).toEqual({ escalated: 1, listed: 0 });
  expect(await look(at)).toEqual(nothing);
  await at.db.clock.advance(DAY_MS);
  expect(await look(at)).toEqual({ escalated: 0, listed: 1 });
  expect(await listsIn(at)).toMatchObject([{ reviews: [{ state: 'overdue' }] }]);
});

test('any number of processes that look at once tell of it once', async () => {
  const at = await office();
  await closed(at);
  const contexts = [at.context, at.anotherProcess(), at.anotherProcess()];
  const all = async () => {
    const told = await Promise.all(contexts.map((context, i) => remindOfReviews(context, `look-${i}`)));
    return told.reduce((sum, { escalated, listed }) => sum + escalated + listed, 0);
  };
  await at.db.clock.advance(DAY_MS);
  expect(await all()).toBe(1);
  await at.db.clock.advance(2 * DAY_MS);
  expect(await all()).toBe(1);
  expect(await listsIn(at)).toHaveLength(1);
});

test('while one process looks, another one does not: no list is told in two halves', async () => {
  const at = await office();
  await closed(at);
  await at.db.clock.advance(DAY_MS);
  const other = await at.db.session('app');
  await other.query('begin');
  await other.query("select pg_advisory_xact_lock(hashtextextended('reminders of reviews', 0))");
  expect(await look(at)).toEqual(nothing);
  await other.query('rollback');
  expect(await look(at)).toEqual({ escalated: 0, listed: 1 });
});

test('what is answered is not told of any more; what is excused is still listed, and not escalated', async () => {
  const at = await office();
  const [answered, excused] = [await closed(at), await closed(at)];
  await at.db.clock.advance(DUE_MS);
  const actor = await at.actor('sofia');
  await review(at.context, { actor, grant: answered, answers }, work());
  await excuseReview(at.context, { actor, grant: excused, reason: 'The next incident is burning.' }, work());
  expect(await look(at)).toEqual({ escalated: 0, listed: 1 });
  expect(await listsIn(at)).toMatchObject([{ reviews: [{ grant: excused, state: 'excused' }] }]);
  expect(await factsOf(at, excused)).not.toHaveProperty('break_glass.review_overdue');
});

test('one that is being answered at this moment is left for the next look, and holds up no other', async () => {
  const at = await office();
  const [busy, other] = [await closed(at), await closed(at)];
  await at.db.clock.advance(DUE_MS);
  const session = await at.db.session('superuser');
  await session.query('begin');
  await session.query('select from reviews where grant_id = $1 for update', [busy]);
  expect(await look(at)).toEqual({ escalated: 1, listed: 0 });
  await session.query('rollback');
  expect(await look(at)).toEqual({ escalated: 1, listed: 0 });
  for (const grant of [busy, other]) {
    expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.review_overdue': 1 });
  }
});
