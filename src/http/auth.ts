import { timingSafeEqual } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { asWord, type KeyRole, keyRoles, type TenantId } from '../domain/words.ts';
import type { Checks } from '../store/checks/open.ts';
import { hashOfKey } from '../usecases/api-keys.ts';

/** Who calls, proven by what came with this request. */
export interface Caller {
  /** The key's id. */
  id: string;
  /** How the audit names it, behind `key:`. */
  name: string;
  /** A service asks whether somebody has access; an auditor reads the audit trail. */
  role: KeyRole;
  /** The tenants it is bound to; null for every one. */
  tenants: readonly TenantId[] | null;
  /** The tenant of questions that name none; its key. */
  defaultTenant: string | null;
  /** Answers a second, in this process. */
  perSecond: number;
}

/** Finds out who calls; null where nobody vouches for it. Other ways in (tokens, certificates) are other ones of these. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | null>;

/** What every key looks like: found by whoever searches for secrets that got out, and turned away unread where it differs. */
const keyShape = /^bgk_[\w-]{43}$/;

/** `Authorization: Bearer KEY`, looked up live. Wrong, missing, revoked and expired keys are one and the same nobody. */
export const byKey =
  (checks: Pick<Checks, 'key'>): Authenticate =>
  async (authorization) => {
    const [, key = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (!keyShape.test(key)) return null;
    const hash = hashOfKey(key);
    const found = await checks.key(hash);
    if (!found || !timingSafeEqual(hash, found.secret_hash)) return null;
    const role = asWord(keyRoles, found.role);
    if (role === undefined) return null;
    return {
      id: found.id,
      name: found.name,
      role,
      tenants: found.tenants,
      defaultTenant: found.default_tenant,
      perSecond: found.per_second,
    };
  };

/** Counts answers, a second at a time. */
export interface RateLimit {
  /** @returns for how long to come back (ms), or 0 where there is room */
  take(caller: Caller, answers: number): Promise<number>;
}

export function rateLimit(): RateLimit {
  const counts = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 1 });
  return {
    take: async ({ id, perSecond }, answers) => {
      const { consumedPoints, msBeforeNext } = await counts.penalty(id, answers);
      return consumedPoints > perSecond ? Math.max(msBeforeNext, 1) : 0;
    },
  };
}
