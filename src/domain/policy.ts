import type { ActionRule } from './check.ts';
import type { LegRole, Scope } from './words.ts';

/** What the configuration says of one scope. Times in minutes. */
export interface ScopePolicy {
  minutes: { default: number; max: number };
  legs: readonly LegRole[];
  /** How long a request waits for its approvals. */
  lapseMinutes: number;
  /** More uses of one grant than this are unusual: security is told once. */
  usualUses: number;
  /** What an approval has to rest on beside a click; left out where a click is enough. */
  stepUp?: StepUp;
}

/** A fresh sign-in at the identity provider. */
export interface StepUp {
  /** Authentication context classes, any of which will do; with none, only the age counts. */
  acrValues: readonly string[];
  maxAgeSeconds: number;
}

/** The rules in force: one epoch of the configuration. */
export interface Policy {
  /** SHA-256 of the file's text, hexadecimal. */
  hash: string;
  ticketPattern: RegExp;
  scopes: Readonly<Record<Scope, ScopePolicy>>;
  actions: Readonly<Record<string, ActionRule>>;
}

/** An owner leg can't be approved where nobody owns: ops and security agree instead, whichever is not there yet. */
export function legsFor(policy: ScopePolicy, ownerless: boolean): { legs: LegRole[]; waived: boolean } {
  if (!ownerless || !policy.legs.includes('owner')) return { legs: [...policy.legs], waived: false };
  return {
    legs: [...new Set([...policy.legs.filter((leg) => leg !== 'owner'), 'ops', 'security'] as const)],
    waived: true,
  };
}

/** Owners that changed lately might have been removed to get a waiver: for a day, there is none. */
export const WAIVER_PAUSE_HOURS = 24;
/** Who links an identity in somebody's name has to wait, and be found out meanwhile: for a day, it carries no approval. */
export const LINK_PAUSE_HOURS = 24;
export const REVIEW_DUE_HOURS = 72;
export const REVIEW_REMINDER_HOURS = 24;
export const REASON_LENGTH = { min: 15, max: 1000 } as const;
