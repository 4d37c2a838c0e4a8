import type { AuditRecord } from '../domain/audit.ts';
import type { Addressed, TenantChange } from '../domain/notices.ts';
import { type StaffRole, staffRoles } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Tx } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';
import { accountsOf, personOf } from '../store/people.ts';
import { adoptPolicy as adopt, lockPolicies, policyInForce, readClock } from '../store/policies.ts';
import {
  addOwner,
  createTenant,
  loadTenant,
  removeOwner,
  setGuestAllowed,
  tenantIdOf,
  updateTenant,
} from '../store/tenants.ts';

/** The parts of the configuration that the database keeps or that somebody is told of. */
export interface Configuration {
  hash: string;
  text: string;
  team: string;
  channels: { security: string; ops: string };
  roles: Readonly<Record<StaffRole, RoleHolders>>;
  tenants: readonly TenantSetting[];
}

export interface RoleHolders {
  people: readonly string[];
  groups: readonly string[];
}

export interface TenantSetting {
  key: string;
  name: string;
  channel: string | null;
  shared: boolean;
  owners: readonly { account: string; guestAllowed: boolean }[];
}

const actor = 'system:configuration';

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
  db.acrossTenants('adopt a configuration', async (tx) => {
    await lockPolicies(tx);
    const before = await policyInForce(tx);
    let epoch = before?.epoch;
    if (epoch === undefined || before?.hash !== next.hash) {
      epoch = await adopt(tx, next.hash, next.text);
      const was = before && previous(before.text);
      await record(tx, 'policy.adopted', null, { hash: next.hash, before: before?.hash ?? null, epoch }, requestId);
      if (before) await tellRoleChanges(tx, was?.roles ?? null, next, was?.channels.security ?? null, requestId);
    }
    for (const tenant of next.tenants) await syncTenant(tx, tenant, next, requestId);
    return epoch;
  });

const record = (
  tx: Tx,
  action: AuditRecord['action'],
  tenant: string | null,
  details: AuditRecord['details'],
  requestId: string,
) => recordAudit(tx, [{ action, actor, tenant, grant: null, details }], requestId);

async function tellRoleChanges(
  tx: Tx,
  before: Configuration['roles'] | null,
  next: Configuration,
  oldSecurity: string | null,
  requestId: string,
): Promise<void> {
  for (const role of staffRoles) {
    const was = before ? [...before[role].people, ...before[role].groups] : [];
    const now = [...next.roles[role].people, ...next.roles[role].groups];
    const { added, removed } = difference(was, now);
    if (added.length + removed.length === 0) continue;
    await record(tx, 'role.changed', null, { role, before: before ? was : null, after: now }, requestId);
    const told = [next.channels.security, oldSecurity, ...removed.map((name) => directMessage(name, next.team))];
    await tell(tx, told, { kind: 'role_changed', role, added, removed }, null, requestId);
  }
}

async function syncTenant(tx: Tx, wanted: TenantSetting, next: Configuration, requestId: string): Promise<void> {
  const id = await tenantIdOf(tx, wanted.key);
  const data = { name: wanted.name, channel: wanted.channel, channelShared: wanted.shared };
  if (id === null) {
    const made = await createTenant(tx, { key: wanted.key, ...data });
    for (const { account, guestAllowed } of wanted.owners)
      await addOwner(tx, made, await personOf(tx, account), guestAllowed);
    await record(tx, 'tenant.created', made, { key: wanted.key, ...data, owners: wanted.owners }, requestId);
    return;
  }
  const was = await loadTenant(tx, id);
  if (was === null) throw new Error(`Tenant ${wanted.key} is not to be seen.`);
  const owners = await syncOwners(tx, id, wanted);
  const changes: TenantChange[] = [];
  if (owners.added.length + owners.removed.length > 0) {
    changes.push({ what: 'owners', ...owners });
    await updateTenant(tx, id, { ownersChangedAt: (await readClock(tx)).now });
    await record(tx, 'tenant.owners_changed', id, owners, requestId);
  }
  if (was.channel !== wanted.channel) {
    changes.push({ what: 'channel', before: was.channel, after: wanted.channel });
    await record(tx, 'tenant.channel_changed', id, { before: was.channel, after: wanted.channel }, requestId);
  }
  if (was.name !== wanted.name || was.channelShared !== wanted.shared) {
    const details = {
      before: { name: was.name, shared: was.channelShared },
      after: { name: wanted.name, shared: wanted.shared },
    };
    await record(tx, 'tenant.updated', id, details, requestId);
  }
  await updateTenant(tx, id, data);
  if (changes.length === 0) return;
  const told = [
    was.channel,
    next.channels.security,
    ...owners.removed.map((account) => directMessage(account, next.team)),
  ];
  await tell(tx, told, { kind: 'tenant_changed', tenant: wanted.name, changes }, id, requestId);
}

/** The file's list is the whole list. */
async function syncOwners(tx: Tx, tenant: string, wanted: TenantSetting) {
  const listed = (await loadTenant(tx, tenant))?.owners ?? [];
  const accounts = await accountsOf(
    tx,
    listed.map(({ person }) => person),
  );
  const accountOf = (person: string) => accounts.get(person) ?? person;
  const { added, removed } = difference(
    listed.map(({ person }) => accountOf(person)),
    wanted.owners.map(({ account }) => account),
  );
  for (const { account, guestAllowed } of wanted.owners) {
    const person = await personOf(tx, account);
    if (added.includes(account)) await addOwner(tx, tenant, person, guestAllowed);
    else await setGuestAllowed(tx, tenant, person, guestAllowed);
  }
  for (const { person } of listed) if (removed.includes(accountOf(person))) await removeOwner(tx, tenant, person);
  return { added, removed };
}

async function tell(
  tx: Tx,
  destinations: readonly (string | null)[],
  notice: Addressed['notice'],
  tenant: string | null,
  requestId: string,
): Promise<void> {
  const each = [...new Set(destinations)].flatMap((destination) => (destination ? [{ destination, notice }] : []));
  await enqueue(tx, each, { tenant, requestId });
}

/** The bot can write to people of its own team only; user groups have no inbox. */
function directMessage(name: string, home: string): string | null {
  const [team, user] = name.split(':');
  return team === home && user ? user : null;
}

const difference = (before: readonly string[], after: readonly string[]) => ({
  added: after.filter((each) => !before.includes(each)),
  removed: before.filter((each) => !after.includes(each)),
});
