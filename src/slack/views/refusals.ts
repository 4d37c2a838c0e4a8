import type { Refusal } from '../../domain/refusals.ts';
import { noteField } from '../../domain/review-answers.ts';
import { fields } from '../ids.ts';
import { duration, link, list, mention, moment } from '../text.ts';
import { legWords, questionWords, scopeWords, stateWords } from './words.ts';

type Accounts = ReadonlyMap<string, string>;
type Said = {
  [K in Refusal['kind']]: (
    refusal: Extract<Refusal, { kind: K }>,
    accounts: Accounts,
    address: string | null,
  ) => string;
};

const by = (person: string | null, accounts: Accounts): string =>
  person ? ` by ${mention(accounts.get(person))}` : '';

/** One sentence a refusal, for the person and nobody else. It says what is so and what to do, and no more. */
const said: Said = {
  not_an_operator: () => 'Only operators can ask for access. If you should be one, ask your security team.',
  unknown_tenant: () => 'There is no such tenant that you can use here.',
  no_audit_view: () =>
    'There is no such audit trail that you can see now. Ask for Audit view with /support-access first.',
  wrong_role: ({ needs }) => `This needs the role ${needs.join(' or ')}.`,
  not_linked: () => 'Your Slack account is not linked to the identity provider. Type /breakglass link.',
  scope_of_other_command: ({ scope }) => `${scopeWords[scope].name} belongs to the other command.`,
  no_circumstance: () => 'Choose which circumstance applies.',
  reason_length: ({ min, max, found }) =>
    min === 0
      ? `Write ${max} characters at most; this has ${found}.`
      : `Write between ${min} and ${max} characters that can be read; this has ${found} in all.`,
  unprintable_text: () => 'This contains a character that cannot be stored. Type it again instead of pasting it.',
  ticket_format: ({ pattern }) => `This is not a ticket number. It has to match ${pattern}.`,
  minutes_out_of_bounds: ({ max }) => `Choose ${duration(max)} or less for this scope.`,
  already_open: ({ state }) =>
    state === 'active'
      ? 'You already have this access. End it before you ask again.'
      : 'You already asked for this. Withdraw that request before you ask again.',
  review_overdue: ({ since }, _, address) =>
    `${address ? link(address, 'The review of an earlier break-glass session of yours') : 'The review of an earlier break-glass session of yours'} is overdue since ${since.toISOString().slice(0, 10)}. Ask security to complete or excuse it.`,
  waiver_paused: ({ until }) =>
    `The owners of this tenant changed within the last day, so their approval can't be waived until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
  unknown_grant: () => 'There is no such request.',
  own_request: () => 'You cannot decide your own request.',
  not_the_role: ({ leg }) => notTheRole[leg],
  not_a_leg: ({ leg }) => `This request does not need approval by ${legWords[leg]}.`,
  decided_another_leg: ({ leg }) =>
    `You already approved this as ${legWords[leg]}. A different person has to approve this part.`,
  leg_decided: ({ leg, decision }, accounts) =>
    `The ${legWords[leg]} part was already ${decision.verdict}${by(decision.by, accounts)}, ${moment(decision.at)}.`,
  not_requested: ({ state, by: person, at }, accounts) =>
    `This can't be decided any more: ${stateWords[state].toLowerCase()}${by(person, accounts)}, ${moment(at)}.`,
  not_active: ({ state, by: person, at }, accounts) =>
    `This access is not active: ${stateWords[state].toLowerCase()}${by(person, accounts)}${at ? `, ${moment(at)}` : ''}.`,
  not_yours: () => 'Only the person who asked can do that.',
  not_shorter: ({ granted }) => `Choose less than ${duration(granted)}, which is what stands now.`,
  policy_stricter: () =>
    'The rules for this scope became stricter after the request was made. Ask for it to be made again.',
  not_due: ({ at }) => `This is not due before ${moment(at)}.`,
  no_review: () => 'This session leaves no review.',
  not_closed: () => 'This session is not over yet.',
  already_reviewed: ({ by: person, at }, accounts) =>
    `This was already reviewed${by(person, accounts)}, ${moment(at)}.`,
  decided_it: () => 'You approved this session, so somebody else has to review it.',
  questions_unanswered: ({ missing }) =>
    `Answer every question; missing: ${list(missing.map((question) => questionWords[question].short))}.`,
  note_missing: () => 'Write why not, and who sees to it.',
  link_missing: () => 'Add a link to what was filed, starting with https://.',
  never_active: () => 'This access was never active, so there is nothing to attach to.',
  links_wrong: ({ max }) => `Write up to ${max} links, one a line, each starting with https:// or http://.`,
  evidence_too_large: ({ max, found }) => `This has ${found} bytes; ${max} is the most that is kept.`,
  nothing_attached: () => 'Write a note or add a link.',
  step_up_needed: () =>
    'This needs a fresh sign-in at your identity provider, and none is set up here. Ask your platform team.',
  link_too_new: ({ until }) =>
    `Your identity was linked within the last day, so it can't carry an approval before ${moment(until)}. If that was not you, tell security.`,
  link_conflict: () =>
    'This was not linked: your Slack account, or that identity, is linked already. If you do not know why, ask security.',
  link_of_the_file: () =>
    'The configuration says who you are at your identity provider, so it has to be changed there.',
  not_the_linked_subject: () =>
    'The identity that signed in is not the one your Slack account is linked to, so nothing was approved.',
  not_vouched_for: () => 'Only people of this workspace can be linked.',
  unknown_sign_in: () => 'There is no such sign-in, or it was used or ran out. Start again.',
  policy_outdated: () => 'The configuration just changed. Try again in a few seconds.',
  repeated_with_another_body: () => 'This form was already used for something else. Open it again.',
  field_wrong: ({ field, expected }) => `${field}: expected ${expected}.`,
  needs_every_tenant: () => 'This is about every tenant, and you answer for some of them.',
  names_the_file: ({ what }) => `The configuration file names this ${what}: change it there.`,
  tenant_protected: () => 'This tenant belongs to the system. Nobody makes, changes or archives it.',
  tenant_archived: () => 'This tenant is archived. Restore it first.',
  tenant_not_archived: () => 'This tenant is not archived.',
  tenant_exists: () => 'There is a tenant of this key already.',
  unknown_key: () => 'There is no such key.',
  key_name_taken: () => 'A key has or had this name. Choose another one.',
  key_revoked: () => 'This key was revoked before.',
  last_admin_key: () => 'This is the last key that can administer. Make another one first.',
  unknown_schedule: () => 'There is no such schedule.',
  schedule_exists: () => 'There is a schedule of this name already.',
  unknown_notice: () => 'There is no such notice.',
  not_dead: () => 'This notice is not dead.',
  not_waiting: () => 'This notice does not wait.',
  notice_dropped: () => 'This notice was dropped.',
  not_to_be_silenced: () => 'Somebody has to be told this. It can be sent again or at another time, and not dropped.',
  time_out_of_bounds: ({ latest }) => `This can wait until ${moment(latest)} at most.`,
};

const notTheRole: Readonly<Record<Extract<Refusal, { kind: 'not_the_role' }>['leg'], string>> = {
  owner: 'Only an owner of this tenant can decide that.',
  ops: 'Only ops can decide that. Who joined the group after the request was made does not count.',
  security: 'Only security can decide that. Who joined the group after the request was made does not count.',
  revoker: 'Only owners of the tenant, ops, security and admins can revoke access.',
  reviewer: 'Only security and auditors can review a session.',
  excuser: 'Only security can excuse an overdue review.',
  auditor: 'Only auditors and security can take evidence away.',
};

/** @param address of the message that the refusal is about, where it is about one */
export function refusalSentence(
  refusal: Refusal,
  accounts: Accounts = new Map(),
  address: string | null = null,
): string {
  // Each entry takes exactly its own kind of refusal, which TypeScript can't follow through the look-up.
  const say = said[refusal.kind] as (refusal: Refusal, accounts: Accounts, address: string | null) => string;
  return say(refusal, accounts, address);
}

/** The field of the form where a mistake is shown; null where it is no field's fault. */
export function fieldOf(refusal: Refusal): string | null {
  switch (refusal.kind) {
    case 'unknown_tenant':
    case 'already_open':
    case 'waiver_paused':
      return fields.tenant;
    case 'scope_of_other_command':
      return fields.scope;
    case 'no_circumstance':
      return fields.circumstance;
    case 'reason_length':
    case 'unprintable_text':
      return refusal.field;
    case 'ticket_format':
      return fields.ticket;
    case 'minutes_out_of_bounds':
    case 'not_shorter':
      return fields.duration;
    case 'questions_unanswered':
      return refusal.missing[0] ?? null;
    case 'note_missing':
    case 'link_missing':
      return noteField(refusal.question);
    case 'links_wrong':
      return fields.links;
    case 'evidence_too_large':
    case 'nothing_attached':
      return fields.note;
    default:
      return null;
  }
}

/** When nothing could be decided because something is broken: no detail, it would help nobody here. */
export const troubleSentence =
  'Breakglass could not do that just now. Nothing is half done: if the card does not show it, try again in a minute. If it stays, tell the platform team.';
export const slowSentence = 'This takes longer than usual. What became of it shows here and on the card.';
export const unknownStandingSentence = 'Slack did not confirm who you are, so nothing was done. Try again in a minute.';
