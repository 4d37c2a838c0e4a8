import { recordOf } from '../domain/audit.ts';
import type { Decision, ReviewEvent } from '../domain/events.ts';
import type { Actor } from '../domain/people.ts';
import { excuse as decideExcuse, review as decideReview, type Review, type ReviewQuestion } from '../domain/review.ts';
import type { GrantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { loadGrant, lockGrant, tenantOfGrant } from '../store/grants.ts';
import { loadReview, saveReview } from '../store/reviews.ts';
import { type Context, type Outcome, refused, type Work } from './context.ts';
import { recordRefusal } from './decide-on-grant.ts';

/** Answer the questions that a break-glass session left behind. */
export const review = (
  context: Context,
  { actor, grant, answers }: { actor: Actor; grant: GrantId; answers: Partial<Record<ReviewQuestion, string>> },
  work: Work,
): Promise<Outcome> =>
  onReview(context, 'review', actor, grant, work, (at, owed) => decideReview(at.grant, owed, actor, answers, at.now));

/** Let an operator open the next break-glass although a review is overdue. */
export const excuseReview = (
  context: Context,
  { actor, grant, reason }: { actor: Actor; grant: GrantId; reason: string },
  work: Work,
): Promise<Outcome> =>
  onReview(context, 'excuse', actor, grant, work, (at, owed) => decideExcuse(at.grant, owed, actor, reason, at.now));

async function onReview(
  context: Context,
  verb: string,
  actor: Actor,
  id: GrantId,
  { requestId }: Work,
  decide: (at: GrantInContext, owed: Review | null) => Decision<ReviewEvent>,
): Promise<Outcome> {
  const outcome = await context.db.enterTenant(
    'find the tenant of a grant',
    (tx) => tenantOfGrant(tx, id),
    async (tx): Promise<Outcome> => {
      await lockGrant(tx, id);
      const at = await loadGrant(tx, id);
      if (at === null) return refused({ kind: 'unknown_grant' });
      if (at.epoch !== context.inForce().epoch) return refused({ kind: 'policy_outdated' });
      const { events, refusal } = decide(at, await loadReview(tx, id));
      if (refusal) return refused(refusal, at.accounts);
      for (const event of events) await saveReview(tx, at.grant, event);
      await recordAudit(
        tx,
        events.map((event) => recordOf(event, at.grant, actor.name, () => actor.name)),
        requestId,
      );
      return { kind: 'done', at };
    },
  );
  await recordRefusal(context, outcome, actor, verb, id, requestId);
  return outcome;
}
