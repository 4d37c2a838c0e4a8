import { createHash } from 'node:crypto';
import type { Decision, GrantEvent } from '../domain/events.ts';
import type { Actor } from '../domain/people.ts';
import type { Policy } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { GrantId } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { loadGrant, lockGrant, tenantOfGrant } from '../store/grants.ts';
import { findHandled, type RepeatKey, rememberHandled } from '../store/handled.ts';
import { whatIsDue } from './close-due.ts';
import { type Context, type InForce, type Outcome, refused, type Work } from './context.ts';
import { saveChange } from './save.ts';

export interface GrantVerb {
  name: string;
  grant: GrantId;
  actor: Actor;
  /** What was asked beside the grant: part of what makes a repeat the same. */
  body: unknown;
  work: Work;
  /**
   * What has to hold beside the rules, looked at across tenants. What it writes belongs to the verb: undone with it in an
   * outage, and where another policy is in force, so that the same can be tried again.
   */
  admit?: (tx: Tx) => Promise<Admitted>;
  /** The actor is as admitted. */
  decide: (at: GrantInContext, policy: Policy, actor: Actor) => Decision<GrantEvent>;
}

/** Who acts, as is known by then; or why they don't. */
export type Admitted = { actor: Actor; refusal?: never } | { refusal: Refusal; actor?: never };

/** Undoes what was written before it was seen that another policy is in force. */
class PolicyOutdated extends Error {}

/**
 * The way of every verb on an existing grant: lock, load, read the clock, decide, save; or refuse, and record that.
 * What is due is closed first, in the same transaction, so that a row the clock has not swept yet never gets in the way.
 */
export async function decideOnGrant(context: Context, verb: GrantVerb): Promise<Outcome> {
  const repeat = repeatKey(verb.actor, verb.name, verb.work, [verb.grant, verb.body]);
  const outcome = await decided(context, verb, repeat).catch((error: unknown): Outcome => {
    if (error instanceof PolicyOutdated) return refused({ kind: 'policy_outdated' });
    throw error;
  });
  await recordRefusal(context, outcome, verb.actor, verb.name, verb.grant, verb.work.requestId);
  return outcome;
}

const decided = (context: Context, verb: GrantVerb, repeat: RepeatKey | null): Promise<Outcome> =>
  context.db.enterTenant(
    'find the tenant of a grant',
    async (tx) => ({
      admitted: verb.admit ? await verb.admit(tx) : { actor: verb.actor },
      ...(await tenantOfGrant(tx, verb.grant)),
    }),
    async (tx, { admitted }): Promise<Outcome> => {
      if (admitted.refusal) return refused(admitted.refusal);
      await lockGrant(tx, verb.grant);
      const repeated = await asRepeated(tx, repeat);
      if (repeated) return repeated;
      const found = await loadGrant(tx, verb.grant);
      if (found === null) return refused({ kind: 'unknown_grant' });
      const inForce = context.inForce();
      if (found.epoch !== inForce.epoch) throw new PolicyOutdated();

      const at = await closeWhatIsDue(tx, found, inForce, verb.work.requestId);
      const { events, refusal } = verb.decide(at, inForce.policy, admitted.actor);
      if (refusal) return refused(refusal, at.accounts);
      const grant = await saveChange(tx, {
        before: at.grant,
        events,
        actor: verb.actor.name,
        ...peopleOf(at, verb.actor),
        requestId: verb.work.requestId,
        channels: inForce.channels,
      });
      if (repeat) await rememberHandled(tx, repeat, { grant: grant.id });
      return { kind: 'done', at: { ...at, grant } };
    },
  );

/** Closes a locked grant that ran out or lapsed; any other stays as it is. */
export async function closeWhatIsDue(
  tx: Tx,
  at: GrantInContext,
  { policy, channels }: InForce,
  requestId: string,
): Promise<GrantInContext> {
  const events = whatIsDue(at, policy);
  if (events.length === 0) return at;
  const grant = await saveChange(tx, {
    before: at.grant,
    events,
    actor: 'system:clock',
    accounts: at.accounts,
    requestId,
    channels,
  });
  return { ...at, grant };
}

/** Somebody who acts for the first time on this grant is not among the accounts read with it. */
const peopleOf = (at: GrantInContext, actor: Actor) => ({
  accounts: new Map([...at.accounts, [actor.person, actor.name.replace(/^slack:/, '')]]),
});

export function repeatKey(actor: Pick<Actor, 'name'>, verb: string, work: Work, body: unknown): RepeatKey | null {
  if (work.deliveryKey === null) return null;
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return { actor: actor.name, verb, key: work.deliveryKey, bodyHash };
}

/** The outcome of an earlier delivery of the same request; null for a first one. */
export async function asRepeated(tx: Tx, repeat: RepeatKey | null): Promise<Outcome | null> {
  const handled = repeat && (await findHandled(tx, repeat));
  if (!handled) return null;
  if (handled.bodyHash !== repeat.bodyHash) return refused({ kind: 'repeated_with_another_body' });
  const { grant } = handled.outcome as { grant: string };
  return { kind: 'repeated', grant };
}

export async function recordRefusal(
  context: Context,
  outcome: Outcome,
  actor: Pick<Actor, 'name'>,
  verb: string,
  about: string | null,
  requestId: string,
): Promise<void> {
  if (outcome.kind !== 'refused') return;
  const refusal: Refusal = outcome.refusal;
  await context.refusals.record({ actor, verb, refusal, about, requestId });
}
