import { commentMistake, reasonMistake } from './decide.ts';
import { type Decision, type ReviewEvent, refuse } from './events.ts';
import { addMinutes, type Grant } from './grant.ts';
import { type Actor, hasRoleFor } from './people.ts';
import { REVIEW_DUE_HOURS } from './policy.ts';
import { visible } from './text.ts';
import type { PersonId } from './words.ts';

/** What the runbook asks after every break-glass session. */
export const reviewQuestions = [
  'cause_documented',
  'evidence_produced',
  'permissions_reviewed',
  'preventive_work_filed',
  'temporary_credentials_removed',
  'temporary_network_access_removed',
  'secrets_rotated_or_not_exposed',
] as const;
export type ReviewQuestion = (typeof reviewQuestions)[number];

export interface Review {
  operator: PersonId;
  dueAt: Date;
  reviewed: { by: PersonId; at: Date } | null;
  excused: { by: PersonId; at: Date } | null;
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
  answers: Partial<Record<ReviewQuestion, string>>,
  now: Date,
): Decision<ReviewEvent> {
  if (!hasRoleFor(actor, 'security', grant) && !hasRoleFor(actor, 'auditor', grant))
    return refuse({ kind: 'not_the_role', leg: 'reviewer' });
  if (actor.person === grant.requester) return refuse({ kind: 'own_request' });
  if (grant.legs.some((leg) => leg.decision?.by === actor.person)) return refuse({ kind: 'decided_it' });
  if (owed === null) return refuse({ kind: 'closed' in grant.status ? 'no_review' : 'not_closed' });
  if (owed.reviewed) return refuse({ kind: 'already_reviewed', ...owed.reviewed });
  const missing = reviewQuestions.filter((question) => visible(answers[question] ?? '') === '');
  if (missing.length > 0) return refuse({ kind: 'questions_unanswered', missing });
  const given = Object.fromEntries(reviewQuestions.map((question) => [question, answers[question] ?? '']));
  const mistake = Object.values(given).flatMap((answer) => commentMistake(answer) ?? [])[0];
  if (mistake) return refuse(mistake);
  return { events: [{ name: 'reviewed', by: actor.person, at: now, answers: given }] };
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
  return { events: [{ name: 'review_excused', by: actor.person, at: now, reason }] };
}
