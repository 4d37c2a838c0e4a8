import type { AuditRecord } from '../domain/audit.ts';
import type { Tx } from './database.ts';

/** Adds audit rows in this transaction. The database writes their time and their exact text. */
export async function recordAudit(tx: Tx, records: readonly AuditRecord[], requestId: string): Promise<void> {
  if (records.length === 0) return;
  await tx.$executeRaw`
    insert into audit_events (action, actor, tenant_id, grant_id, request_id, details)
    select action, actor, tenant, "grant", ${requestId}, details
      from jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
        as record (action text, actor text, tenant uuid, "grant" uuid, details jsonb)`;
}
