import type { State } from '../../domain/grant.ts';
import type { Circumstance, Kind, LegRole, Scope, StaffRole } from '../../domain/words.ts';

/** How people read the product's words. Descriptions fit a select's option: 75 characters. */
export const kindWords: Readonly<Record<Kind, string>> = {
  break_glass: 'Break-glass',
  support_access: 'Support access',
};

export const scopeWords: Readonly<Record<Scope, { name: string; allows: string }>> = {
  content_access: { name: 'Content access', allows: "Read or change the tenant's content during an incident" },
  create_platform_owner: {
    name: 'Create platform owner',
    allows: "Create the tenant's first platform owner (recovery A)",
  },
  reset_admin_password: { name: 'Reset admin password', allows: "Reset an administrator's password (recovery B)" },
  reenable_admin: { name: 'Re-enable admin', allows: 'Enable a locked administrator again (recovery C)' },
  audit_view: { name: 'Audit view', allows: "Look at the tenant's audit trail" },
  workspace_recovery: { name: 'Workspace recovery', allows: "Repair the tenant's ownership" },
};

export const circumstanceWords: Readonly<Record<Circumstance, { name: string; means: string }>> = {
  no_owner_can_sign_in: { name: 'No owner can sign in', means: 'Nobody who owns the tenant can get in' },
  all_admins_locked_out: {
    name: 'All admins are locked out',
    means: 'Every administrator of the tenant is locked out',
  },
  critical_incident: { name: 'Critical incident', means: 'An incident harms the tenant now' },
};

export const legWords: Readonly<Record<LegRole, string>> = { owner: 'tenant owner', ops: 'ops', security: 'security' };

export const roleWords: Readonly<Record<StaffRole, string>> = {
  operator: 'operator',
  ops: 'ops',
  security: 'security',
  auditor: 'auditor',
  admin: 'admin',
};

export const stateWords: Readonly<Record<State, string>> = {
  requested: 'Waiting for approval',
  active: 'Active',
  ended: 'Ended',
  revoked: 'Revoked',
  expired: 'Expired',
  denied: 'Denied',
  withdrawn: 'Withdrawn',
  lapsed: 'Lapsed',
};
