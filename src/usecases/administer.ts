import { reasonMistake } from '../domain/decide.ts';
import { NOBODY } from '../domain/people.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { TenantId } from '../domain/words.ts';
import { adminKeyExists, keyCounts } from '../store/api-keys.ts';
import { KeyGone } from '../store/checks/outcomes.ts';
import type { Tx } from '../store/database.ts';
import { findHandled, rememberHandled } from '../store/handled.ts';
import { lockPolicies, readClock } from '../store/policies.ts';
import { type Context, type Refused, refused, type Work } from './context.ts';
import { repeatKey } from './decide-on-grant.ts';

/** Who administers, as the door authenticated them. */
export interface Administrator {
  /** How the audit names them. */
  name: string;
  /** The tenants they answer for; null for every one. */
  tenants: readonly TenantId[] | null;
  /** The id of the key they hold; null for a person, NOBODY for the bootstrap key, which is in no table. */
  key: string | null;
}

/** Plain JSON: what is remembered of an answer is what a repeat gets. Times are ISO 8601, in UTC. */
export type Done<T> = { kind: 'done' } & T;

export interface Act<T> {
  verb: string;
  by: Administrator;
  /** What it is about, as the caller named it. */
  about: string | null;
  /** What was asked beside that: part of what makes a repeat the same. */
  body: unknown;
  /** The act rests on what the file names, so that a process which has another file decides nothing. */
  byTheFile?: true;
  /** Across tenants; a refusal undoes nothing, so it comes before anything is written. */
  decide: (tx: Tx) => Promise<T | Refusal>;
  /** What is left to do with the rows of one tenant, and the answer then. */
  within?: { tenant: (done: T) => TenantId; finish: (tx: Tx, done: T) => Promise<T> };
  /** What is remembered for a repeat, where that is not all of it. */
  remembered?: (done: T) => T;
}

/**
 * The way of every act of administration: one transaction in which it is decided, done and on record; or a refusal, on record
 * by itself. A second delivery gets the first one's answer.
 * @throws KeyGone where the key was revoked since the door looked at it
 */
export async function administer<T extends object>(
  context: Context,
  act: Act<T>,
  work: Work,
): Promise<Done<T> | Refused> {
  const repeat = repeatKey(act.by, act.verb, work, [act.about, act.body]);
  const outcome = await context.db.enterTenant(
    `administer: ${act.verb}`,
    async (tx) => {
      // One at a time, and none while a configuration is being adopted: what was before is what the row says.
      await lockPolicies(tx);
      await unlessGone(tx, act.by);
      const handled = repeat && (await findHandled(tx, repeat));
      if (handled && handled.bodyHash !== repeat.bodyHash) return none({ kind: 'repeated_with_another_body' });
      if (handled) return { tenant: null, done: handled.outcome as T, repeated: true };
      if (act.byTheFile && (await readClock(tx)).epoch !== context.inForce().epoch)
        return none({ kind: 'policy_outdated' });
      const decided = await act.decide(tx);
      if (isRefusal(decided)) return none(decided);
      return { tenant: act.within?.tenant(decided) ?? null, done: decided, repeated: false };
    },
    async (tx, found) => {
      if ('refusal' in found || found.repeated) return found;
      const done = act.within ? await act.within.finish(tx, found.done) : found.done;
      if (repeat) await rememberHandled(tx, repeat, act.remembered?.(done) ?? done);
      return { ...found, done };
    },
  );
  if (!('refusal' in outcome)) return { kind: 'done', ...outcome.done };
  return refuseAct(context, act, outcome.refusal, work);
}

const none = (refusal: Refusal) => ({ tenant: null, refusal });

/** An answer says no `kind` of its own; a refusal is nothing else. */
const isRefusal = (decided: object): decided is Refusal => 'kind' in decided;

/** Some of it: what is left out, or undefined, stays as it is. */
export type Some<T> = { [K in keyof T]?: T[K] | undefined };

export const withSome = <T extends object>(before: T, some: Some<T>): T => ({
  ...before,
  ...Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)),
});

/** A look: nothing changes, and only a refusal is on record. @throws KeyGone as an act does */
export async function look<T extends object>(
  context: Context,
  asked: Pick<Act<T>, 'verb' | 'by' | 'about' | 'decide'>,
  work: Work,
): Promise<Done<T> | Refused> {
  const found = await context.db.acrossTenants(`administer: ${asked.verb}`, async (tx) => {
    await unlessGone(tx, asked.by);
    return asked.decide(tx);
  });
  return isRefusal(found) ? refuseAct(context, asked, found, work) : { kind: 'done', ...found };
}

/** The door looked at the key in another transaction: whoever lost it meanwhile, or holds a bootstrap key that ended, stops here. */
async function unlessGone(tx: Tx, { key }: Administrator): Promise<void> {
  if (key === null) return;
  const counts = key === NOBODY ? !(await adminKeyExists(tx)) : await keyCounts(tx, key);
  if (!counts) throw new KeyGone('The key does not count any more.');
}

async function refuseAct(
  { refusals }: Context,
  { verb, by, about }: Pick<Act<object>, 'verb' | 'by' | 'about'>,
  refusal: Refusal,
  { requestId }: Work,
): Promise<Refused> {
  await refusals.record({ actor: by, verb, refusal, about, requestId, always: true });
  return refused(refusal);
}

/** The same rule as for the reason of a denial. */
export function mistakeInReason(reason: string): Refusal | null {
  const mistake = reasonMistake(reason);
  const isOfField = mistake?.kind === 'reason_length' || mistake?.kind === 'unprintable_text';
  return isOfField ? { ...mistake, field: 'reason' } : mistake;
}

/** What concerns everybody is not for who answers for some. */
export const unlessEveryTenant = ({ tenants }: Administrator): Refusal | null =>
  tenants === null ? null : { kind: 'needs_every_tenant' };
