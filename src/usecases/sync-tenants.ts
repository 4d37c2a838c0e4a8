import type { Tx } from '../store/database.ts';
import { knownTenants } from '../store/tenants.ts';
import type { Configuration } from './adopt-policy.ts';
import { bringBack, type ChangedBy, changeTenant, makeTenant } from './change-tenant.ts';
import { CONFIGURATION } from './configuration-changes.ts';

/**
 * Creates and updates the tenants that the file names; one that it no longer names stays as it is. One that was archived
 * meanwhile is the file's again, and comes back: on record, and told (docs/adr/0017).
 */
export async function syncTenants(tx: Tx, next: Configuration, requestId: string): Promise<void> {
  const by: ChangedBy = { actor: CONFIGURATION, requestId, team: next.team, security: next.channels.security };
  const known = await knownTenants(tx);
  for (const wanted of next.tenants) {
    const was = known.get(wanted.key);
    if (!was) {
      await makeTenant(tx, wanted, by);
      continue;
    }
    if (was.archivedAt) await bringBack(tx, was, by);
    await changeTenant(tx, was, wanted, by);
  }
}
