import { randomUUID } from 'node:crypto';
import type { GrantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import { loadGrant, tenantOfGrant } from '../store/grants.ts';
import { enqueue } from '../store/outbox.ts';
import { markUnusual } from '../store/uses.ts';
import type { Context } from './context.ts';

export interface Volume {
  told: boolean;
  left: number | null;
}

/**
 * Tells security, once for each grant, that it is used more often than is usual for its scope.
 * @returns whether this call told them, and how many uses are left until that; null where they have been told
 */
export const tellUnusual = ({ db, inForce }: Context, id: GrantId, requestId: string): Promise<Volume> =>
  db.enterTenant(
    'find the tenant of a grant that is used often',
    (tx) => tenantOfGrant(tx, id),
    async (tx) => {
      const at = await loadGrant(tx, id);
      if (!at?.uses) return { told: false, left: 0 };
      const { policy, channels } = inForce();
      const { usualUses: usual } = policy.scopes[at.grant.scope];
      const count = at.uses.allowed + at.uses.refused;
      if (count <= usual) return { told: false, left: usual - count };
      if (!(await markUnusual(tx, at.grant, count))) return { told: false, left: null };
      const about = { tenant: at.grant.tenant, grant: id };
      const details = { uses: count, usual };
      await recordAudit(tx, [{ action: 'access.unusual', actor: 'system:checks', ...about, details }], requestId);
      const notice = { kind: 'unusual_use', grant: id, uses: count, usual } as const;
      await enqueue(tx, [{ destination: channels.security, notice }], { tenant: at.grant.tenant, requestId });
      return { told: true, left: null };
    },
  );

export interface VolumeWatch {
  /** Told of each use, with the grants that the answer is about. */
  used(grants: readonly GrantId[]): void;
  /** Resolves when nothing is being looked at. */
  idle(): Promise<void>;
}

/** A grant's volume as this process knows it. */
interface Watched {
  /** Uses since the last look, and how many there may be until the next. */
  since: number;
  next: number;
  looking: boolean;
}

/** They take connections that people's clicks need too. */
const LOOKS_AT_ONCE = 2;
/** Grants that are remembered at most; one that is forgotten is looked at anew with its next use. */
const REMEMBERED = 10_000;

/**
 * Looks at the volume of grants as they are used, beside the answers and never in their way: at the first use that this
 * process sees, and again after a quarter of what is left until it is unusual, so that several processes which each see
 * a part of the uses don't miss the moment.
 */
export function volumeWatch(context: Context, onError: (error: unknown) => void): VolumeWatch {
  const watched = new Map<GrantId, Watched>();
  const looks = new Set<Promise<void>>();
  const look = async (grant: GrantId, at: Watched): Promise<void> => {
    at.since = 0;
    try {
      const { left } = await tellUnusual(context, grant, randomUUID());
      at.next = left === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(left / 4));
    } catch (error) {
      at.next = 1; // the next use tries again
      at.since = 0;
      onError(error);
    }
    at.looking = false;
  };
  const due: GrantId[] = [];
  const lookAtNext = (): void => {
    for (let grant = looks.size < LOOKS_AT_ONCE ? due.shift() : undefined; grant; grant = due.shift()) {
      begin(grant);
      if (looks.size >= LOOKS_AT_ONCE) return;
    }
  };
  const begin = (grant: GrantId): void => {
    const at = watched.get(grant);
    if (!at) return;
    const looking = look(grant, at).finally(() => {
      looks.delete(looking);
      lookIfDue(grant, at); // it may have been used meanwhile
      lookAtNext();
    });
    looks.add(looking);
  };
  const lookIfDue = (grant: GrantId, at: Watched): void => {
    if (at.since < at.next || at.looking) return;
    at.looking = true;
    due.push(grant);
    lookAtNext();
  };
  const used = (grants: readonly GrantId[]): void => {
    for (const grant of grants) {
      const at = watched.get(grant) ?? { since: 0, next: 1, looking: false };
      if (!watched.has(grant) && watched.size >= REMEMBERED) watched.clear();
      watched.set(grant, at);
      at.since += 1;
      lookIfDue(grant, at);
    }
  };
  return {
    used,
    idle: async () => {
      while (looks.size > 0) await Promise.all(looks);
    },
  };
}
