import { mayApproveFrom } from '../domain/linking.ts';
import type { Actor } from '../domain/people.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { Tx } from '../store/database.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { loadGrant } from '../store/grants.ts';
import { isLinked, linkOf } from '../store/identities.ts';
import { enqueue } from '../store/outbox.ts';
import {
  canOpen,
  confirmSignIn,
  isAway,
  openSignIn,
  type Round,
  type SignedInAs,
  saveSignedIn,
  signInOf,
  takeRound,
  type WaitingSignIn,
} from '../store/sign-ins.ts';
import { approve } from './approve.ts';
import { hashOf, secretShape } from './begin-sign-in.ts';
import { type Context, type Outcome, refused } from './context.ts';
import type { Admitted } from './decide-on-grant.ts';

/** What a provider is asked for beside who somebody is. */
export interface Demand {
  maxAgeSeconds: number | null;
  acrValues: readonly string[];
}

/** Whether a code leads anywhere in this browser: before the provider is asked anything. */
export async function leadsAway({ db }: Context, code: string, browser: string | null): Promise<boolean> {
  if (!secretShape.test(code)) return false;
  return db.acrossTenants('look at a sign-in', (tx) =>
    canOpen(tx, hashOf(code), browser === null ? null : hashOf(browser)),
  );
}

/**
 * A code is opened in a browser.
 * @returns what the provider is to be asked for; null for a code that leads nowhere (any more)
 */
export async function openCode(
  { db, inForce }: Context,
  code: string,
  browser: string,
  round: Omit<Round, 'browserHash'>,
): Promise<Demand | null> {
  if (!secretShape.test(code)) return null;
  const opened = await db.acrossTenants('open a sign-in', async (tx) => {
    const found = await openSignIn(tx, hashOf(code), { ...round, browserHash: hashOf(browser) });
    if (found === null) return null;
    const scope = found.grant === null ? null : ((await loadGrant(tx, found.grant))?.grant.scope ?? null);
    return { scope };
  });
  if (opened === null) return null;
  const stepUp = opened.scope === null ? undefined : inForce().policy.scopes[opened.scope].stepUp;
  return { maxAgeSeconds: stepUp?.maxAgeSeconds ?? null, acrValues: stepUp?.acrValues ?? [] };
}

/** Whether this browser is awaited back with this state: before the provider is asked anything. */
export async function isAwaited({ db }: Context, state: string, browser: string): Promise<boolean> {
  if (!secretShape.test(state)) return false;
  return db.acrossTenants('look who comes back', (tx) => isAway(tx, state, hashOf(browser)));
}

/** Somebody comes back from the provider in the browser that went there; the same answer does not count twice. */
export const comeBack = ({ db }: Context, state: string, browser: string) =>
  db.acrossTenants('come back from the identity provider', (tx) => takeRound(tx, state, hashOf(browser)));

export const keepSignedIn = ({ db }: Context, id: string, as: SignedInAs): Promise<void> =>
  db.acrossTenants('keep who signed in', (tx) => saveSignedIn(tx, id, as));

/** What a page asks: whether to link, or whether to approve. */
export interface Asked {
  signIn: WaitingSignIn;
  /** What a step-up would approve. */
  at: GrantInContext | null;
}

const idShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What this browser is to be asked; null where there is nothing (any more). */
export async function askedOf({ db }: Context, id: string, browser: string): Promise<Asked | null> {
  if (!idShape.test(id)) return null;
  return db.acrossTenants('show a sign-in', async (tx) => {
    const signIn = await signInOf(tx, id, hashOf(browser));
    if (signIn === null) return null;
    return { signIn, at: signIn.grant === null ? null : await loadGrant(tx, signIn.grant) };
  });
}

/** The yes on the page to a link: the account is asked as well, in Slack, before anything is bound. */
export async function agreeToLink(
  { db, refusals }: Context,
  { signIn, browser, requestId }: { signIn: WaitingSignIn; browser: string; requestId: string },
): Promise<Refusal | null> {
  const refusal = await db.acrossTenants('agree to a link', async (tx): Promise<Refusal | null> => {
    const confirmed = await confirmSignIn(tx, signIn.id, hashOf(browser));
    if (confirmed === null) return { kind: 'unknown_sign_in' };
    if (await isTaken(tx, signIn)) return { kind: 'link_conflict' };
    const { id, account, subject, issuer } = signIn;
    const notice = {
      ...{ kind: 'link_question' as const, signIn: id, issuer, subject },
      until: confirmed.expiresAt.toISOString(),
    };
    const destination = account.split(':').at(-1) ?? '';
    await enqueue(tx, [{ destination, notice }], { tenant: null, requestId });
    return null;
  });
  const actor = { name: `slack:${signIn.account}` };
  if (refusal) await refusals.record({ actor, verb: 'link', refusal, about: signIn.id, requestId });
  return refusal;
}

const isTaken = async (tx: Tx, signIn: WaitingSignIn): Promise<boolean> =>
  (await linkOf(tx, signIn.person)) !== null || isLinked(tx, signIn);

export interface StepUpApproval {
  signIn: WaitingSignIn;
  browser: string;
  /** The account's person as of now: standing, roles and groups, looked up after the yes on the page. */
  actor: Actor;
  requestId: string;
}

/**
 * The yes on the page to an approval. It counts for what the code was made for, for the person who is linked to who signed
 * in, and once: what the rules say of it is the use case's business, as for every door. It is used up in the transaction
 * that approves, so that whatever undoes that gives it back.
 */
export async function approveSignedIn(context: Context, approval: StepUpApproval): Promise<Outcome> {
  const { signIn, browser, actor, requestId } = approval;
  const { grant, leg, minutes, comment, acr, authTime } = signIn;
  if (grant === null || leg === null) return refused({ kind: 'unknown_sign_in' });
  const command = { actor, grant, leg, minutes, comment, signIn: { acr, authTime } };
  return approve(context, command, { requestId, deliveryKey: signIn.id }, async (tx): Promise<Admitted> => {
    if ((await confirmSignIn(tx, signIn.id, hashOf(browser))) === null) return { refusal: { kind: 'unknown_sign_in' } };
    const found = await linkOf(tx, signIn.person);
    const same = found?.issuer === signIn.issuer && found.subject === signIn.subject;
    if (!found || !same || actor.person !== signIn.person) return { refusal: { kind: 'not_the_linked_subject' } };
    return { actor: { ...actor, mayApproveFrom: mayApproveFrom(found) } };
  });
}
