/** Names that Slack sends back to us. A contract: tests and tools depend on them. */
export const commands = { break_glass: '/breakglass', support_access: '/support-access' } as const;

export const modals = {
  breakGlassRequest: 'break_glass_request',
  supportAccessRequest: 'support_access_request',
  approveShorter: 'approve_shorter',
  denyReason: 'deny_reason',
  revokeReason: 'revoke_reason',
} as const;

/** Blocks and their elements share one id. */
export const fields = {
  tenant: 'tenant',
  scope: 'scope',
  circumstance: 'circumstance',
  reason: 'reason',
  ticket: 'ticket',
  duration: 'duration',
  comment: 'comment',
} as const;

export const buttons = {
  approve: 'approve',
  approveShorter: 'approve_shorter',
  deny: 'deny',
  withdraw: 'withdraw',
  end: 'end',
  revoke: 'revoke',
  auditOlder: 'audit_older',
} as const;
