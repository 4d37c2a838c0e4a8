import type { Refusal } from '../domain/refusals.ts';

/** 404: not to be seen; 403: not to be done; 422: said wrongly; 413: too much; 409: a rule of the lifecycle says no. */
type Status = 403 | 404 | 409 | 413 | 422;
type Said = { [K in Refusal['kind']]: readonly [Status, (refusal: Extract<Refusal, { kind: K }>) => string] };

/** One sentence a refusal, for programs and whoever reads their logs: it says no more than the caller may know. */
const said: Said = {
  not_an_operator: [403, () => 'Only operators can ask for access.'],
  unknown_tenant: [404, () => 'There is no such tenant.'],
  no_audit_view: [404, () => 'There is no such audit trail.'],
  wrong_role: [403, ({ needs }) => `This needs the role ${needs.join(' or ')}.`],
  not_linked: [403, () => 'This takes a person whose Slack identity is linked: /breakglass link.'],
  scope_of_other_command: [422, ({ scope }) => `The scope ${scope} is of the other kind.`],
  no_circumstance: [422, () => 'Expected the circumstance that applies.'],
  reason_length: [
    422,
    ({ field, min, max, found }) =>
      `${field}: expected ${min} to ${max} characters that can be read; this has ${found}.`,
  ],
  unprintable_text: [422, ({ field }) => `${field}: expected text without NUL and lone surrogates.`],
  ticket_format: [422, ({ pattern }) => `ticket: expected a match of ${pattern}.`],
  minutes_out_of_bounds: [422, ({ max }) => `minutes: expected 1 to ${max}.`],
  already_open: [409, ({ state }) => `The same access is ${state} already.`],
  review_overdue: [409, ({ since }) => `A review is overdue since ${since.toISOString()}.`],
  waiver_paused: [409, ({ until }) => `The owners changed lately; there is no waiver until ${until.toISOString()}.`],
  unknown_grant: [404, () => 'There is no such grant.'],
  own_request: [409, () => 'Nobody decides their own request.'],
  not_the_role: [403, ({ leg }) => `This is for the role ${leg}.`],
  not_a_leg: [409, ({ leg }) => `The request does not need the leg ${leg}.`],
  decided_another_leg: [409, ({ leg }) => `The same person decided the leg ${leg}.`],
  leg_decided: [409, ({ leg, decision }) => `The leg ${leg} was ${decision.verdict} at ${decision.at.toISOString()}.`],
  not_requested: [409, ({ state, at }) => `The request is ${state} since ${at.toISOString()}.`],
  not_active: [409, ({ state, at }) => `The access is ${state}${at ? ` since ${at.toISOString()}` : ''}.`],
  not_yours: [403, () => 'Only the person who asked can do that.'],
  not_shorter: [409, ({ granted }) => `minutes: expected fewer than the ${granted} that stand.`],
  policy_stricter: [409, () => 'The rules for this scope became stricter after the request was made.'],
  not_due: [409, ({ at }) => `This is not due before ${at.toISOString()}.`],
  no_review: [409, () => 'This session leaves no review.'],
  not_closed: [409, () => 'This session is not over yet.'],
  already_reviewed: [409, ({ at }) => `This was reviewed at ${at.toISOString()}.`],
  decided_it: [409, () => 'Who approved a session does not review it.'],
  questions_unanswered: [422, ({ missing }) => `Expected an answer to every question; missing: ${missing.join(', ')}.`],
  note_missing: [422, ({ question }) => `${question}: expected a note.`],
  link_missing: [422, ({ question }) => `${question}: expected a link.`],
  never_active: [409, () => 'This access was never active, so there is nothing to attach to.'],
  links_wrong: [422, ({ max }) => `links: expected ${max} or fewer, each starting with https:// or http://.`],
  evidence_too_large: [413, ({ max, found }) => `content: expected ${max} bytes or fewer, found ${found}.`],
  nothing_attached: [422, () => 'Expected a content or a link.'],
  step_up_needed: [
    403,
    ({ acrValues, maxAgeSeconds }) =>
      `This needs a sign-in of the last ${maxAgeSeconds} seconds${acrValues.length > 0 ? `, with acr ${acrValues.join(' or ')}` : ''}.`,
  ],
  link_too_new: [
    403,
    ({ until }) => `The identity was linked lately and carries no approval before ${until.toISOString()}.`,
  ],
  link_conflict: [409, () => 'One of the two is linked already.'],
  link_of_the_file: [409, () => 'The configuration says who this is; it is changed there.'],
  not_the_linked_subject: [403, () => 'Somebody else signed in than the one this account is linked to.'],
  not_vouched_for: [403, () => 'Slack does not vouch for this account.'],
  unknown_sign_in: [404, () => 'There is no such sign-in, or not any more.'],
  policy_outdated: [409, () => 'The configuration just changed. Try again in a few seconds.'],
  repeated_with_another_body: [409, () => 'The same key was used with another body.'],
  field_wrong: [422, ({ field, expected }) => `${field}: expected ${expected}.`],
  needs_every_tenant: [403, () => 'This takes a caller who is bound to no tenants.'],
  names_the_file: [409, ({ what }) => `The configuration file names this ${what}: change it there.`],
  tenant_protected: [409, () => 'The system tenant is protected.'],
  tenant_archived: [409, () => 'The tenant is archived.'],
  tenant_not_archived: [409, () => 'The tenant is not archived.'],
  tenant_exists: [409, () => 'There is a tenant of this key already.'],
  unknown_key: [404, () => 'There is no such key.'],
  key_name_taken: [409, () => 'A key has or had this name.'],
  key_revoked: [409, () => 'The key was revoked before.'],
  last_admin_key: [409, () => 'A key does not revoke the last one that can administer everything.'],
  unknown_schedule: [404, () => 'There is no such schedule.'],
  schedule_exists: [409, () => 'There is a schedule of this name already.'],
  unknown_notice: [404, () => 'There is no such notice.'],
  not_dead: [409, () => 'The notice is not dead.'],
  not_waiting: [409, () => 'The notice does not wait.'],
  notice_dropped: [409, () => 'The notice was dropped.'],
  not_to_be_silenced: [409, () => 'This notice can be sent again or at another time, and not dropped.'],
  time_out_of_bounds: [422, ({ latest }) => `at: expected a time until ${latest.toISOString()}.`],
};

export function problemWords(refusal: Refusal): { status: number; detail: string } {
  // Each entry takes exactly its own kind of refusal, which TypeScript can't follow through the look-up.
  const [status, say] = said[refusal.kind] as readonly [Status, (refusal: Refusal) => string];
  return { status, detail: say(refusal) };
}
