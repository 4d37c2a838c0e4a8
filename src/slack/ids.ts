/** Names that Slack sends back to us. A contract: tests and tools depend on them. */
export const commands = { break_glass: '/breakglass', support_access: '/support-access' } as const;

export const modals = {
  breakGlassRequest: 'break_glass_request',
  supportAccessRequest: 'support_access_request',
  approveShorter: 'approve_shorter',
  denyReason: 'deny_reason',
  revokeReason: 'revoke_reason',
  reviewSession: 'review_session',
  excuseReview: 'excuse_review',
  attachEvidence: 'attach_evidence',
  auditFilter: 'audit_filter',
} as const;

/** Blocks and their elements share one id. Those of a review are named by its questions. */
export const fields = {
  tenant: 'tenant',
  scope: 'scope',
  circumstance: 'circumstance',
  reason: 'reason',
  ticket: 'ticket',
  duration: 'duration',
  comment: 'comment',
  person: 'person',
  action: 'action',
  kind: 'kind',
  window: 'window',
  title: 'title',
  note: 'note',
  links: 'links',
} as const;

export const buttons = {
  approve: 'approve',
  approveShorter: 'approve_shorter',
  deny: 'deny',
  withdraw: 'withdraw',
  end: 'end',
  revoke: 'revoke',
  auditOlder: 'audit_older',
  auditFilter: 'audit_filter',
  auditCsv: 'audit_csv',
  review: 'review',
  excuse: 'excuse',
  attach: 'attach',
  evidence: 'evidence',
  linkConfirm: 'link_confirm',
  linkRefuse: 'link_refuse',
  openSignIn: 'open_sign_in',
} as const;
