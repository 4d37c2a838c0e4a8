import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** A notice that was given up. */
export interface DeadNotice {
  id: bigint;
  destination: string;
  kind: string;
  tenant: TenantId | null;
  grant: GrantId | null;
  /** When it was given up. */
  since: Date;
  error: string;
}

/** Every notice that was given up and not sent since, the oldest first. */
export const deadNotices = (tx: Tx): Promise<DeadNotice[]> => tx.$queryRaw<DeadNotice[]>`
  select id, destination, kind, tenant_id as tenant, grant_id as "grant", settled_at as since, last_error as error
    from outbox where state = 'dead' order by id`;

/**
 * Puts dead notices back in their place among those that wait. They are tried from now on as new ones are, and say that
 * they are late.
 * @param ids null for every dead one
 * @returns those that were dead and wait again
 */
export const requeueDead = (tx: Tx, ids: readonly bigint[] | null): Promise<DeadNotice[]> => tx.$queryRaw<DeadNotice[]>`
  with again as (
    update outbox o set state = 'waiting', settled_at = null, attempts = 0,
           requeued_at = breakglass_now(), not_before = breakglass_now()
      from (select id, settled_at from outbox
             where state = 'dead' and (${ids === null} or id = any(${ids ?? []}::bigint[])) for update) dead
     where o.id = dead.id
    returning o.id, o.destination, o.kind, o.tenant_id as tenant, o.grant_id as "grant", dead.settled_at as since,
              o.last_error as error)
  select * from again order by id`;
