import { expect, test } from 'vitest';
import { request } from '../../src/usecases/request.ts';
import { excuseReview, notForReview, review } from '../../src/usecases/review.ts';
import { everyAnswer as answers } from '../domain/builders.ts';
import { accountOf, active, command, factsOf, type Office, office, requested, work } from './office.ts';
import { addressed, closed, DUE_MS, noticesOfReviews, overdue, ranOut, versionOf } from './reviews.ts';

const askAgain = async (at: Office) => request(at.context, command(await at.actor('olivia')), work());

test('an overdue review keeps the operator from the next break-glass, until somebody reviewed it', async () => {
  const at = await office();
  const grant = await overdue(at);
  expect(await askAgain(at)).toMatchObject({ kind: 'refused', refusal: { kind: 'review_overdue', grant } });
  expect(await review(at.context, { actor: await at.actor('sofia'), grant, answers }, work())).toMatchObject({
    kind: 'done',
  });
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.reviewed': 1 });
  expect(await askAgain(at)).toMatchObject({ kind: 'done' });
});

test('security excuses an overdue review with a reason, never the operator, and it is on record', async () => {
  const at = await office();
  const grant = await overdue(at);
  const excuse = async (player: 'olivia' | 'sofia', reason: string) =>
    excuseReview(at.context, { actor: await at.actor(player), grant, reason }, work());
  expect(await excuse('olivia', 'I am busy.')).toMatchObject({ refusal: { kind: 'not_the_role' } });
  expect(await excuse('sofia', ' ')).toMatchObject({ refusal: { kind: 'reason_length' } });
  expect(await excuse('sofia', 'The next incident is burning.')).toMatchObject({ kind: 'done' });
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.review_excused': 1 });
  expect(await askAgain(at)).toMatchObject({ kind: 'done' });
});

test('who approved the session may not review it, nor the operator though they are security; both are on record', async () => {
  const at = await office();
  const grant = await closed(at);
  const sam = await at.actor('sam');
  expect(await review(at.context, { actor: sam, grant, answers }, work())).toMatchObject({
    refusal: { kind: 'decided_it' },
  });
  const olivia = await at.somebody(accountOf('olivia'), { operator: 'named', security: 'named' });
  expect(await review(at.context, { actor: olivia, grant, answers }, work())).toMatchObject({
    refusal: { kind: 'own_request' },
  });
  expect(await factsOf(at, grant)).not.toHaveProperty('break_glass.reviewed');
  const refused = await at.db.query(
    'superuser',
    `select actor, details->>'verb' as verb, details->>'refusal' as refusal from audit_events
      where action = 'access.refused' order by id`,
  );
  expect(refused).toEqual([
    { actor: sam.name, verb: 'review', refusal: 'decided_it' },
    { actor: olivia.name, verb: 'review', refusal: 'own_request' },
  ]);
});

test('answers are kept with the review and in its audit row, question by question', async () => {
  const at = await office();
  const grant = await closed(at);
  const sofia = await at.actor('sofia');
  await review(at.context, { actor: sofia, grant, answers }, work());
  const [kept] = await at.db.query('superuser', 'select answers, reviewer_id as by from reviews where grant_id = $1', [
    grant,
  ]);
  expect(kept).toEqual({ answers, by: sofia.person });
  const rows = await at.db.query(
    'superuser',
    "select actor, details from audit_events where action = 'break_glass.reviewed'",
  );
  expect(rows).toEqual([{ actor: sofia.name, details: expect.objectContaining({ person: sofia.person, answers }) }]);
});

test('the end of a break-glass session puts the card of its review in security, with the change itself', async () => {
  const at = await office();
  const grant = await active(at);
  expect(await noticesOfReviews(at)).toEqual([]);
  await at.db.clock.advance(61 * 60_000);
  // Whoever touches it first closes it: a late review does as well as the clock.
  const late = await review(at.context, { actor: await at.actor('sofia'), grant, answers: {} }, work());
  expect(late).toMatchObject({ refusal: { kind: 'questions_unanswered' } });
  expect(addressed(await noticesOfReviews(at))).toEqual(['review_card C0SECURITY']);
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.expired': 1, 'break_glass.review_opened': 1 });
});

test('a session that ran out can be reviewed before the clock has swept', async () => {
  const at = await office();
  const grant = await ranOut(at);
  expect(await review(at.context, { actor: await at.actor('sofia'), grant, answers }, work())).toMatchObject({
    kind: 'done',
  });
});

test('each fact about a review makes another version of its card, which is drawn where it stands', async () => {
  const at = await office();
  const grant = await overdue(at);
  const sofia = await at.actor('sofia');
  const versions = [await versionOf(at, grant)];
  await excuseReview(at.context, { actor: sofia, grant, reason: 'The next incident is burning.' }, work());
  versions.push(await versionOf(at, grant));
  await excuseReview(at.context, { actor: sofia, grant, reason: 'Twice is once.' }, work());
  versions.push(await versionOf(at, grant));
  await review(at.context, { actor: sofia, grant, answers }, work());
  versions.push(await versionOf(at, grant));
  expect(versions).toEqual([1, 2, 2, 3]);
  expect(addressed(await noticesOfReviews(at))).toEqual(Array(3).fill('review_card C0SECURITY'));
});

test('a review that is delivered twice is answered once, and the second is no mistake', async () => {
  const at = await office();
  const grant = await closed(at);
  const actor = await at.actor('sofia');
  const send = (body = answers) => review(at.context, { actor, grant, answers: body }, work('view'));
  expect(await send()).toMatchObject({ kind: 'done' });
  expect(await send()).toEqual({ kind: 'repeated', grant });
  const other = { ...answers, cause_documented: { answer: 'no', note: 'Not yet.' } as const };
  expect(await send(other)).toMatchObject({ refusal: { kind: 'repeated_with_another_body' } });
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.reviewed': 1 });
});

test('of two who answer at once one is told who was faster, by name', async () => {
  const at = await office();
  const grant = await closed(at);
  const [sofia, ada] = [await at.actor('sofia'), await at.somebody('T0HOME:U0ADA', { auditor: 'named' })];
  const outcomes = await Promise.all([
    review(at.context, { actor: sofia, grant, answers }, work()),
    review(at.anotherProcess(), { actor: ada, grant, answers }, work()),
  ]);
  const refused = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome] : []));
  expect(refused).toMatchObject([{ refusal: { kind: 'already_reviewed' } }]);
  const [lost] = refused;
  const by = lost?.refusal.kind === 'already_reviewed' ? lost.refusal.by : '';
  expect(['T0HOME:U0SOFIA', 'T0HOME:U0ADA']).toContain(lost?.accounts.get(by));
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.reviewed': 1 });
});

test('who may not review is told before they begin to answer, and nothing of it is decided then', async () => {
  const at = await office();
  const grant = await closed(at);
  const ask = async (actor: Awaited<ReturnType<Office['actor']>>, about = grant) =>
    notForReview(at.context, { actor, grant: about }, work());
  expect(await ask(await at.actor('sofia'))).toBeNull();
  expect(await ask(await at.actor('sam'))).toMatchObject({ refusal: { kind: 'decided_it' } });
  expect(await ask(await at.actor('petra'))).toMatchObject({ refusal: { kind: 'not_the_role' } });
  const other = await requested(at);
  expect(await ask(await at.actor('sofia'), other)).toMatchObject({ refusal: { kind: 'not_closed' } });
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect(await ask(await at.actor('sofia'), unknown)).toMatchObject({ refusal: { kind: 'unknown_grant' } });
  expect(await factsOf(at, grant)).not.toHaveProperty('break_glass.reviewed');
});

test('a review is not overdue a moment before its 72 hours are over', async () => {
  const at = await office();
  await closed(at);
  await at.db.clock.advance(DUE_MS - 60_000);
  expect(await askAgain(at)).toMatchObject({ kind: 'done' });
});
