import type { ActionRule } from '../domain/check.ts';
import type { ScopePolicy } from '../domain/policy.ts';
import type { Scope } from '../domain/words.ts';

/** What each scope is for unless the file says otherwise. Kinds and names are the product's; the values may change. */
export const defaultScopes: Readonly<Record<Scope, ScopePolicy>> = {
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

const needing = (...needs: Scope[]): ActionRule => ({ needs, when: [] });

/** What content services ask for, and the scopes that must all be active. */
export const defaultActions: Readonly<Record<string, ActionRule>> = {
  'content.read': needing('content_access'),
  'content.write': needing('content_access'),
  'audit.view': needing('audit_view'),
  'workspace.create_owner': needing('create_platform_owner', 'workspace_recovery'),
  'workspace.reset_password': needing('reset_admin_password', 'workspace_recovery'),
  'workspace.reenable_admin': needing('reenable_admin', 'workspace_recovery'),
};
