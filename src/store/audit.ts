import type { AuditRecord } from '../domain/audit.ts';
import type { Tx } from './database.ts';
import { json } from './json.ts';

/** Adds audit rows in this transaction. The database writes their time and their exact text. */
export async function recordAudit(tx: Tx, records: readonly AuditRecord[], requestId: string): Promise<void> {
  if (records.length === 0) return;
  await tx.auditEvent.createMany({
    data: records.map(({ action, actor, tenant, grant, details }) => ({
      action,
      actor,
      tenantId: tenant,
      grantId: grant,
      requestId,
      details: json(details),
    })),
  });
}
