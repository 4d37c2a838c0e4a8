import type { GrantId, LegRole, PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** What a sign-in is for, fixed when its code is made. */
export type SignInPurpose =
  | { purpose: 'link' }
  | { purpose: 'step_up'; grant: GrantId; leg: LegRole; minutes: number | null; comment: string | null };

export interface NewSignIn {
  codeHash: Uint8Array;
  /** `T0HOME:U0OPS`. */
  account: string;
  person: PersonId;
  wanted: SignInPurpose;
}

/** What goes to the provider and comes back from it, and the browser that takes it there. */
export interface Round {
  browserHash: Uint8Array;
  state: string;
  nonce: string;
  verifier: string;
}

/** As the provider said it. */
export interface SignedInAs {
  issuer: string;
  subject: string;
  shownAs: string | null;
  acr: string | null;
  authTime: Date | null;
}

/** A sign-in that is over at the provider, and waits for a yes on the page or in Slack. */
export interface WaitingSignIn extends SignedInAs {
  id: string;
  account: string;
  person: PersonId;
  purpose: 'link' | 'step_up';
  grant: GrantId | null;
  leg: LegRole | null;
  minutes: number | null;
  comment: string | null;
  expiresAt: Date;
}

const MINUTES = 10;

/** Makes a code; an earlier one for the same, by the same person, counts no more unless it was used. */
export async function addSignIn(tx: Tx, { codeHash, account, person, wanted }: NewSignIn): Promise<void> {
  const over = wanted.purpose === 'step_up' ? wanted : { grant: null, leg: null, minutes: null, comment: null };
  if (wanted.purpose === 'link') await forgetLinking(tx, person);
  else await forgetStepUps(tx, person, wanted);
  await tx.$executeRaw`
    insert into sign_ins (purpose, code_hash, account, person_id, grant_id, leg, minutes, comment, expires_at)
    values (${wanted.purpose}, ${codeHash}, ${account}, ${person}::uuid, ${over.grant}::uuid, ${over.leg}::leg_role,
            ${over.minutes}::int, ${over.comment}, breakglass_now() + make_interval(mins => ${MINUTES}::int))`;
}

/** What somebody began to link is not to be finished. */
export const forgetLinking = (tx: Tx, person: PersonId) => tx.$executeRaw`
  delete from sign_ins where person_id = ${person}::uuid and purpose = 'link' and used_at is null`;

const forgetStepUps = (tx: Tx, person: PersonId, { grant, leg }: { grant: GrantId; leg: LegRole }) => tx.$executeRaw`
  delete from sign_ins
   where person_id = ${person}::uuid and grant_id = ${grant}::uuid and leg = ${leg}::leg_role and used_at is null`;

/** Whether a code could be opened in this browser; one without a secret of ours opens only what nobody has opened. */
export async function canOpen(tx: Tx, codeHash: Uint8Array, browserHash: Uint8Array | null): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from sign_ins
     where code_hash = ${codeHash} and expires_at > breakglass_now() and signed_in_at is null
       and (browser_hash is null or browser_hash = ${browserHash}::bytea)`;
  return rows.length > 0;
}

/**
 * A code is opened: from now on it is this browser's. Again in the same one, it begins again.
 * @returns null for a code that is unknown, another browser's, signed in with already, or too old
 */
export async function openSignIn(
  tx: Tx,
  codeHash: Uint8Array,
  round: Round,
): Promise<{ grant: GrantId | null } | null> {
  const { browserHash, state, nonce, verifier } = round;
  const rows = await tx.$queryRaw<{ grant: GrantId | null }[]>`
    update sign_ins set browser_hash = ${browserHash}, state = ${state}, nonce = ${nonce}, verifier = ${verifier}
     where code_hash = ${codeHash} and expires_at > breakglass_now() and signed_in_at is null
       and coalesce(browser_hash = ${browserHash}, true)
    returning grant_id as grant`;
  return rows[0] ?? null;
}

/** Whether somebody is away at the provider with this state, from this browser. */
export async function isAway(tx: Tx, state: string, browserHash: Uint8Array): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from sign_ins
     where state = ${state} and browser_hash = ${browserHash} and expires_at > breakglass_now() and signed_in_at is null`;
  return rows.length > 0;
}

/** Somebody comes back from the provider: once, and in the browser that went there. */
export async function takeRound(
  tx: Tx,
  state: string,
  browserHash: Uint8Array,
): Promise<{ id: string; nonce: string; verifier: string } | null> {
  const rows = await tx.$queryRaw<{ id: string; nonce: string; verifier: string }[]>`
    with gone as (
      select id, nonce, verifier from sign_ins
       where state = ${state} and browser_hash = ${browserHash} and expires_at > breakglass_now() and signed_in_at is null
         for update)
    update sign_ins s set state = null, nonce = null, verifier = null from gone where s.id = gone.id
    returning s.id, gone.nonce, gone.verifier`;
  return rows[0] ?? null;
}

export async function saveSignedIn(tx: Tx, id: string, as: SignedInAs): Promise<void> {
  await tx.$executeRaw`
    update sign_ins set issuer = ${as.issuer}, subject = ${as.subject}, shown_as = ${as.shownAs}, acr = ${as.acr},
           auth_time = ${as.authTime}, signed_in_at = breakglass_now()
     where id = ${id}::uuid and signed_in_at is null`;
}

const first = (rows: WaitingSignIn[]): WaitingSignIn | null => rows[0] ?? null;

/** What the page of this browser asks; null where there is nothing to ask (any more). */
export const signInOf = async (tx: Tx, id: string, browserHash: Uint8Array): Promise<WaitingSignIn | null> =>
  first(
    await tx.$queryRaw<WaitingSignIn[]>`
    select id, account, person_id as person, purpose, grant_id as "grant", leg::text, minutes, comment, issuer, subject,
           shown_as as "shownAs", acr, auth_time as "authTime", expires_at as "expiresAt"
      from sign_ins where id = ${id}::uuid and browser_hash = ${browserHash} and signed_in_at is not null
       and confirmed_at is null and expires_at > breakglass_now()`,
  );

/** The yes on the page; once. A step-up is used up by it, a link waits for the same from Slack, as long again. */
export async function confirmSignIn(tx: Tx, id: string, browserHash: Uint8Array): Promise<{ expiresAt: Date } | null> {
  const rows = await tx.$queryRaw<{ expiresAt: Date }[]>`
    update sign_ins set confirmed_at = breakglass_now(),
           used_at = case when purpose = 'step_up' then breakglass_now() end,
           expires_at = case when purpose = 'link' then breakglass_now() + make_interval(mins => ${MINUTES}::int) else expires_at end
     where id = ${id}::uuid and browser_hash = ${browserHash} and signed_in_at is not null and confirmed_at is null
       and expires_at > breakglass_now()
    returning expires_at as "expiresAt"`;
  return rows[0] ?? null;
}

/** The answer in Slack, by the account that began it; once. */
export const answerLink = async (tx: Tx, id: string, account: string): Promise<WaitingSignIn | null> =>
  first(
    await tx.$queryRaw<WaitingSignIn[]>`
    update sign_ins set used_at = breakglass_now()
     where id = ${id}::uuid and account = ${account} and purpose = 'link' and confirmed_at is not null and used_at is null
       and expires_at > breakglass_now()
    returning id, account, person_id as person, purpose, grant_id as "grant", leg::text, minutes, comment, issuer, subject,
              shown_as as "shownAs", acr, auth_time as "authTime", expires_at as "expiresAt"`,
  );

/** Nobody comes back to one that ran out; what came of it is in the audit. */
export async function forgetSignIns(tx: Tx): Promise<void> {
  await tx.$executeRaw`delete from sign_ins where expires_at < breakglass_now() - interval '1 day'`;
}
