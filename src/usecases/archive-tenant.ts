import { takeBack } from '../domain/close.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import { openAt } from '../store/due.ts';
import { loadGrant, lockGrant } from '../store/grants.ts';
import { setArchived } from '../store/tenants.ts';
import { type Administrator, administer, type Done, mistakeInReason } from './administer.ts';
import { changedBy, ofTheApi, type TenantView, viewNow } from './administer-tenants.ts';
import { tellOf } from './change-tenant.ts';
import { record } from './configuration-changes.ts';
import type { Context, Refused, Work } from './context.ts';
import { closeWhatIsDue } from './decide-on-grant.ts';
import { saveChange } from './save.ts';

export interface Archived {
  tenant: TenantView;
  /** Requests that were withdrawn with it, and access that was revoked. */
  closed: number;
}

/**
 * Puts a tenant away, with a reason. Nothing of it is removed. Whoever has or asked for access to it loses that in the same
 * transaction: nobody can be asked for it any more.
 */
export async function archiveTenant(
  context: Context,
  { by, key, reason }: { by: Administrator; key: string; reason: string },
  work: Work,
): Promise<Done<Archived> | Refused> {
  let open: { tenant: TenantId; grants: readonly GrantId[] } = { tenant: '', grants: [] };
  return administer<Archived>(
    context,
    {
      ...{ verb: 'archive a tenant', by, about: key, body: { reason }, byTheFile: true },
      decide: async (tx) => {
        const was = await ofTheApi(tx, by, key, context.inForce());
        if ('kind' in was) return was;
        const refusal = was.archivedAt ? ({ kind: 'tenant_archived' } as const) : mistakeInReason(reason);
        if (refusal) return refusal;
        await setArchived(tx, was.id, true);
        const details = { before: { archived: false }, after: { archived: true }, reason };
        await record(tx, 'tenant.archived', was.id, details, work.requestId, by.name);
        await tellOf(tx, was, was.name, [{ what: 'archived', reason }], changedBy(context, by, work));
        open = { tenant: was.id, grants: await openAt(tx, was.id) };
        return { ...(await viewNow(tx, key, context.inForce())), closed: 0 };
      },
      within: {
        tenant: () => open.tenant,
        finish: async (tx, done) => ({ ...done, closed: await closeAll(tx, open.grants, context, by, reason, work) }),
      },
    },
    work,
  );
}

async function closeAll(
  tx: Tx,
  grants: readonly GrantId[],
  { inForce }: Context,
  by: Administrator,
  why: string,
  { requestId }: Work,
): Promise<number> {
  let closed = 0;
  const { channels } = inForce();
  for (const id of grants) {
    await lockGrant(tx, id);
    const found = await loadGrant(tx, id);
    if (!found) throw new Error(`Grant ${id} is not to be seen in its own tenant.`);
    const at = await closeWhatIsDue(tx, found, inForce(), requestId);
    const { events = [] } = takeBack(at.grant, at.now, `The tenant was archived: ${why}`);
    if (events.length === 0) continue;
    await saveChange(tx, { before: at.grant, events, actor: by.name, accounts: at.accounts, requestId, channels });
    closed += 1;
  }
  return closed;
}
