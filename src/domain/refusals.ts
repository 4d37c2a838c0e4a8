import type { Decided, State } from './grant.ts';
import type { NoteField, ReviewQuestion } from './review-answers.ts';
import type { ApiRole, GrantId, LegRole, PersonId, Scope } from './words.ts';

/** Where what somebody typed stands. */
export type TypedField = 'reason' | 'ticket' | 'comment' | 'title' | 'note' | 'links' | NoteField;

/** Why a verb was refused: a closed list, so that a new one does not compile until every door speaks it. */
export type Refusal =
  | { kind: 'not_an_operator' }
  | { kind: 'unknown_tenant' }
  | { kind: 'no_audit_view' }
  | { kind: 'wrong_role'; needs: readonly ApiRole[] }
  | { kind: 'not_linked' }
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
  | { kind: 'step_up_needed'; acrValues: readonly string[]; maxAgeSeconds: number }
  | { kind: 'link_too_new'; until: Date }
  | { kind: 'link_conflict' }
  | { kind: 'link_of_the_file' }
  | { kind: 'not_the_linked_subject' }
  | { kind: 'not_vouched_for' }
  | { kind: 'unknown_sign_in' }
  | { kind: 'policy_outdated' }
  | { kind: 'repeated_with_another_body' }
  | { kind: 'field_wrong'; field: string; expected: string }
  | { kind: 'needs_every_tenant' }
  | { kind: 'names_the_file'; what: 'tenant' | 'schedule' }
  | { kind: 'tenant_protected' }
  | { kind: 'tenant_archived' }
  | { kind: 'tenant_not_archived' }
  | { kind: 'tenant_exists' }
  | { kind: 'unknown_key' }
  | { kind: 'key_name_taken' }
  | { kind: 'key_revoked' }
  | { kind: 'last_admin_key' }
  | { kind: 'unknown_schedule' }
  | { kind: 'schedule_exists' }
  | { kind: 'unknown_notice' }
  | { kind: 'not_dead' }
  | { kind: 'not_waiting' }
  | { kind: 'notice_dropped' }
  | { kind: 'not_to_be_silenced' }
  | { kind: 'time_out_of_bounds'; latest: Date };

/** Refusals that somebody who wants in without asking would cause: each is recorded. */
export const ofSecurityInterest: { readonly [K in Refusal['kind']]: boolean } = {
  not_an_operator: true,
  unknown_tenant: true,
  no_audit_view: true,
  wrong_role: true,
  not_linked: true,
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
  step_up_needed: false,
  link_too_new: true,
  link_conflict: true,
  link_of_the_file: false,
  not_the_linked_subject: true,
  not_vouched_for: true,
  unknown_sign_in: true,
  policy_outdated: false,
  repeated_with_another_body: true,
  // Of administration, whatever was refused is on record.
  field_wrong: true,
  needs_every_tenant: true,
  names_the_file: true,
  tenant_protected: true,
  tenant_archived: true,
  tenant_not_archived: true,
  tenant_exists: true,
  unknown_key: true,
  key_name_taken: true,
  key_revoked: true,
  last_admin_key: true,
  unknown_schedule: true,
  schedule_exists: true,
  unknown_notice: true,
  not_dead: true,
  not_waiting: true,
  notice_dropped: true,
  not_to_be_silenced: true,
  time_out_of_bounds: true,
};
