import { createHash, randomBytes } from 'node:crypto';
import { mayApproveFrom } from '../domain/linking.ts';
import type { Actor } from '../domain/people.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { GrantId, LegRole } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import { linkOf } from '../store/identities.ts';
import { addSignIn, type SignInPurpose } from '../store/sign-ins.ts';
import type { Context } from './context.ts';
import { accountOf, mayLink } from './link-identity.ts';

/** A one-time code, said to the person and nobody else; or why there is none. */
export type Begun = { code: string; refusal?: never } | { refusal: Refusal; code?: never };

/** 256 random bits; only their hash is kept. */
const newCode = (): string => randomBytes(32).toString('base64url');
export const hashOf = (secret: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(secret).digest());

/** What every code looks like, and every state that goes to the provider; another one is not looked up. */
export const secretShape = /^[\w-]{43}$/;

/** `/breakglass link`: whoever signs in with this code may then be linked to this account, if it agrees. */
export async function beginLink(context: Context, actor: Actor, requestId: string): Promise<Begun> {
  if (!mayLink(actor)) return refusedOnRecord(context, actor, { kind: 'not_vouched_for' }, requestId);
  return context.db.acrossTenants('begin to link', async (tx): Promise<Begun> => {
    if (await linkOf(tx, actor.person)) return { refusal: { kind: 'link_conflict' } };
    return add(tx, actor, { purpose: 'link' });
  });
}

export interface StepUpCommand {
  actor: Actor;
  grant: GrantId;
  leg: LegRole;
  minutes: number | null;
  comment: string | null;
}

/** An approval that needs a fresh sign-in: the code is for this person, grant, leg and time, and for nothing else. */
export async function beginStepUp(context: Context, command: StepUpCommand, requestId: string): Promise<Begun> {
  const { actor, ...wanted } = command;
  const begun = await context.db.acrossTenants('begin a step-up', async (tx): Promise<Begun> => {
    const found = await linkOf(tx, actor.person);
    if (found === null) return { refusal: { kind: 'not_linked' } };
    const until = mayApproveFrom(found);
    if (until !== null && found.now < until) return { refusal: { kind: 'link_too_new', until } };
    return add(tx, actor, { purpose: 'step_up', ...wanted });
  });
  return begun.refusal ? refusedOnRecord(context, actor, begun.refusal, requestId, wanted.grant) : begun;
}

async function add(tx: Tx, actor: Actor, wanted: SignInPurpose): Promise<Begun> {
  const code = newCode();
  await addSignIn(tx, { codeHash: hashOf(code), account: accountOf(actor), person: actor.person, wanted });
  return { code };
}

async function refusedOnRecord(
  { refusals }: Context,
  actor: Actor,
  refusal: Refusal,
  requestId: string,
  about: string | null = null,
): Promise<Begun> {
  await refusals.record({ actor, verb: 'sign in', refusal, about, requestId });
  return { refusal };
}
