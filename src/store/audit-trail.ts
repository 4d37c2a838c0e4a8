import type { TrailPage, TrailRow } from '../domain/trail.ts';
import type { TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

const PAGE = 10;
const LARGEST_ID = '9223372036854775807';

/**
 * The tenant's newest audit rows, of those before a row where one is given (its id). In the tenant's scope.
 * Its stretch of the index is named by both ends: asked for one tenant's newest rows, PostgreSQL may walk back through
 * everybody's instead, which is a long way to the last of a tenant that has been quiet.
 */
export async function trailPage(tx: Tx, tenant: TenantId, before: string | null): Promise<TrailPage> {
  const found = await tx.$queryRaw<TrailRow[]>`
    select e.id::text, e.at, e.action, e.actor, e.details from audit_events e
     where (e.tenant_id, e.id) < (${tenant}::uuid, ${before ?? LARGEST_ID}::bigint)
       and (e.tenant_id, e.id) > (${tenant}::uuid, 0::bigint)
     order by e.tenant_id desc, e.id desc limit ${PAGE + 1}`;
  const rows = found.slice(0, PAGE);
  return { rows, older: found.length > PAGE ? (rows.at(-1)?.id ?? null) : null };
}
