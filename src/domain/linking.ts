import { addMinutes } from './grant.ts';
import { LINK_PAUSE_HOURS, type StepUp } from './policy.ts';
import type { Refusal } from './refusals.ts';

/** Who says that a provider's subject is a person: the configuration, or the person. */
export type LinkSource = 'file' | 'self';

/** How an identity provider names a person, and since when. */
export interface PersonLink {
  issuer: string;
  subject: string;
  source: LinkSource;
  since: Date;
}

/** What an identity provider said of a sign-in: how, and when. */
export interface SignIn {
  /** Authentication context class; null where it did not say. */
  acr: string | null;
  authTime: Date | null;
}

/** From when on a link may carry an approval; null where nothing has to pass first. */
export const mayApproveFrom = ({ source, since }: Pick<PersonLink, 'source' | 'since'>): Date | null =>
  source === 'self' ? addMinutes(since, LINK_PAUSE_HOURS * 60) : null;

/** A provider's clock may be ahead of ours, by no more than this (ms): a sign-in of tomorrow would stay fresh for a day. */
const AHEAD_MS = 60_000;

/** What a scope demands of the sign-in behind an approval, by the policy that is in force when it is given. */
export function stepUpMissing(stepUp: StepUp | undefined, signIn: SignIn | null, now: Date): Refusal | null {
  if (stepUp === undefined) return null;
  const { acrValues, maxAgeSeconds } = stepUp;
  const age = signIn?.authTime ? now.getTime() - signIn.authTime.getTime() : null;
  const fresh = age !== null && age <= maxAgeSeconds * 1000 && age >= -AHEAD_MS;
  const strong = acrValues.length === 0 || acrValues.some((acr) => acr === signIn?.acr);
  return fresh && strong ? null : { kind: 'step_up_needed', acrValues, maxAgeSeconds };
}

/** A name that can be kept, and that passes for no other one when it is written down: printable ASCII. */
const plain = /^[\x21-\x7e]{1,255}$/;
/** The last moment of the year 9999 (s): a later one can't be written down either. */
const LAST_SECOND = 253_402_300_799;

/** Whether a claim can be somebody's name at a provider (OpenID Connect Core, section 2: `sub`, 255 ASCII characters at most). */
export const isSubject = (claim: unknown): claim is string => typeof claim === 'string' && plain.test(claim);

/** An authentication context class, as a claim says it; null where it says none that could be demanded. */
export const acrIn = (claim: unknown): string | null => (typeof claim === 'string' && plain.test(claim) ? claim : null);

/** When somebody signed in, as a claim says it in seconds; null where that is no time. */
export const authTimeIn = (claim: unknown): Date | null =>
  typeof claim === 'number' && Number.isSafeInteger(claim) && claim >= 0 && claim <= LAST_SECOND
    ? new Date(claim * 1_000)
    : null;
