import type { TrailFilter, TrailWish } from '../domain/trail.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import { newestRow, type Sought, type Stretch, somebodyNamed, stretchOf } from '../store/audit-trail.ts';
import type { Database, Tx } from '../store/database.ts';

/** Who reads the trail, as the audit names them, and whose rows: null for everybody's. */
export interface Reader {
  actor: string;
  tenant: TenantId | null;
  /** The grant that it rests on; null where a role is enough. */
  grant: GrantId | null;
  requestId: string;
}

/** What is to be looked through, and for what. */
export interface Search {
  sought: Sought;
  stretch: Stretch;
}

/** Finds the part of the trail that a filter is about, and whom it names. Across tenants. */
export async function searchFor(
  tx: Tx,
  filter: TrailFilter,
  end: (tx: Tx) => Promise<bigint> = newestRow,
): Promise<Search> {
  const person = filter.person === null ? null : await somebodyNamed(tx, filter.person);
  return { sought: { ...filter, person }, stretch: await stretchOf(tx, filter, await end(tx)) };
}

/** Whose rows are read: one tenant's in its own scope, or everybody's. */
export const inSight = <T>(db: Database, tenant: TenantId | null, work: (tx: Tx) => Promise<T>): Promise<T> =>
  tenant === null ? db.acrossTenants('read the audit trail of everything', work) : db.inTenant(tenant, work);

/** A filter as it is put on record. */
const onRecord = ({ from, to, person, kind }: TrailFilter, { tenant, action }: TrailWish) => ({
  ...{ from, to, tenant, person, action, kind },
});

/** That somebody looked at rows whom their role allows it; a look under a grant is a use of that. */
export const recordView = (
  tx: Tx,
  { actor, tenant, grant, requestId }: Reader,
  filter: TrailFilter,
  wish: TrailWish,
  { before = null, after = null, rows }: { before?: string | null; after?: string | null; rows: number },
): Promise<void> => {
  const details = { ...onRecord(filter, wish), before, after, rows };
  return recordAudit(tx, [{ action: 'audit.viewed', actor, tenant, grant, details }], requestId);
};

/** That somebody takes rows away: before the first of them leaves. `rows` is null where nobody knows yet how many. */
export const recordExport = (
  tx: Tx,
  { actor, tenant, grant, requestId }: Reader,
  filter: TrailFilter,
  wish: TrailWish,
  { format, rows }: { format: string; rows: number | null },
): Promise<void> => {
  const details = { ...onRecord(filter, wish), format, rows };
  return recordAudit(tx, [{ action: 'audit.exported', actor, tenant, grant, details }], requestId);
};

/** What came of an export whose rows were sent one after the other. */
export const recordExportEnd = (
  tx: Tx,
  { actor, tenant, grant, requestId }: Reader,
  { rows, complete }: { rows: number; complete: boolean },
): Promise<void> => {
  const details = { rows, complete };
  return recordAudit(tx, [{ action: 'audit.export_ended', actor, tenant, grant, details }], requestId);
};
