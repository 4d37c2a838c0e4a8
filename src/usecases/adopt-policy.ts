import type { TenantSetting } from '../domain/tenant.ts';
import { type StaffRole, staffRoles } from '../domain/words.ts';
import type { Database, Tx } from '../store/database.ts';
import { adoptPolicy as adopt, lockPolicies, policyInForce } from '../store/policies.ts';
import { difference, directMessage, record, tell } from './configuration-changes.ts';
import { syncIdentities } from './sync-identities.ts';
import { syncTenants } from './sync-tenants.ts';

/** The parts of the configuration that the database keeps or that somebody is told of. */
export interface Configuration {
  hash: string;
  text: string;
  team: string;
  channels: { security: string; ops: string };
  roles: Readonly<Record<StaffRole, RoleHolders>>;
  tenants: readonly TenantSetting[];
  /** Slack account -> how an identity provider names the same person. */
  identities: Readonly<Record<string, { issuer: string; subject: string }>>;
}

export interface RoleHolders {
  people: readonly string[];
  groups: readonly string[];
  /** Groups of the identity provider. */
  idpGroups: readonly string[];
}

/** A first start with thousands of tenants writes a row or more for each (ms). */
const ADOPTION_LIMIT_MS = 60_000;

/**
 * Puts a configuration in force: a new epoch if it differs from the last, and the tenants and owners it names.
 * Every change is an audit row and is told to those whom it concerns, so that consent can't be manufactured quietly.
 * @param previous reads the text of the configuration before; null where it can't be read any more
 * @returns the epoch to decide by
 */
export const adoptPolicy = (
  db: Database,
  next: Configuration,
  previous: (text: string) => Configuration | null,
  requestId: string,
): Promise<number> =>
  db.acrossTenants(
    'adopt a configuration',
    async (tx) => {
      await lockPolicies(tx);
      const before = await policyInForce(tx);
      let epoch = before?.epoch;
      if (epoch === undefined || before?.hash !== next.hash) {
        epoch = await adopt(tx, next.hash, next.text);
        const was = before && previous(before.text);
        await record(tx, 'policy.adopted', null, { hash: next.hash, before: before?.hash ?? null, epoch }, requestId);
        if (before) await tellRoleChanges(tx, was?.roles ?? null, next, was?.channels.security ?? null, requestId);
      }
      await syncTenants(tx, next, requestId);
      await syncIdentities(tx, next, requestId);
      return epoch;
    },
    ADOPTION_LIMIT_MS,
  );

/** Everybody in one list: accounts, Slack user groups, and `idp:GROUP` for those of the identity provider. */
const holdersOf = ({ people, groups, idpGroups }: RoleHolders): string[] => [
  ...people,
  ...groups,
  ...idpGroups.map((group) => `idp:${group}`),
];

async function tellRoleChanges(
  tx: Tx,
  before: Configuration['roles'] | null,
  next: Configuration,
  oldSecurity: string | null,
  requestId: string,
): Promise<void> {
  for (const role of staffRoles) {
    const was = before ? holdersOf(before[role]) : [];
    const now = holdersOf(next.roles[role]);
    const { added, removed } = difference(was, now);
    if (added.length + removed.length === 0) continue;
    await record(tx, 'role.changed', null, { role, before: before ? was : null, after: now }, requestId);
    const told = [next.channels.security, oldSecurity, ...removed.map((name) => directMessage(name, next.team))];
    await tell(tx, told, { kind: 'role_changed', role, added, removed }, null, requestId);
  }
}
