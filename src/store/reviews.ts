import type { ReviewEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import type { Review } from '../domain/review.ts';
import type { GrantId, PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { json } from './json.ts';

/** Since when the operator owes a review that nobody excused; null where none is overdue. Across tenants. */
export async function overdueSince(tx: Tx, operator: PersonId): Promise<Date | null> {
  const rows = await tx.$queryRaw<{ due_at: Date }[]>`
    select due_at from reviews
     where operator_id = ${operator}::uuid and reviewed_at is null and excused_at is null and due_at <= breakglass_now()
     order by due_at limit 1`;
  return rows[0]?.due_at ?? null;
}

export async function loadReview(tx: Tx, grant: GrantId): Promise<Review | null> {
  const row = await tx.review.findUnique({ where: { grantId: grant } });
  if (!row) return null;
  return {
    operator: row.operatorId,
    dueAt: row.dueAt,
    reviewed: row.reviewedAt && row.reviewerId ? { by: row.reviewerId, at: row.reviewedAt } : null,
    excused: row.excusedAt && row.excusedById ? { by: row.excusedById, at: row.excusedAt } : null,
  };
}

export async function saveReview(tx: Tx, grant: Grant, event: ReviewEvent): Promise<void> {
  switch (event.name) {
    case 'review_opened':
      await tx.review.createMany({
        data: { grantId: grant.id, tenantId: grant.tenant, operatorId: event.operator, dueAt: event.dueAt },
      });
      return;
    case 'reviewed':
      await tx.review.updateMany({
        where: { grantId: grant.id },
        data: { reviewedAt: event.at, reviewerId: event.by, answers: json(event.answers) },
      });
      return;
    case 'review_excused':
      await tx.review.updateMany({
        where: { grantId: grant.id },
        data: { excusedAt: event.at, excusedById: event.by, excuseReason: event.reason },
      });
  }
}
