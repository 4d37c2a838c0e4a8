import type { Grant } from '../domain/grant.ts';
import type { Tx } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';
import { reviewPlaces } from '../store/reviews.ts';
import type { InForce } from './context.ts';

/** The card of a review is drawn anew wherever it stands, in the change's own transaction; `also` are further places. */
export async function redrawReview(
  tx: Tx,
  { id, tenant }: Grant,
  { security }: InForce['channels'],
  requestId: string,
  also: readonly string[] = [],
): Promise<void> {
  const stands = await reviewPlaces(tx, id);
  const places = new Set([...(stands.length > 0 ? stands : [security]), ...also]);
  const notice = { kind: 'review_card', grant: id } as const;
  await enqueue(
    tx,
    [...places].map((destination) => ({ destination, notice })),
    { tenant, requestId },
  );
}
