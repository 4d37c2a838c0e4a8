import { type Actor, hasRole, ownsTenant } from '../domain/people.ts';
import type { Kind } from '../domain/words.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { openGrants } from '../store/grants.ts';
import { loadTenant, tenantIdOf } from '../store/tenants.ts';
import { type Context, type Refused, refused } from './context.ts';

/** What the person has open, whatever the tenant. */
export const myStatus = ({ db }: Context, actor: Actor): Promise<GrantInContext[]> =>
  db.acrossTenants('what a person has open', (tx) => openGrants(tx, { requester: actor.person }));

/** What the person has active of one kind: what "I'm done" could mean. */
export async function myActive(context: Context, actor: Actor, kind: Kind): Promise<GrantInContext[]> {
  const open = await myStatus(context, actor);
  return open.filter(({ grant }) => grant.kind === kind && grant.status.state === 'active');
}

/**
 * What is open on a tenant: for its owners, security, ops and auditors. For anybody else it does not exist.
 */
export async function tenantStatus(
  context: Context,
  actor: Actor,
  tenantKey: string,
  requestId: string,
): Promise<{ kind: 'found'; name: string; open: GrantInContext[] } | Refused> {
  const found = await context.db.enterTenant(
    'find a tenant by key',
    async (tx) => ({ tenant: await tenantIdOf(tx, tenantKey) }),
    async (tx, { tenant: id }) => {
      const tenant = id === null ? null : await loadTenant(tx, id);
      if (!tenant || !maySeeTenant(actor, tenant.owners)) return null;
      return { name: tenant.name, open: await openGrants(tx, { tenant: tenant.id }) };
    },
  );
  if (found) return { kind: 'found', ...found };
  const refusal = { kind: 'unknown_tenant' } as const;
  await context.refusals.record({ actor, verb: 'status', refusal, about: tenantKey, requestId });
  return refused(refusal);
}

const maySeeTenant = (actor: Actor, owners: Parameters<typeof ownsTenant>[1]): boolean =>
  ownsTenant(actor, owners) || (['security', 'ops', 'auditor'] as const).some((role) => hasRole(actor, role));
