import { type Alarm, alarm } from './jobs/alarm.ts';
import { troubleLog } from './jobs/trouble.ts';
import type { Log } from './log.ts';
import type { Database } from './store/database.ts';
import { listTenants, type TenantEntry } from './store/tenants.ts';

export interface TenantMemory {
  all: () => readonly TenantEntry[];
  /** Rung when a tenant changed; the forms show those known before until it could be read. */
  changed: Alarm;
}

/** Tenants for the forms, in memory. */
export async function tenantMemory(db: Database, log: Log): Promise<TenantMemory> {
  const read = () => db.acrossTenants('tenants for the forms', listTenants);
  let known: readonly TenantEntry[] = await read();
  const changed = insisting(log, 'reading the tenants for the forms', async () => {
    known = await read();
  });
  return { all: () => known, changed };
}

/** Something to do once when it is rung for, however long the database takes to let it. */
export function insisting(log: Log, what: string, work: () => Promise<void>): Alarm {
  const { failed, over } = troubleLog(log, what);
  return alarm(() => work().then(() => null), failed, over);
}
