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
