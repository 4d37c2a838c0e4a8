import type { AttachmentKind } from '../../domain/evidence.ts';
import type { State } from '../../domain/grant.ts';
import type { OpenReview } from '../../domain/notices.ts';
import type { ReviewQuestion, ReviewVerdict } from '../../domain/review-answers.ts';
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

/** What the runbook asks: in full in the form, in short where the answers are read. */
export const questionWords: Readonly<Record<ReviewQuestion, { asked: string; short: string; hint?: string }>> = {
  cause_documented: { asked: 'Is the cause documented?', short: 'cause documented' },
  evidence_produced: { asked: 'Is there evidence of what was done?', short: 'evidence produced' },
  permissions_reviewed: { asked: 'Were permissions reviewed?', short: 'permissions reviewed' },
  preventive_work_filed: {
    asked: 'Is work filed so that it does not happen again?',
    short: 'preventive work filed',
    hint: 'With the link to what was filed.',
  },
  temporary_credentials_removed: {
    asked: 'Are temporary credentials removed?',
    short: 'temporary credentials removed',
  },
  temporary_network_access_removed: {
    asked: 'Is temporary network access removed?',
    short: 'temporary network access removed',
  },
  secrets_rotated_or_not_exposed: {
    asked: 'Were secrets rotated, or none exposed?',
    short: 'secrets rotated or not exposed',
  },
};

export const verdictWords: Readonly<Record<ReviewVerdict, string>> = {
  yes: 'Yes',
  no: 'No',
  not_applicable: 'Not applicable',
};

export const attachmentWords: Readonly<Record<AttachmentKind, string>> = {
  note: 'Note',
  log_lines: 'Log lines',
  snapshot_before: 'Snapshot before',
  snapshot_after: 'Snapshot after',
};

export const openReviewWords: Readonly<Record<OpenReview['state'], string>> = {
  open: 'Due',
  overdue: 'Overdue since',
  excused: 'Excused, was due',
};
