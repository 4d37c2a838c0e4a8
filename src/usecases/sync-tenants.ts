import type { TenantChange } from '../domain/notices.ts';
import type { Tx } from '../store/database.ts';
import { personOf } from '../store/people.ts';
import { readClock } from '../store/policies.ts';
import {
  addOwner,
  createTenant,
  type KnownTenant,
  knownTenants,
  removeOwner,
  setGuestAllowed,
  updateTenant,
} from '../store/tenants.ts';
import type { Configuration, TenantSetting } from './adopt-policy.ts';
import { difference, directMessage, record, tell } from './configuration-changes.ts';

/** Creates and updates the tenants that the file names; one that it no longer names stays as it is. */
export async function syncTenants(tx: Tx, next: Configuration, requestId: string): Promise<void> {
  const known = await knownTenants(tx);
  for (const wanted of next.tenants) {
    const was = known.get(wanted.key);
    if (was) await update(tx, was, wanted, next, requestId);
    else await create(tx, wanted, requestId);
  }
}

const dataOf = ({ name, channel, shared }: TenantSetting) => ({ name, channel, channelShared: shared });

async function create(tx: Tx, wanted: TenantSetting, requestId: string): Promise<void> {
  const data = { key: wanted.key, ...dataOf(wanted) };
  const id = await createTenant(tx, data);
  for (const { account, guestAllowed } of wanted.owners)
    await addOwner(tx, id, await personOf(tx, account), guestAllowed);
  await record(tx, 'tenant.created', id, { ...data, owners: wanted.owners }, requestId);
}

async function update(
  tx: Tx,
  was: KnownTenant,
  wanted: TenantSetting,
  next: Configuration,
  requestId: string,
): Promise<void> {
  const owners = await syncOwners(tx, was, wanted, requestId);
  const changes: TenantChange[] = [...owners.changes];
  if (was.channel !== wanted.channel) {
    const change = { before: was.channel, after: wanted.channel };
    changes.push({ what: 'channel', ...change });
    await record(tx, 'tenant.channel_changed', was.id, change, requestId);
  }
  if (was.name !== wanted.name || was.channelShared !== wanted.shared) {
    const before = { name: was.name, shared: was.channelShared };
    const after = { name: wanted.name, shared: wanted.shared };
    if (before.shared !== after.shared) changes.push({ what: 'shared', after: after.shared });
    await record(tx, 'tenant.updated', was.id, { before, after }, requestId);
  }
  const data = dataOf(wanted);
  const differs = was.name !== data.name || was.channel !== data.channel || was.channelShared !== data.channelShared;
  if (differs) await updateTenant(tx, was.id, data);
  if (changes.length === 0) return;
  const removed = owners.removed.map((account) => directMessage(account, next.team));
  const wasShared = was.channelShared ? was.channel : null;
  const notice = { kind: 'tenant_changed', tenant: wanted.name, changes, wasShared } as const;
  await tell(tx, [was.channel, next.channels.security, ...removed], notice, was.id, requestId);
}

/** The file's list of owners is the whole list, and says of each whether they may act although Slack calls them a guest. */
async function syncOwners(tx: Tx, was: KnownTenant, wanted: TenantSetting, requestId: string) {
  const { added, removed } = difference(
    was.owners.map(({ account }) => account),
    wanted.owners.map(({ account }) => account),
  );
  for (const { account, guestAllowed } of wanted.owners) {
    if (added.includes(account)) await addOwner(tx, was.id, await personOf(tx, account), guestAllowed);
  }
  for (const { account, person } of was.owners) if (removed.includes(account)) await removeOwner(tx, was.id, person);
  const changes: TenantChange[] = [];
  if (added.length + removed.length > 0) {
    changes.push({ what: 'owners', added, removed });
    await updateTenant(tx, was.id, { ownersChangedAt: (await readClock(tx)).now });
    const isNewGuest = ({ account, guestAllowed }: TenantSetting['owners'][number]) =>
      guestAllowed && added.includes(account);
    const newGuests = wanted.owners.filter(isNewGuest).map(({ account }) => account);
    const whoAreGuests = newGuests.length > 0 ? { guests: { added: newGuests, removed: [] } } : {};
    await record(tx, 'tenant.owners_changed', was.id, { added, removed, ...whoAreGuests }, requestId);
  }
  const guests = await syncGuests(tx, was, wanted);
  if (guests.added.length + guests.removed.length > 0) {
    changes.push({ what: 'guests', ...guests });
    await record(tx, 'tenant.owners_changed', was.id, { added: [], removed: [], guests }, requestId);
  }
  return { removed, changes };
}

async function syncGuests(tx: Tx, was: KnownTenant, wanted: TenantSetting) {
  const changed = was.owners.flatMap(({ account, person, guestAllowed }) => {
    const now = wanted.owners.find((owner) => owner.account === account);
    return now && now.guestAllowed !== guestAllowed ? [{ account, person, allowed: now.guestAllowed }] : [];
  });
  for (const { person, allowed } of changed) await setGuestAllowed(tx, was.id, person, allowed);
  const names = (allowed: boolean) => changed.filter((each) => each.allowed === allowed).map(({ account }) => account);
  return { added: names(true), removed: names(false) };
}
