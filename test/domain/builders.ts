import { defaultActions } from '../../src/config/catalogue.ts';
import { applyAll } from '../../src/domain/apply.ts';
import type { Decision, GrantEvent } from '../../src/domain/events.ts';
import type { Decided, Grant, Leg, Status } from '../../src/domain/grant.ts';
import type { Actor } from '../../src/domain/people.ts';
import type { Policy, ScopePolicy } from '../../src/domain/policy.ts';
import type { Refusal } from '../../src/domain/refusals.ts';
import type { Asked, RequestGrounds } from '../../src/domain/request.ts';
import type { ReviewAnswers } from '../../src/domain/review-answers.ts';
import type { LegRole, Scope } from '../../src/domain/words.ts';

/** A moment, in minutes after the request of the usual grant. */
export const at = (minutes: number, milliseconds = 0): Date =>
  new Date(Date.UTC(2026, 0, 5, 9, 0) + minutes * 60_000 + milliseconds);

/** The default catalogue as docs/configuration.md prints it, typed from there and not imported. */
export const catalogue: Readonly<Record<Scope, ScopePolicy>> = {
  content_access: {
    minutes: { default: 60, max: 240 },
    legs: ['owner', 'security'],
    lapseMinutes: 60,
    usualUses: 1000,
  },
  create_platform_owner: {
    minutes: { default: 30, max: 120 },
    legs: ['ops', 'security'],
    lapseMinutes: 60,
    usualUses: 20,
  },
  reset_admin_password: {
    minutes: { default: 30, max: 120 },
    legs: ['ops', 'security'],
    lapseMinutes: 60,
    usualUses: 20,
  },
  reenable_admin: { minutes: { default: 30, max: 120 }, legs: ['ops', 'security'], lapseMinutes: 60, usualUses: 20 },
  audit_view: { minutes: { default: 240, max: 1440 }, legs: [], lapseMinutes: 1440, usualUses: 200 },
  workspace_recovery: { minutes: { default: 60, max: 240 }, legs: ['owner'], lapseMinutes: 1440, usualUses: 50 },
};

export const kindInCatalogue = (scope: Scope) =>
  scope === 'audit_view' || scope === 'workspace_recovery' ? 'support_access' : 'break_glass';

/** The default policy; overrides go into one scope or more. */
export const aPolicy = (overrides: Partial<Record<Scope, Partial<ScopePolicy>>> = {}): Policy => ({
  hash: 'a1'.repeat(32),
  ticketPattern: /^[A-Z]+-\d+$/,
  scopes: {
    content_access: { ...catalogue.content_access, ...overrides.content_access },
    create_platform_owner: { ...catalogue.create_platform_owner, ...overrides.create_platform_owner },
    reset_admin_password: { ...catalogue.reset_admin_password, ...overrides.reset_admin_password },
    reenable_admin: { ...catalogue.reenable_admin, ...overrides.reenable_admin },
    audit_view: { ...catalogue.audit_view, ...overrides.audit_view },
    workspace_recovery: { ...catalogue.workspace_recovery, ...overrides.workspace_recovery },
  },
  actions: defaultActions,
});

/** A full member without any role. */
export const someone = (person: string, overrides: Partial<Actor> = {}): Actor => ({
  person,
  name: `slack:T0HOME:${person}`,
  standing: 'member',
  roles: {},
  ...overrides,
});

export const operator = someone('operator', { roles: { operator: 'named' } });
export const ops = someone('ops', { roles: { ops: 'named' } });
export const security = someone('security', { roles: { security: 'named' } });
export const auditor = someone('auditor', { roles: { auditor: 'named' } });
export const owner = someone('owner');
export const owners = [{ person: 'owner', guestAllowed: false }];

export const decided = (by: string, overrides: Partial<Decided> = {}): Decided => ({
  verdict: 'approved',
  by,
  at: at(1),
  minutes: null,
  comment: null,
  ...overrides,
});

export const legs = (...roles: LegRole[]): Leg[] => roles.map((role) => ({ role, decision: null }));

/** What the operator asked for at `at(0)`: an hour of `content_access`, not decided yet. */
export function aGrant(overrides: Partial<Grant> = {}): Grant {
  const scope = overrides.scope ?? 'content_access';
  const kind = kindInCatalogue(scope);
  return {
    id: 'grant',
    tenant: 'acme',
    kind,
    scope,
    circumstance: kind === 'break_glass' ? 'critical_incident' : null,
    requester: 'operator',
    reason: 'Search is down for the whole of Acme.',
    ticket: 'INC-42',
    minutesAsked: 60,
    minutesGranted: 60,
    legs: legs(...catalogue[scope].legs),
    waived: false,
    groupMembers: {},
    policyHash: 'a1'.repeat(32),
    requestedAt: at(0),
    lapsesAt: at(catalogue[scope].lapseMinutes),
    status: { state: 'requested' },
    version: 1,
    ...overrides,
  };
}

export const active = (from: number, minutes: number): Status => ({
  state: 'active',
  activatedAt: at(from),
  expiresAt: at(from + minutes),
});

/** An hour from `at(10)`, agreed to by `owner` and `security`. */
export const anActiveGrant = (overrides: Partial<Grant> = {}): Grant =>
  aGrant({
    legs: [
      { role: 'owner', decision: decided('owner', { at: at(5) }) },
      { role: 'security', decision: decided('security', { at: at(10) }) },
    ],
    status: active(10, 60),
    ...overrides,
  });

export const asked = (overrides: Partial<Asked> = {}): Asked => {
  const scope = overrides.scope ?? 'content_access';
  const kind = kindInCatalogue(scope);
  return {
    id: 'grant',
    kind,
    scope,
    circumstance: kind === 'break_glass' ? 'critical_incident' : null,
    reason: 'Search is down for the whole of Acme.',
    ticket: 'INC-42',
    minutes: 60,
    ...overrides,
  };
};

type Tenant = NonNullable<RequestGrounds['tenant']>;

export const aTenant = (overrides: Partial<Tenant> = {}): Tenant => ({
  id: 'acme',
  archived: false,
  owners,
  ownersChangedAt: null,
  ...overrides,
});

export const requestGrounds = (overrides: Partial<RequestGrounds> = {}): RequestGrounds => ({
  now: at(0),
  policy: aPolicy(),
  tenant: aTenant(),
  open: null,
  reviewOverdue: null,
  groupMembers: {},
  ...overrides,
});

/** The events, or a failure that names the refusal. */
export function eventsOf<E>(decision: Decision<E>): readonly E[] {
  if (decision.refusal) throw new Error(`refused: ${JSON.stringify(decision.refusal)}`);
  return decision.events;
}

/** The refusal, or a failure that names the events. */
export function refusalOf(decision: Decision<{ name: string }>): Refusal {
  if (decision.events) throw new Error(`allowed: ${decision.events.map(({ name }) => name).join(', ')}`);
  return decision.refusal;
}

export const grantAfter = (grant: Grant, decision: Decision<GrantEvent>): Grant => applyAll(grant, eventsOf(decision));

/** Frozen to the bottom: a rule that changes its input throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof RegExp) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

/** All seven questions of DESIGN.md §5, answered. */
export const everyAnswer: ReviewAnswers = {
  cause_documented: { answer: 'yes', note: 'INC-42, a full disk.' },
  evidence_produced: { answer: 'yes', note: '' },
  permissions_reviewed: { answer: 'yes', note: 'Nothing was left behind.' },
  preventive_work_filed: { answer: 'yes', note: 'Filed as https://tickets.example.com/OPS-7' },
  temporary_credentials_removed: { answer: 'not_applicable', note: 'There were none.' },
  temporary_network_access_removed: { answer: 'no', note: 'Rule 17 goes tomorrow, see OPS-8.' },
  secrets_rotated_or_not_exposed: { answer: 'yes', note: '' },
};
