import type { AuditRecord } from '../domain/audit.ts';
import type { Addressed } from '../domain/notices.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';

/** What a change of the configuration leaves behind: a row in the audit, and those who are told. */
export const CONFIGURATION = 'system:configuration';

export const record = (
  tx: Tx,
  action: AuditRecord['action'],
  tenant: string | null,
  details: AuditRecord['details'],
  requestId: string,
  actor: string = CONFIGURATION,
) => recordAudit(tx, [{ action, actor, tenant, grant: null, details }], requestId);

export async function tell(
  tx: Tx,
  destinations: readonly (string | null)[],
  notice: Addressed['notice'],
  tenant: string | null,
  requestId: string,
): Promise<void> {
  const each = [...new Set(destinations)].flatMap((destination) => (destination ? [{ destination, notice }] : []));
  await enqueue(tx, each, { tenant, requestId });
}

/** The bot can write to people of its own team only; user groups have no inbox. */
export function directMessage(name: string, home: string): string | null {
  const [team, user] = name.split(':');
  return team === home && user ? user : null;
}

export const difference = (before: readonly string[], after: readonly string[]) => ({
  added: after.filter((each) => !before.includes(each)),
  removed: before.filter((each) => !after.includes(each)),
});
