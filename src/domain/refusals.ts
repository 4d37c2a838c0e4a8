import type { Decided, State } from './grant.ts';
import type { NoteField, ReviewQuestion } from './review-answers.ts';
import type { GrantId, KeyRole, LegRole, PersonId, Scope } from './words.ts';

/** Where what somebody typed stands. */
export type TypedField = 'reason' | 'ticket' | 'comment' | 'title' | 'note' | 'links' | NoteField;

/** Why a verb was refused: a closed list, so that a new one does not compile until every door speaks it. */
export type Refusal =
  | { kind: 'not_an_operator' }
  | { kind: 'unknown_tenant' }
  | { kind: 'no_audit_view' }
  | { kind: 'wrong_key'; needs: KeyRole }
  | { kind: 'scope_of_other_command'; scope: Scope }
  | { kind: 'no_circumstance' }
  | { kind: 'reason_length'; field: TypedField; min: number; max: number; found: number }
  | { kind: 'unprintable_text'; field: TypedField }
  | { kind: 'ticket_format'; pattern: string }
  | { kind: 'minutes_out_of_bounds'; max: number }
  | { kind: 'already_open'; state: 'requested' | 'active' }
  | { kind: 'review_overdue'; since: Date; grant: GrantId }
  | { kind: 'waiver_paused'; until: Date }
  | { kind: 'unknown_grant' }
  | { kind: 'own_request' }
  | { kind: 'not_the_role'; leg: LegRole | 'revoker' | 'reviewer' | 'excuser' | 'auditor' }
  | { kind: 'not_a_leg'; leg: LegRole }
  | { kind: 'decided_another_leg'; leg: LegRole }
  | { kind: 'leg_decided'; leg: LegRole; decision: Decided }
  | { kind: 'not_requested'; state: State; by: PersonId | null; at: Date }
  | { kind: 'not_active'; state: State; by: PersonId | null; at: Date | null }
  | { kind: 'not_yours' }
  | { kind: 'not_shorter'; granted: number }
  | { kind: 'policy_stricter' }
  | { kind: 'not_due'; at: Date }
  | { kind: 'no_review' }
  | { kind: 'not_closed' }
  | { kind: 'already_reviewed'; by: PersonId; at: Date }
  | { kind: 'decided_it' }
  | { kind: 'questions_unanswered'; missing: readonly ReviewQuestion[] }
  | { kind: 'note_missing'; question: ReviewQuestion }
  | { kind: 'link_missing'; question: ReviewQuestion }
  | { kind: 'never_active' }
  | { kind: 'links_wrong'; max: number }
  | { kind: 'evidence_too_large'; max: number; found: number }
  | { kind: 'nothing_attached' }
  | { kind: 'policy_outdated' }
  | { kind: 'repeated_with_another_body' };

/** Refusals that somebody who wants in without asking would cause: each is recorded. */
export const ofSecurityInterest: { readonly [K in Refusal['kind']]: boolean } = {
  not_an_operator: true,
  unknown_tenant: true,
  no_audit_view: true,
  wrong_key: true,
  scope_of_other_command: true,
  no_circumstance: false,
  reason_length: false,
  unprintable_text: true,
  ticket_format: false,
  minutes_out_of_bounds: true,
  already_open: false,
  review_overdue: true,
  waiver_paused: true,
  unknown_grant: true,
  own_request: true,
  not_the_role: true,
  not_a_leg: true,
  decided_another_leg: true,
  leg_decided: false,
  not_requested: false,
  not_active: false,
  not_yours: true,
  not_shorter: false,
  policy_stricter: true,
  not_due: false,
  no_review: false,
  not_closed: false,
  already_reviewed: false,
  decided_it: true,
  questions_unanswered: false,
  note_missing: false,
  link_missing: false,
  never_active: false,
  links_wrong: false,
  evidence_too_large: false,
  nothing_attached: false,
  policy_outdated: false,
  repeated_with_another_body: true,
};
