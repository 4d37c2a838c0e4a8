import { expect, test } from 'vitest';
import { approve } from '../../src/usecases/approve.ts';
import { end } from '../../src/usecases/end.ts';
import { openReviews } from '../../src/usecases/list-reviews.ts';
import { request } from '../../src/usecases/request.ts';
import { excuseReview, review } from '../../src/usecases/review.ts';
import { everyAnswer as answers } from '../domain/builders.ts';
import { command, grantOf, type Office, office, work } from './office.ts';
import { closed, DUE_MS, HOUR_MS } from './reviews.ts';

async function closedByOmar(at: Office): Promise<string> {
  const actor = await at.actor('omar');
  const grant = grantOf(await request(at.context, command(actor), work()));
  const rest = { grant, minutes: null, comment: null };
  await approve(at.context, { actor: await at.actor('anna'), leg: 'owner', ...rest }, work());
  await approve(at.context, { actor: await at.actor('sam'), leg: 'security', ...rest }, work());
  await end(at.context, { actor, grant }, work());
  return grant;
}

const listed = async (at: Office, actor: Awaited<ReturnType<Office['actor']>>) => {
  const found = await openReviews(at.context, actor, 'list');
  return found.kind === 'refused' ? found.refusal : found.reviews.map(({ at: { grant } }) => grant.id);
};

test('reviewers see everybody’s, those that are overdue first; an operator their own; anybody else is refused', async () => {
  const at = await office();
  const [excused, overdue] = [await closed(at), await closed(at)];
  await at.db.clock.advance(HOUR_MS);
  const others = await closedByOmar(at);
  await at.db.clock.advance(DUE_MS - HOUR_MS);
  const sofia = await at.actor('sofia');
  await excuseReview(at.context, { actor: sofia, grant: excused, reason: 'The next incident is burning.' }, work());
  const ada = await at.somebody('T0HOME:U0ADA', { auditor: 'group' });
  for (const reviewer of [sofia, ada]) expect(await listed(at, reviewer)).toEqual([overdue, others, excused]);
  expect(await listed(at, await at.actor('olivia'))).toEqual([overdue, excused]);
  expect(await listed(at, await at.actor('omar'))).toEqual([others]);
  for (const player of ['petra', 'anna'] as const) {
    expect(await listed(at, await at.actor(player))).toEqual({ kind: 'not_the_role', leg: 'reviewer' });
  }
  await review(at.context, { actor: sofia, grant: overdue, answers }, work());
  expect(await listed(at, sofia)).toEqual([others, excused]);
  const refused = await at.db.query('superuser', "select 1 from audit_events where action = 'access.refused'");
  expect(refused).toHaveLength(2);
});
