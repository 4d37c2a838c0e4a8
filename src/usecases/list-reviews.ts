import type { Actor } from '../domain/people.ts';
import { reviewsListedFor } from '../domain/review.ts';
import type { GrantId } from '../domain/words.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { loadGrants } from '../store/grants.ts';
import { cardPlaces } from '../store/posted-cards.ts';
import { type ReviewRecord, unansweredReviews } from '../store/reviews.ts';
import { type Context, type Refused, refused } from './context.ts';

export interface ListedReview {
  at: GrantInContext;
  review: ReviewRecord;
  /** Where its card stands; null where it could not be posted yet. */
  card: { channel: string; ts: string } | null;
}

/** As many as anybody looks at. */
const LISTED = 50;

/** Reviews that nobody answered, overdue ones first: everybody's for reviewers, their own for an operator. */
export async function openReviews(
  context: Context,
  actor: Actor,
  requestId: string,
): Promise<{ kind: 'found'; whose: 'all' | 'own'; reviews: ListedReview[] } | Refused> {
  const whose = reviewsListedFor(actor);
  if (whose === null) {
    const refusal = { kind: 'not_the_role', leg: 'reviewer' } as const;
    await context.refusals.record({ actor, verb: 'reviews', refusal, about: null, requestId });
    return refused(refusal);
  }
  const { security } = context.inForce().channels;
  const reviews = await context.db.acrossTenants('list open reviews', async (tx) => {
    const open = await unansweredReviews(tx, whose === 'own' ? actor.person : null, LISTED);
    const ids = open.map(({ grant }) => grant);
    const [grants, cards] = [await loadGrants(tx, ids), await cardPlaces(tx, 'review', ids, security)];
    return open.flatMap(({ grant, ...review }): ListedReview[] => {
      const at = grants.get(grant);
      return at ? [{ at, review, card: cards.get(grant) ?? null }] : [];
    });
  });
  return { kind: 'found', whose, reviews };
}

/** Where the card of a session's review stands, for whoever is sent there; null where it does not yet. */
export const reviewCardPlace = ({ db, inForce }: Context, grant: GrantId): Promise<ListedReview['card']> =>
  db.acrossTenants('find the card of a review', async (tx) => {
    const places = await cardPlaces(tx, 'review', [grant], inForce().channels.security);
    return places.get(grant) ?? null;
  });
