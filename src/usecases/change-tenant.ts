import type { AuditRecord } from '../domain/audit.ts';
import type { TenantChange } from '../domain/notices.ts';
import type { TenantOwner, TenantSetting } from '../domain/tenant.ts';
import type { TenantId } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import { personOf } from '../store/people.ts';
import { readClock } from '../store/policies.ts';
import {
  addOwner,
  createTenant,
  type KnownTenant,
  removeOwner,
  setArchived,
  setGuestAllowed,
  updateTenant,
} from '../store/tenants.ts';
import { difference, directMessage, record, tell } from './configuration-changes.ts';

/** On whose word a tenant changes, and who is told whatever it is. */
export interface ChangedBy {
  actor: string;
  requestId: string;
  /** People of other teams can't be written to. */
  team: string;
  /** The channel of security. */
  security: string;
}

/** One kind of change, as the audit has it. */
type Fact = Pick<AuditRecord, 'action' | 'details'>;
/** The file leaves a row for each kind of change; an act of somebody leaves one row. */
type Recorded = (facts: readonly Fact[]) => readonly Fact[];
export const each: Recorded = (facts) => facts;

const dataOf = ({ name, channel, shared }: TenantSetting) => ({ name, channel, channelShared: shared });

export async function makeTenant(tx: Tx, wanted: TenantSetting, by: ChangedBy): Promise<TenantId> {
  const data = { key: wanted.key, ...dataOf(wanted) };
  const id = await createTenant(tx, data);
  for (const { account, guestAllowed } of wanted.owners)
    await addOwner(tx, id, await personOf(tx, account), guestAllowed);
  await record(tx, 'tenant.created', id, { ...data, owners: wanted.owners }, by.requestId, by.actor);
  return id;
}

/**
 * Makes a tenant that nobody reviewed in the file: told to security, and as if its owners had just changed, so that for a
 * day nobody's approval is waived.
 */
export async function makeTenantByHand(tx: Tx, wanted: TenantSetting, by: ChangedBy): Promise<void> {
  const id = await makeTenant(tx, wanted, by);
  await updateTenant(tx, id, { ownersChangedAt: (await readClock(tx)).now });
  const created = {
    what: 'created',
    owners: wanted.owners.map(({ account }) => account),
    channel: wanted.channel,
  } as const;
  const wasShared = null;
  const notice = { kind: 'tenant_changed', tenant: wanted.name, changes: [created], wasShared } as const;
  await tell(tx, [by.security], notice, id, by.requestId);
}

/**
 * Makes a tenant what is wanted: on record, and told to the channel it had, to security and to the people who were removed,
 * so that consent can't be manufactured quietly (ruling on changed owners).
 */
export async function changeTenant(
  tx: Tx,
  was: KnownTenant,
  wanted: TenantSetting,
  by: ChangedBy,
  recorded: Recorded = each,
): Promise<void> {
  const owners = await changeOwners(tx, was, wanted.owners);
  const settings = await changeSettings(tx, was, wanted);
  for (const { action, details } of recorded([...owners.facts, ...settings.facts]))
    await record(tx, action, was.id, details, by.requestId, by.actor);
  const removed = owners.removed.map((account) => directMessage(account, by.team));
  await tellOf(tx, was, wanted.name, [...owners.changes, ...settings.changes], by, removed);
}

/** A tenant that nobody used counts as one whose owners just changed: for a day, their approval is not waived. */
export async function bringBack(tx: Tx, was: KnownTenant, by: ChangedBy): Promise<void> {
  await setArchived(tx, was.id, false);
  await updateTenant(tx, was.id, { ownersChangedAt: (await readClock(tx)).now });
  const details = { before: { archived: true }, after: { archived: false } };
  await record(tx, 'tenant.restored', was.id, details, by.requestId, by.actor);
  await tellOf(tx, was, was.name, [{ what: 'restored' }], by);
}

/** To the channel that the tenant had, to security and whoever else. */
export async function tellOf(
  tx: Tx,
  was: KnownTenant,
  name: string,
  changes: readonly TenantChange[],
  { security, requestId }: ChangedBy,
  others: readonly (string | null)[] = [],
): Promise<void> {
  if (changes.length === 0) return;
  const wasShared = was.channelShared ? was.channel : null;
  const notice = { kind: 'tenant_changed', tenant: name, changes, wasShared } as const;
  await tell(tx, [was.channel, security, ...others], notice, was.id, requestId);
}

interface Changes {
  facts: Fact[];
  changes: TenantChange[];
}

async function changeSettings(tx: Tx, was: KnownTenant, wanted: TenantSetting): Promise<Changes> {
  const [facts, changes]: [Fact[], TenantChange[]] = [[], []];
  if (was.channel !== wanted.channel) {
    const change = { before: was.channel, after: wanted.channel };
    changes.push({ what: 'channel', ...change });
    facts.push({ action: 'tenant.channel_changed', details: change });
  }
  if (was.name !== wanted.name || was.channelShared !== wanted.shared) {
    const before = { name: was.name, shared: was.channelShared };
    const after = { name: wanted.name, shared: wanted.shared };
    if (before.shared !== after.shared) changes.push({ what: 'shared', after: after.shared });
    facts.push({ action: 'tenant.updated', details: { before, after } });
  }
  if (facts.length > 0) await updateTenant(tx, was.id, dataOf(wanted));
  return { facts, changes };
}

/** The list of owners is the whole list, and says of each whether they may act although Slack calls them a guest. */
async function changeOwners(tx: Tx, was: KnownTenant, wanted: readonly TenantOwner[]) {
  const { added, removed } = difference(
    was.owners.map(({ account }) => account),
    wanted.map(({ account }) => account),
  );
  for (const { account, guestAllowed } of wanted) {
    if (added.includes(account)) await addOwner(tx, was.id, await personOf(tx, account), guestAllowed);
  }
  for (const { account, person } of was.owners) if (removed.includes(account)) await removeOwner(tx, was.id, person);
  const [facts, changes]: [Fact[], TenantChange[]] = [[], []];
  if (added.length + removed.length > 0) {
    changes.push({ what: 'owners', added, removed });
    await updateTenant(tx, was.id, { ownersChangedAt: (await readClock(tx)).now });
    const isNewGuest = ({ account, guestAllowed }: TenantOwner) => guestAllowed && added.includes(account);
    const newGuests = wanted.filter(isNewGuest).map(({ account }) => account);
    const whoAreGuests = newGuests.length > 0 ? { guests: { added: newGuests, removed: [] } } : {};
    facts.push({ action: 'tenant.owners_changed', details: { added, removed, ...whoAreGuests } });
  }
  const guests = await changeGuests(tx, was, wanted);
  if (guests.added.length + guests.removed.length > 0) {
    changes.push({ what: 'guests', ...guests });
    facts.push({ action: 'tenant.owners_changed', details: { added: [], removed: [], guests } });
  }
  return { removed, changes, facts };
}

async function changeGuests(tx: Tx, was: KnownTenant, wanted: readonly TenantOwner[]) {
  const changed = was.owners.flatMap(({ account, person, guestAllowed }) => {
    const now = wanted.find((owner) => owner.account === account);
    return now && now.guestAllowed !== guestAllowed ? [{ account, person, allowed: now.guestAllowed }] : [];
  });
  for (const { person, allowed } of changed) await setGuestAllowed(tx, was.id, person, allowed);
  const names = (allowed: boolean) => changed.filter((one) => one.allowed === allowed).map(({ account }) => account);
  return { added: names(true), removed: names(false) };
}
