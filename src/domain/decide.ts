import { applyAll } from './apply.ts';
import { type Decision, type GrantEvent, refuse } from './events.ts';
import { addMinutes, type Grant, type Leg, openLegs, stateAt } from './grant.ts';
import { type SignIn, stepUpMissing } from './linking.ts';
import { type Actor, actedBy, mayFill, type Owner } from './people.ts';
import { type Policy, REASON_LENGTH } from './policy.ts';
import type { Refusal, TypedField } from './refusals.ts';
import { codePoints, isStorable, visible } from './text.ts';
import type { LegRole } from './words.ts';

/** What deciding a leg has to know: everything read after the grant's row was locked. */
export interface DecideGrounds {
  now: Date;
  policy: Policy;
  owners: readonly Owner[];
}

export interface Approval {
  leg: LegRole;
  /** Shorter than what stands, in minutes; null for as it stands. */
  minutes: number | null;
  comment: string | null;
  /** What the identity provider said of the sign-in that this rests on; left out for a plain click. */
  signIn?: SignIn | null;
}

/** Approve one leg. The last approval starts the clock. */
export function approve(grant: Grant, actor: Actor, approval: Approval, grounds: DecideGrounds): Decision<GrantEvent> {
  const { now, policy, owners } = grounds;
  const refusal = mayNotDecide(grant, actor, approval.leg, grounds, owners);
  if (refusal) return refuse(refusal);
  const mistake = commentMistake(approval.comment ?? '');
  if (mistake) return refuse(mistake);
  if (approval.minutes !== null && !isShorter(approval.minutes, grant)) {
    return refuse({ kind: 'not_shorter', granted: grant.minutesGranted });
  }
  if (isStricterNow(grant, policy, owners)) return refuse({ kind: 'policy_stricter' });
  const unfit = restsOnTooLittle(grant, actor, approval, grounds);
  if (unfit) return refuse(unfit);

  const approved: GrantEvent = { name: 'approved', ...approval, ...actedBy(actor), at: now };
  const after = applyAll(grant, [approved]);
  if (openLegs(after).length > 0) return { events: [approved] };
  const minutes = Math.min(after.minutesGranted, policy.scopes[grant.scope].minutes.max);
  return { events: [approved, { name: 'activated', at: now, expiresAt: addMinutes(now, minutes), minutes }] };
}

/** The policy in force says what an approval rests on, also for a request from before it did. */
function restsOnTooLittle(
  grant: Grant,
  actor: Actor,
  approval: Approval,
  { now, policy }: DecideGrounds,
): Refusal | null {
  const { mayApproveFrom: until = null } = actor;
  if (until !== null && now < until) return { kind: 'link_too_new', until };
  return stepUpMissing(policy.scopes[grant.scope].stepUp, approval.signIn ?? null, now);
}

/** Deny one leg, which closes the request. The reason is for the requester. */
export function deny(
  grant: Grant,
  actor: Actor,
  leg: LegRole,
  reason: string,
  grounds: DecideGrounds,
): Decision<GrantEvent> {
  const refusal = mayNotDecide(grant, actor, leg, grounds, grounds.owners) ?? reasonMistake(reason);
  if (refusal) return refuse(refusal);
  return { events: [{ name: 'denied', leg, ...actedBy(actor), at: grounds.now, reason }] };
}

/** Who may not decide learns nothing of the state; who may is told what stands in the way. */
function mayNotDecide(
  grant: Grant,
  actor: Actor,
  role: LegRole,
  { now, policy }: DecideGrounds,
  owners: readonly Owner[],
): Refusal | null {
  if (grant.requester === actor.person) return { kind: 'own_request' };
  if (!mayFill(actor, role, grant, owners)) return { kind: 'not_the_role', leg: role };
  const leg = grant.legs.find((each) => each.role === role);
  if (leg === undefined) return { kind: 'not_a_leg', leg: role };
  if (leg.decision !== null) return { kind: 'leg_decided', leg: role, decision: leg.decision };
  if (lapsedEarlier(grant, policy, now)) {
    return { kind: 'not_requested', state: 'lapsed', by: null, at: lapseMoment(grant, policy) };
  }
  const state = stateAt(grant, now);
  if (state !== 'requested') return { kind: 'not_requested', state, ...whoClosed(grant, now) };
  const other = alreadyFilled(grant.legs, actor);
  if (other) return { kind: 'decided_another_leg', leg: other.role };
  return null;
}

const alreadyFilled = (legs: readonly Leg[], actor: Actor) => legs.find((leg) => leg.decision?.by === actor.person);

const isShorter = (minutes: number, grant: Grant): boolean =>
  Number.isInteger(minutes) && minutes >= 1 && minutes < grant.minutesGranted;

/** A request keeps the legs of its making; if the policy now asks for a leg it lacks, it can't become active. */
function isStricterNow(grant: Grant, policy: Policy, owners: readonly Owner[]): boolean {
  const has = new Set(grant.legs.map((leg) => leg.role));
  const needs = policy.scopes[grant.scope].legs;
  if (!grant.waived) return needs.some((leg) => !has.has(leg));
  return owners.length > 0 || needs.some((leg) => leg !== 'owner' && !has.has(leg));
}

/** The policy's time to decide may have become shorter since the request: the shorter counts. */
export function lapseMoment(grant: Grant, policy: Policy): Date {
  const byPolicy = addMinutes(grant.requestedAt, policy.scopes[grant.scope].lapseMinutes);
  return new Date(Math.min(byPolicy.getTime(), grant.lapsesAt.getTime()));
}

const lapsedEarlier = (grant: Grant, policy: Policy, now: Date): boolean =>
  grant.status.state === 'requested' && lapseMoment(grant, policy) <= now;

/** Who ended it and when, as far as it ended: what a late click is told. */
export function whoClosed(grant: Grant, now: Date): { by: string | null; at: Date } {
  const { status } = grant;
  if ('closed' in status) return { by: status.closed.by, at: status.closed.at };
  if (status.state === 'active' && status.expiresAt <= now) return { by: null, at: status.expiresAt };
  if (status.state === 'active') return { by: lastApprover(grant), at: status.activatedAt };
  return { by: null, at: grant.lapsesAt };
}

function lastApprover(grant: Grant): string | null {
  const decided = grant.legs.flatMap((leg) => leg.decision ?? []).sort((a, b) => b.at.getTime() - a.at.getTime());
  return decided[0]?.by ?? null;
}

/** A reason for a denial or a revocation has to say something and fit on a card. */
export function reasonMistake(reason: string): Refusal | null {
  const mistake = commentMistake(reason);
  if (mistake || visible(reason) !== '') return mistake;
  return { kind: 'reason_length', field: 'comment', min: 1, max: REASON_LENGTH.max, found: codePoints(reason) };
}

/** What somebody adds to a decision may be nothing, and has to be storable and fit on a card. */
export function commentMistake(comment: string, field: TypedField = 'comment'): Refusal | null {
  if (!isStorable(comment)) return { kind: 'unprintable_text', field };
  const found = codePoints(comment);
  if (found > REASON_LENGTH.max) return { kind: 'reason_length', field, min: 0, max: REASON_LENGTH.max, found };
  return null;
}
