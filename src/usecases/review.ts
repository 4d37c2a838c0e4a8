import { recordOf } from '../domain/audit.ts';
import type { Decision, ReviewEvent } from '../domain/events.ts';
import type { Actor } from '../domain/people.ts';
import { excuse as decideExcuse, review as decideReview, mayNotReview, type Review } from '../domain/review.ts';
import type { GivenAnswers } from '../domain/review-answers.ts';
import type { GrantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { loadGrant, lockGrant, tenantOfGrant } from '../store/grants.ts';
import { rememberHandled } from '../store/handled.ts';
import { loadReview, type ReviewRecord, saveReview } from '../store/reviews.ts';
import { type Context, type Outcome, type Refused, refused, type Work } from './context.ts';
import { asRepeated, closeWhatIsDue, recordRefusal, repeatKey } from './decide-on-grant.ts';
import { redrawReview } from './redraw-review.ts';

interface OnReview {
  actor: Actor;
  grant: GrantId;
}

/** Answer the questions that a break-glass session left behind. */
export const review = (
  context: Context,
  { answers, ...about }: OnReview & { answers: GivenAnswers },
  work: Work,
): Promise<Outcome> =>
  onReview(context, { verb: 'review', body: answers, ...about }, work, (at, owed) =>
    decideReview(at.grant, owed, about.actor, answers, at.now),
  );

/** Let an operator open the next break-glass although a review is overdue. */
export const excuseReview = (
  context: Context,
  { reason, ...about }: OnReview & { reason: string },
  work: Work,
): Promise<Outcome> =>
  onReview(context, { verb: 'excuse', body: reason, ...about }, work, (at, owed) =>
    decideExcuse(at.grant, owed, about.actor, reason, at.now),
  );

/** Why somebody need not begin to answer; null where they may. What is decided is decided when the answers come. */
export async function notForReview(
  context: Context,
  { actor, grant }: OnReview,
  { requestId }: Pick<Work, 'requestId'>,
): Promise<Refused | null> {
  const outcome = await context.db.enterTenant(
    'find the tenant of a session to be reviewed',
    (tx) => tenantOfGrant(tx, grant),
    async (tx) => {
      const at = await loadGrant(tx, grant);
      if (at === null) return refused({ kind: 'unknown_grant' });
      const owed = await loadReview(tx, grant);
      const refusal = mayNotReview(at.grant, owed, actor);
      return refusal && refused(refusal, namesAround(at, owed));
    },
  );
  if (outcome) await recordRefusal(context, outcome, actor, 'review', grant, requestId);
  return outcome;
}

async function onReview(
  context: Context,
  { verb, body, actor, grant: id }: OnReview & { verb: string; body: unknown },
  work: Work,
  decide: (at: GrantInContext, owed: Review | null) => Decision<ReviewEvent>,
): Promise<Outcome> {
  const repeat = repeatKey(actor, verb, work, [id, body]);
  const outcome = await context.db.enterTenant(
    'find the tenant of a grant',
    (tx) => tenantOfGrant(tx, id),
    async (tx): Promise<Outcome> => {
      await lockGrant(tx, id);
      const repeated = await asRepeated(tx, repeat);
      if (repeated) return repeated;
      const found = await loadGrant(tx, id);
      if (found === null) return refused({ kind: 'unknown_grant' });
      const inForce = context.inForce();
      if (found.epoch !== inForce.epoch) return refused({ kind: 'policy_outdated' });
      const at = await closeWhatIsDue(tx, found, inForce, work.requestId);
      const owed = await loadReview(tx, id);
      const { events, refusal } = decide(at, owed);
      if (refusal) return refused(refusal, namesAround(at, owed));
      for (const event of events) await saveReview(tx, at.grant, event);
      const rows = events.map((event) => recordOf(event, at.grant, actor.name, () => actor.name));
      await recordAudit(tx, rows, work.requestId);
      if (events.length > 0) await redrawReview(tx, at.grant, inForce.channels, work.requestId);
      if (repeat) await rememberHandled(tx, repeat, { grant: id });
      return { kind: 'done', at };
    },
  );
  await recordRefusal(context, outcome, actor, verb, id, work.requestId);
  return outcome;
}

/** People whom a refusal may mention: who answered the review is not among those of the grant. */
const namesAround = ({ accounts }: GrantInContext, owed: ReviewRecord | null) =>
  new Map([...accounts, ...(owed?.accounts ?? [])]);
