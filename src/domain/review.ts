import { reasonMistake } from './decide.ts';
import { type Decision, type ReviewEvent, refuse } from './events.ts';
import { addMinutes, type Grant } from './grant.ts';
import { type Actor, actedBy, hasRole, hasRoleFor } from './people.ts';
import { REVIEW_DUE_HOURS, REVIEW_REMINDER_HOURS } from './policy.ts';
import type { Refusal } from './refusals.ts';
import { type GivenAnswers, readAnswers } from './review-answers.ts';
import type { PersonId } from './words.ts';

export interface Review {
  operator: PersonId;
  dueAt: Date;
  reviewed: { by: PersonId; at: Date } | null;
  excused: { by: PersonId; at: Date } | null;
}

/** An excused review is still owed; it only keeps nobody from anything. */
export type ReviewState = 'open' | 'overdue' | 'excused' | 'reviewed';

export function reviewStateAt({ reviewed, excused, dueAt }: Review, now: Date): ReviewState {
  if (reviewed) return 'reviewed';
  if (excused) return 'excused';
  return dueAt <= now ? 'overdue' : 'open';
}

/** A break-glass session that was active and is closed leaves a review behind. */
export function reviewAfter(grant: Grant): ReviewEvent[] {
  const { status } = grant;
  if (grant.kind !== 'break_glass' || !('closed' in status) || !('activatedAt' in status)) return [];
  return [
    { name: 'review_opened', operator: grant.requester, dueAt: addMinutes(status.closed.at, REVIEW_DUE_HOURS * 60) },
  ];
}

/** Answer the review: security, else an auditor; never somebody who asked for or approved the access. */
export function review(
  grant: Grant,
  owed: Review | null,
  actor: Actor,
  given: GivenAnswers,
  now: Date,
): Decision<ReviewEvent> {
  const refusal = mayNotReview(grant, owed, actor);
  if (refusal) return refuse(refusal);
  const read = readAnswers(given);
  if ('refusal' in read) return refuse(read.refusal);
  return { events: [{ name: 'reviewed', ...actedBy(actor), at: now, answers: read.answers }] };
}

/** Why this person can't answer it, whatever they would answer. Who is none of the reviewers learns nothing of its state. */
export function mayNotReview(grant: Grant, owed: Review | null, actor: Actor): Refusal | null {
  if (!hasRoleFor(actor, 'security', grant) && !hasRoleFor(actor, 'auditor', grant))
    return { kind: 'not_the_role', leg: 'reviewer' };
  if (actor.person === grant.requester) return { kind: 'own_request' };
  if (grant.legs.some((leg) => leg.decision?.by === actor.person)) return { kind: 'decided_it' };
  if (owed === null) return { kind: 'closed' in grant.status ? 'no_review' : 'not_closed' };
  if (owed.reviewed) return { kind: 'already_reviewed', ...owed.reviewed };
  return null;
}

/** Excuse an overdue review, so that an emergency does not die of paperwork: security, not the operator, with a reason. */
export function excuse(
  grant: Grant,
  owed: Review | null,
  actor: Actor,
  reason: string,
  now: Date,
): Decision<ReviewEvent> {
  if (!hasRoleFor(actor, 'security', grant)) return refuse({ kind: 'not_the_role', leg: 'excuser' });
  if (owed === null) return refuse({ kind: 'no_review' });
  if (owed.operator === actor.person) return refuse({ kind: 'own_request' });
  if (owed.reviewed) return refuse({ kind: 'already_reviewed', ...owed.reviewed });
  if (now < owed.dueAt) return refuse({ kind: 'not_due', at: owed.dueAt });
  const mistake = reasonMistake(reason);
  if (mistake) return refuse(mistake);
  if (owed.excused) return { events: [] };
  return { events: [{ name: 'review_excused', ...actedBy(actor), at: now, reason }] };
}

/** A review that nobody answered, and when somebody was last reminded of it. */
export interface Unanswered extends Review {
  remindedAt: Date | null;
}

/**
 * The reminder that falls due with the review itself: from then on the operator is kept from the next break-glass.
 * Once, however often and however late the clock looks; not where it is answered or excused by then.
 */
export function fallOverdue(owed: Unanswered, now: Date): ReviewEvent[] {
  const told = owed.remindedAt !== null && owed.remindedAt >= owed.dueAt;
  if (told || reviewStateAt(owed, now) !== 'overdue') return [];
  return [{ name: 'review_overdue', at: now, operator: owed.operator, dueAt: owed.dueAt }];
}

/** Nobody was reminded of it for a day. After any standstill that is one reminder, not one for each day. */
export function needsReminder({ dueAt, remindedAt, reviewed }: Unanswered, now: Date): boolean {
  const last = remindedAt ?? addMinutes(dueAt, -REVIEW_DUE_HOURS * 60);
  return reviewed === null && addMinutes(last, REVIEW_REMINDER_HOURS * 60) <= now;
}

/** Whose reviews somebody may list: reviewers everybody's, an operator their own, anybody else none. */
export function reviewsListedFor(actor: Actor): 'all' | 'own' | null {
  if (hasRole(actor, 'security') || hasRole(actor, 'auditor')) return 'all';
  return hasRole(actor, 'operator') ? 'own' : null;
}
