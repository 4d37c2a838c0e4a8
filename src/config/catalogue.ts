import type { ScopePolicy } from '../domain/policy.ts';
import type { Scope } from '../domain/words.ts';

/** What each scope is for unless the file says otherwise. Kinds and names are the product's; the values may change. */
export const defaultScopes: Readonly<Record<Scope, ScopePolicy>> = {
  content_access: { minutes: { default: 60, max: 240 }, legs: ['owner', 'security'], lapseMinutes: 60 },
  create_platform_owner: { minutes: { default: 30, max: 120 }, legs: ['ops', 'security'], lapseMinutes: 60 },
  reset_admin_password: { minutes: { default: 30, max: 120 }, legs: ['ops', 'security'], lapseMinutes: 60 },
  reenable_admin: { minutes: { default: 30, max: 120 }, legs: ['ops', 'security'], lapseMinutes: 60 },
  audit_view: { minutes: { default: 240, max: 1440 }, legs: [], lapseMinutes: 1440 },
  workspace_recovery: { minutes: { default: 60, max: 240 }, legs: ['owner'], lapseMinutes: 1440 },
};

/** What content services ask for, and the scopes that must all be active. */
export const defaultActions: Readonly<Record<string, { needs: readonly Scope[] }>> = {
  'content.read': { needs: ['content_access'] },
  'content.write': { needs: ['content_access'] },
  'audit.view': { needs: ['audit_view'] },
  'workspace.create_owner': { needs: ['create_platform_owner', 'workspace_recovery'] },
  'workspace.reset_password': { needs: ['reset_admin_password', 'workspace_recovery'] },
  'workspace.reenable_admin': { needs: ['reenable_admin', 'workspace_recovery'] },
};
