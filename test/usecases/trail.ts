import { expect } from 'vitest';
import type { Player } from '../../sandbox/cast.ts';
import type { Actor } from '../../src/domain/people.ts';
import { anything, type TrailWish } from '../../src/domain/trail.ts';
import { exportAudit } from '../../src/usecases/export-audit.ts';
import { type Look, lookAtAudit, type Seen } from '../../src/usecases/look-at-audit.ts';
import { request } from '../../src/usecases/request.ts';
import { deskOf } from './desk.ts';
import { auditView, grantOf, type Office, office, work } from './office.ts';

/** An office with a desk where checks are answered, and a trail to look at. */
export interface Bureau extends Office {
  look(actor: Actor, tenantKey: string | null, before?: string | null): ReturnType<typeof lookAtAudit>;
  /** The same with a filter. */
  seek(actor: Actor, wish: Partial<TrailWish>, rest?: Partial<Look>): ReturnType<typeof lookAtAudit>;
  /** What they would take away. */
  take(actor: Actor, wish: Partial<TrailWish>): ReturnType<typeof exportAudit>;
}

export async function bureau(): Promise<Bureau> {
  const at = await office();
  const desk = deskOf(at);
  const seek = (actor: Actor, wish: Partial<TrailWish>, rest: Partial<Look> = {}) => {
    const look = { actor, wish: { ...anything, ...wish }, before: null, usualKind: null, ...rest };
    return lookAtAudit(at.context, desk, look satisfies Look, work().requestId);
  };
  const look = (actor: Actor, tenantKey: string | null, before: string | null = null) =>
    seek(actor, { tenant: tenantKey }, { before });
  const take = (actor: Actor, wish: Partial<TrailWish>) =>
    exportAudit(at.context, desk, { actor, wish: { ...anything, ...wish } }, work().requestId);
  return Object.assign(at, { look, seek, take });
}

/** Somebody gets the audit view of a tenant. */
export async function granted(at: Office, player: Player = 'olivia', tenantKey = 'acme'): Promise<string> {
  return grantOf(await request(at.context, auditView(await at.actor(player), tenantKey), work()));
}

export async function seen(looked: ReturnType<typeof lookAtAudit>): Promise<Seen> {
  const look = await looked;
  if (look.kind !== 'seen') throw new Error(`Not seen: ${JSON.stringify(look)}`);
  return look;
}

/** The ids of a tenant's rows, newest first. */
export const trailOf = async ({ db }: Office, tenantKey: string): Promise<string[]> => {
  const rows = await db.query<{ id: string }>(
    'superuser',
    'select a.id from audit_events a join tenants t on t.id = a.tenant_id where t.key = $1 order by a.id desc',
    [tenantKey],
  );
  return rows.map(({ id }) => id);
};
export async function fillUpTo(at: Office, tenantKey: string, count: number): Promise<void> {
  const missing = count - (await trailOf(at, tenantKey)).length;
  expect(missing).toBeGreaterThan(0);
  await at.db.query(
    'superuser',
    `insert into audit_events (action, actor, tenant_id, request_id, details)
     select 'tenant.updated', 'system:configuration', t.id, 'filler ' || n, '{}' from tenants t, generate_series(1, $2::int) n where key = $1`,
    [tenantKey, missing],
  );
}

export const onRecord = ({ db }: Office, ...actions: string[]) =>
  db.query<{
    action: string;
    actor: string;
    tenant: string | null;
    grant: string | null;
    details: Record<string, unknown>;
  }>(
    'superuser',
    `select action, actor, t.key as tenant, grant_id as grant, details
       from audit_events a left join tenants t on t.id = a.tenant_id where action = any ($1) order by a.id`,
    [actions],
  );

/** What everybody is told who may not look. */
export const refusal = { kind: 'refused', refusal: { kind: 'no_audit_view' } };
