import type { Addressed, Notice, Place } from '../domain/notices.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** Writes notices in this transaction: they exist if and only if the change does. */
export async function enqueue(
  tx: Tx,
  notices: readonly Addressed[],
  about: { tenant: TenantId | null; requestId: string },
): Promise<void> {
  if (notices.length === 0) return;
  await tx.$executeRaw`
    insert into outbox (destination, kind, tenant_id, grant_id, payload, request_id)
    select destination, notice->>'kind', ${about.tenant}::uuid, (notice->>'grant')::uuid, notice, ${about.requestId}
      from jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) as addressed (destination text, notice jsonb)`;
}

/** The same for notices about several tenants, each its own, in one statement. */
export async function enqueueForEach(
  tx: Tx,
  notices: readonly (Addressed & { tenant: TenantId | null })[],
  requestId: string,
): Promise<void> {
  if (notices.length === 0) return;
  await tx.$executeRaw`
    insert into outbox (destination, kind, tenant_id, payload, request_id)
    select destination, notice->>'kind', tenant, notice, ${requestId}
      from jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) as addressed (destination text, notice jsonb, tenant uuid)`;
}

/** Where this grant's card was sent to: those places are told of every change, whatever the configuration says by now. */
export async function placesOf(tx: Tx, grant: GrantId): Promise<Place[]> {
  const rows = await tx.$queryRaw<{ destination: string; payload: Extract<Notice, { kind: 'card' }> }[]>`
    select distinct on (destination) destination, payload from outbox
     where grant_id = ${grant}::uuid and kind = 'card' order by destination, id`;
  return rows.map(({ destination, payload: { audience, legs } }) => ({ destination, audience, legs }));
}
