import type { ReviewEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import type { Review, Unanswered } from '../domain/review.ts';
import type { ReviewAnswers } from '../domain/review-answers.ts';
import type { GrantId, PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';
import { json } from './json.ts';

/** The oldest review of an operator that is overdue and that nobody excused; null where there is none. Across tenants. */
export async function oldestOverdue(tx: Tx, operator: PersonId): Promise<{ since: Date; grant: GrantId } | null> {
  const rows = await tx.$queryRaw<{ since: Date; grant: GrantId }[]>`
    select due_at as since, grant_id as "grant" from reviews
     where operator_id = ${operator}::uuid and reviewed_at is null and excused_at is null and due_at <= breakglass_now()
     order by due_at limit 1`;
  return rows[0] ?? null;
}

/** A review with what its card shows. */
export interface ReviewRecord extends Unanswered {
  answers: ReviewAnswers | null;
  excuseReason: string | null;
  version: number;
  /** Slack accounts of who owes, answered or excused it. */
  accounts: ReadonlyMap<PersonId, string>;
}

interface ReviewRow {
  grant_id: GrantId;
  operator_id: PersonId;
  due_at: Date;
  reviewed_at: Date | null;
  reviewer_id: PersonId | null;
  answers: ReviewAnswers | null;
  excused_at: Date | null;
  excused_by: PersonId | null;
  excuse_reason: string | null;
  reminded_at: Date | null;
  version: number;
  accounts: Record<PersonId, string> | null;
}

const selected = Prisma.sql`
  select r.*, (select json_object_agg(i.person_id, i.issuer || ':' || i.external_id) from identities i
                where i.provider = 'slack' and i.person_id in (r.operator_id, r.reviewer_id, r.excused_by)) as accounts
    from reviews r`;

export async function loadReview(tx: Tx, grant: GrantId): Promise<ReviewRecord | null> {
  const rows = await tx.$queryRaw<ReviewRow[]>`${selected} where r.grant_id = ${grant}::uuid`;
  return rows[0] ? reviewFrom(rows[0]) : null;
}

/** Reviews that nobody answered: those that are overdue and not excused first, the longest due before the others. */
export async function unansweredReviews(
  tx: Tx,
  operator: PersonId | null,
  limit: number,
): Promise<(ReviewRecord & { grant: GrantId })[]> {
  const rows = await tx.$queryRaw<ReviewRow[]>`${selected}
    where r.reviewed_at is null and (${operator}::uuid is null or r.operator_id = ${operator}::uuid)
    order by r.excused_at is not null, r.due_at, r.grant_id limit ${limit}`;
  return rows.map((row) => ({ grant: row.grant_id, ...reviewFrom(row) }));
}

const reviewFrom = (row: ReviewRow): ReviewRecord => ({
  operator: row.operator_id,
  dueAt: row.due_at,
  reviewed: fact(row.reviewer_id, row.reviewed_at),
  excused: fact(row.excused_by, row.excused_at),
  answers: row.answers,
  excuseReason: row.excuse_reason,
  remindedAt: row.reminded_at,
  version: row.version,
  accounts: new Map(Object.entries(row.accounts ?? {})),
});

const fact = (by: PersonId | null, at: Date | null): Review['reviewed'] => (by && at ? { by, at } : null);

/** Writes a fact about a review. Each but the first makes another version of its card. */
export async function saveReview(tx: Tx, grant: Grant, event: ReviewEvent): Promise<void> {
  const where = { grantId: grant.id };
  const version = { increment: 1 };
  switch (event.name) {
    case 'review_opened':
      await tx.review.createMany({
        data: { grantId: grant.id, tenantId: grant.tenant, operatorId: event.operator, dueAt: event.dueAt },
      });
      return;
    case 'review_overdue':
      await tx.review.updateMany({ where, data: { remindedAt: event.at, version } });
      return;
    case 'reviewed':
      await tx.review.updateMany({
        where,
        data: { reviewedAt: event.at, reviewerId: event.by, answers: json(event.answers), version },
      });
      return;
    case 'review_excused':
      await tx.review.updateMany({
        where,
        data: { excusedAt: event.at, excusedById: event.by, excuseReason: event.reason, version },
      });
  }
}

/** Its card shows something else from now on, such as evidence that came late. False where no review is owed. */
export async function changeReviewCard(tx: Tx, grant: GrantId): Promise<boolean> {
  const { count } = await tx.review.updateMany({ where: { grantId: grant }, data: { version: { increment: 1 } } });
  return count === 1;
}

/** Where a review's card was sent to: those places are told of every change. */
export async function reviewPlaces(tx: Tx, grant: GrantId): Promise<string[]> {
  const rows = await tx.$queryRaw<{ destination: string }[]>`
    select distinct destination from outbox
     where grant_id = ${grant}::uuid and kind = 'review_card' order by destination`;
  return rows.map(({ destination }) => destination);
}

/**
 * Lets one process at a time look for what to remind of, for the rest of its transaction.
 * @returns false where another one is at it
 */
export async function claimReminders(tx: Tx): Promise<boolean> {
  const rows = await tx.$queryRaw<{ claimed: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('reminders of reviews', 0)) as claimed`;
  return rows[0]?.claimed ?? false;
}

/** Every unanswered review, locked; one that is being answered at this moment is left for the next look. Across tenants. */
export async function lockUnanswered(tx: Tx): Promise<(Unanswered & { grant: GrantId })[]> {
  const rows = await tx.$queryRaw<ReviewRow[]>`
    select r.*, null as accounts from reviews r where r.reviewed_at is null
     order by r.due_at, r.grant_id for update skip locked`;
  return rows.map((row) => ({ grant: row.grant_id, ...reviewFrom(row) }));
}

export async function markReminded(tx: Tx, grants: readonly GrantId[]): Promise<void> {
  await tx.$executeRaw`
    update reviews set reminded_at = breakglass_now() where grant_id = any(${grants}::uuid[])`;
}
