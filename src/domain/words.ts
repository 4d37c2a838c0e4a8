/** The product's words (docs/architecture.md, "Glossary"). Names here are stable: they are stored and sent. */

export const kinds = ['break_glass', 'support_access'] as const;
export type Kind = (typeof kinds)[number];

export const legRoles = ['owner', 'ops', 'security'] as const;
export type LegRole = (typeof legRoles)[number];

export const staffRoles = ['operator', 'ops', 'security', 'auditor', 'admin'] as const;
export type StaffRole = (typeof staffRoles)[number];

/** What an API key is for: asking whether somebody has access, reading, or administering. */
export const keyRoles = ['service', 'auditor', 'admin'] as const;
export type KeyRole = (typeof keyRoles)[number];

/** What a caller of the API may be; a person is never a key. */
export const apiRoles = [...keyRoles, 'person'] as const;
export type ApiRole = (typeof apiRoles)[number];

export const breakGlassScopes = [
  'content_access',
  'create_platform_owner',
  'reset_admin_password',
  'reenable_admin',
] as const;
export const supportScopes = ['audit_view', 'workspace_recovery'] as const;
export const scopes = [...breakGlassScopes, ...supportScopes] as const;
export type Scope = (typeof scopes)[number];

/** Which circumstance of the runbook a break-glass request rests on; convenience is none. */
export const circumstances = ['no_owner_can_sign_in', 'all_admins_locked_out', 'critical_incident'] as const;
export type Circumstance = (typeof circumstances)[number];

export const kindOf = (scope: Scope): Kind =>
  breakGlassScopes.some((name) => name === scope) ? 'break_glass' : 'support_access';

/** A member of a closed list of words, or undefined. */
export const asWord = <W extends string>(words: readonly W[], value: unknown): W | undefined =>
  words.find((word) => word === value);

export type PersonId = string;
export type TenantId = string;
export type GrantId = string;
