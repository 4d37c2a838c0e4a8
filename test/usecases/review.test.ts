import { expect, test } from 'vitest';
import { reviewQuestions } from '../../src/domain/review.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { excuseReview, review } from '../../src/usecases/review.ts';
import { active, command, factsOf, type Office, office, work } from './office.ts';

const answers = Object.fromEntries(reviewQuestions.map((question) => [question, 'Yes, see INC-42.']));
const DUE_MS = 72 * 60 * 60_000;

/** A session of Olivia's that is over, and whose review is overdue. */
async function overdue(at: Office): Promise<string> {
  const grant = await active(at);
  await end(at.context, { actor: await at.actor('olivia'), grant }, work());
  await at.db.clock.advance(DUE_MS + 1_000);
  return grant;
}

const askAgain = async (at: Office) => request(at.context, command(await at.actor('olivia')), work());

test('an overdue review keeps the operator from the next break-glass, until somebody reviewed it', async () => {
  const at = await office();
  const grant = await overdue(at);
  expect(await askAgain(at)).toMatchObject({ kind: 'refused', refusal: { kind: 'review_overdue' } });
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
