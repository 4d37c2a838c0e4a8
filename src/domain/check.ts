import type { GrantId, Scope } from './words.ts';

/** A person, as somebody outside names them. */
export interface SubjectName {
  provider: 'slack' | 'oidc';
  /** The Slack team, or the identity provider. */
  issuer: string;
  externalId: string;
  /** The whole name in one form, as the audit writes it: `slack:T0HOME:U0OPS`, `oidc:https://id.example.com#00u1`. */
  name: string;
}

/** What the first part of a name means is ours to say; no identity provider's own subject is taken for one of these. */
const reserved = /^(slack|oidc|key|service|system|other):/;

/**
 * Reads a subject's id (docs/checks.md, "A question").
 * @param defaultIssuer the identity provider whose subjects may be named without it; null where there is none
 * @returns null where the id can't name anybody
 */
export function subjectName(id: string, defaultIssuer: string | null): SubjectName | null {
  const slack = /^slack:([^:]+):([^:]+)$/.exec(id);
  if (slack?.[1] && slack[2]) return { provider: 'slack', issuer: slack[1], externalId: slack[2], name: id };
  const oidc = /^oidc:([^#]+)#(.+)$/s.exec(id);
  if (oidc?.[1] && oidc[2]) return { provider: 'oidc', issuer: oidc[1], externalId: oidc[2], name: id };
  if (reserved.test(id) || defaultIssuer === null || id === '') return null;
  return { provider: 'oidc', issuer: defaultIssuer, externalId: id, name: `oidc:${defaultIssuer}#${id}` };
}

/** A part of a question that carries attributes of the caller's choice. */
export type Properties = Readonly<Record<string, unknown>>;

/** May this subject do this action on this tenant now? */
export interface Question {
  /** The subject's id as it was given. */
  subject: string;
  action: string;
  actionProperties: Properties;
  resource: { type: string; id: string };
  resourceProperties: Properties;
  /** The tenant's key; null where the question names none. */
  tenant: string | null;
  /** What the caller calls its own piece of work (`context.request_id`). */
  contextRequestId: string | null;
}

/** What an action needs: scopes that must all be active, and others in their place for some resources. */
export interface ActionRule {
  needs: readonly Scope[];
  /** The first whose properties are all as given decides. */
  when: readonly ActionVariant[];
}

export interface ActionVariant {
  resource: Properties;
  action: Properties;
  needs: readonly Scope[];
}

/** The scopes that must all be active; none where nobody configured the action, and then nothing allows it. */
export function scopesFor(
  rules: Readonly<Record<string, ActionRule>>,
  question: Pick<Question, 'action' | 'actionProperties' | 'resourceProperties'>,
): readonly Scope[] {
  if (!Object.hasOwn(rules, question.action)) return [];
  const rule = rules[question.action];
  const variant = rule?.when.find(
    ({ resource, action }) => holds(resource, question.resourceProperties) && holds(action, question.actionProperties),
  );
  return (variant ?? rule)?.needs ?? [];
}

const holds = (expected: Properties, given: Properties): boolean =>
  Object.entries(expected).every(([name, value]) => Object.hasOwn(given, name) && given[name] === value);

/** Why a check is answered as it is. Stable words: services act on them. */
export const checkReasons = [
  'granted',
  'no_grant',
  'missing_scopes',
  'expired',
  'ended',
  'revoked',
  'wrong_scope',
] as const;
export type CheckReason = (typeof checkReasons)[number];

/** One answer, with its record written. */
export interface Answer {
  allowed: boolean;
  reason: CheckReason;
  evaluationId: string;
  /** What it rests on: the grants that allow, or those that were looked at and are not enough. */
  grants: readonly GrantId[];
  /** When the first of the grants that allow ends; null where nothing is allowed. */
  expiresAt: Date | null;
  /** What the subject lacks beside what they have. */
  missing: readonly Scope[];
}

/** How several questions in one request depend on each other (AuthZEN 1.0, "Evaluations semantics"). */
export const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
export type Semantic = (typeof semantics)[number];

/** Nothing after this answer is looked at. */
export const stopsAt = (semantic: Semantic, allowed: boolean): boolean =>
  (semantic === 'deny_on_first_deny' && !allowed) || (semantic === 'permit_on_first_permit' && allowed);
