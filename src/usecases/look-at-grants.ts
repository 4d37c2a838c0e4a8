import { type Actor, hasRole, ownsTenant } from '../domain/people.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { type GrantFilter, grantPage, loadGrant, type PagePlace, tenantOfGrant } from '../store/grants.ts';
import { loadReview, type ReviewRecord } from '../store/reviews.ts';
import { ownedBy, tenantIdOf } from '../store/tenants.ts';
import { type Context, type Refused, refused } from './context.ts';

export type { GrantFilter, PagePlace } from '../store/grants.ts';

/** Who looks: somebody linked, or a program within its bounds (null: every tenant). */
export type Onlooker = { person: Actor } | { tenants: readonly TenantId[] | null };

/** Who answers for access sees all of it. */
const seesAll = (actor: Actor): boolean =>
  (['ops', 'security', 'auditor', 'admin'] as const).some((role) => hasRole(actor, role));

/** What an onlooker sees of grants: those of these tenants (null: of all), and those that a person asked for. */
async function sightOf(tx: Tx, onlooker: Onlooker): Promise<GrantFilter['sight']> {
  if (!('person' in onlooker)) return { tenants: onlooker.tenants, requester: null };
  const { person: actor } = onlooker;
  if (seesAll(actor)) return { tenants: null, requester: null };
  const owned = await ownedBy(tx, actor.person);
  return {
    tenants: owned.filter(({ owners }) => ownsTenant(actor, owners)).map(({ id }) => id),
    requester: actor.person,
  };
}

export interface GrantWish {
  tenantKey: string | null;
  states: GrantFilter['states'];
  kind: GrantFilter['kind'];
  after: PagePlace | null;
  limit: number;
}

/** Grants that an onlooker may see, the newest first. A tenant that is none, or none of theirs, has none. */
export const listGrants = (
  { db }: Context,
  onlooker: Onlooker,
  { tenantKey, ...wish }: GrantWish,
): Promise<{ rows: GrantInContext[]; next: PagePlace | null }> =>
  db.acrossTenants('list grants', async (tx) => {
    const tenant = tenantKey === null ? null : await tenantIdOf(tx, tenantKey);
    if (tenantKey !== null && tenant === null) return { rows: [], next: null };
    const rows = await grantPage(tx, { ...wish, limit: wish.limit + 1, tenant, sight: await sightOf(tx, onlooker) });
    const page = rows.slice(0, wish.limit);
    const last = page.at(-1)?.grant;
    return { rows: page, next: rows.length > wish.limit && last ? { at: last.requestedAt, id: last.id } : null };
  });

export interface ShownGrant {
  kind: 'found';
  at: GrantInContext;
  review: ReviewRecord | null;
}

/** One grant, for those who may see it. For anybody else it does not exist; nothing is recorded of that here. */
export async function showGrant({ db }: Context, onlooker: Onlooker, id: GrantId): Promise<ShownGrant | Refused> {
  const shown = await db.enterTenant(
    'find the tenant of a grant that somebody looks at',
    (tx) => tenantOfGrant(tx, id),
    async (tx): Promise<ShownGrant | null> => {
      const at = await loadGrant(tx, id);
      return at && maySee(onlooker, at) ? { kind: 'found', at, review: await loadReview(tx, id) } : null;
    },
  );
  return shown ?? refused({ kind: 'unknown_grant' });
}

function maySee(onlooker: Onlooker, { grant, tenant }: GrantInContext): boolean {
  if (!('person' in onlooker)) return onlooker.tenants?.includes(grant.tenant) ?? true;
  const { person: actor } = onlooker;
  return seesAll(actor) || grant.requester === actor.person || ownsTenant(actor, tenant.owners);
}
