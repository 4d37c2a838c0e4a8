import { timingSafeEqual } from 'node:crypto';
import { NOBODY } from '../../domain/people.ts';
import { asWord, keyRoles } from '../../domain/words.ts';
import type { KeyRow } from '../../store/checks/keys.ts';
import type { Checks } from '../../store/checks/open.ts';
import { hashOfKey } from '../../usecases/api-keys.ts';
import type { Authenticate, Program } from './caller.ts';

/** Keys of ours, and one that came from the environment: whatever else is shown is turned away unread. */
const keyShape = /^[\x21-\x7e]{32,200}$/;

/** What `Authorization: Bearer X` shows; null for anything else (RFC 6750, section 2.1). */
export const bearerOf = (authorization: string | undefined): string | null =>
  /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;

/** Three parts with dots between: a token, no key. */
export const isToken = (shown: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(shown);

/** A key's row as who calls; null for a role that this version does not know. */
export function programOf({ id, name, role, tenants, default_tenant, per_second }: KeyRow): Program | null {
  const known = asWord(keyRoles, role);
  if (known === undefined) return null;
  return {
    kind: 'program',
    name: `key:${name}`,
    roles: new Set([known]),
    tenants,
    perSecond: per_second,
    key: { id, name, defaultTenant: default_tenant },
  };
}

/** `Authorization: Bearer KEY`, looked up live. Wrong, missing, revoked and expired keys are one and the same nobody. */
export const byKey =
  (checks: Pick<Checks, 'key'>): Authenticate =>
  async ({ authorization }) => {
    const key = bearerOf(authorization);
    if (key === null || !keyShape.test(key) || isToken(key)) return null;
    const hash = hashOfKey(key);
    const found = await checks.key(hash);
    return found && timingSafeEqual(hash, found.secret_hash) ? programOf(found) : null;
  };

/** As the audit names whoever shows the variable. */
const BOOTSTRAP = 'system:bootstrap-key';

/** The environment's key administers until there is, or was, an administrator's key in the table (ruling on keys). */
export function byBootstrapKey(secret: string, adminKeyExists: () => Promise<boolean>): Authenticate {
  const hash = hashOfKey(secret);
  return async ({ authorization }) => {
    const key = bearerOf(authorization);
    if (key === null || !timingSafeEqual(hashOfKey(key), hash) || (await adminKeyExists())) return null;
    return {
      kind: 'program',
      name: BOOTSTRAP,
      roles: new Set(['admin']),
      tenants: null,
      perSecond: 100,
      key: { id: NOBODY, name: BOOTSTRAP, defaultTenant: null },
    };
  };
}
