import type { Entry } from './entry.ts';
import { numberIn, textIn, textsIn } from './fields.ts';
import type { Replayed, Said } from './replay.ts';

/** An API key, as the entries say it. */
export interface SaidKey {
  role: string;
  tenants: readonly string[] | null;
  subjects: readonly string[] | null;
  actions: readonly string[] | null;
  defaultTenant: string | null;
  perSecond: number;
  expiresAt: string;
  /** SHA-256 of what is stored of the key, hexadecimal. */
  fingerprint: string;
  revoked: boolean;
}

/** A tenant, as the entries say it. */
export interface SaidTenant {
  key: string;
  name: string;
  channel: string | null;
  shared: boolean;
  archived: boolean;
}

/** Whose a provider's subject is, as the entries say it. */
export interface SaidIdentity {
  /** `slack:T0HOME:U0OPS` */
  person: string;
  /** Who vouches for it. */
  via: string;
}

/** When something is sent, as the entries say it. */
export interface SaidSchedule {
  job: string;
  cron: string;
  timezone: string;
  channel: string | null;
}

/** Who acts where a configuration is adopted. */
const BY_THE_FILE = 'system:configuration';

/** What entries about tenants, people, keys and schedules change, by their action. */
export const administered: Readonly<Record<string, Replayed>> = {
  'tenant.created': (said, { tenant, details, actor, at }) => {
    // What the file names was reviewed with its owners; what somebody makes counts as changed just now.
    if (actor !== BY_THE_FILE) said.ownersChanged.set(tenant ?? '', at);
    said.tenants.set(tenant ?? '', {
      ...{ key: textIn(details, 'key'), name: textIn(details, 'name'), channel: textOrNull(details.channel) },
      ...{ shared: details.channelShared === true, archived: false },
    });
    const owners = Array.isArray(details.owners)
      ? (details.owners as { account: string; guestAllowed: boolean }[])
      : [];
    said.owners.set(tenant ?? '', new Map(owners.map(({ account, guestAllowed }) => [account, guestAllowed])));
  },
  'tenant.updated': settings,
  'tenant.channel_changed': settings,
  'tenant.archived': settings,
  'tenant.restored': (said, entry) => {
    settings(said, entry);
    said.ownersChanged.set(entry.tenant ?? '', entry.at);
  },
  'tenant.owners_changed': (said, entry) => {
    settings(said, entry);
    const { tenant, details, at } = entry;
    const isAnother = textsIn(details, 'added').length + textsIn(details, 'removed').length > 0;
    if (isAnother) said.ownersChanged.set(tenant ?? '', at);
    const owners = said.owners.get(tenant ?? '') ?? new Map<string, boolean>();
    for (const account of textsIn(details, 'removed')) owners.delete(account);
    for (const account of textsIn(details, 'added')) owners.set(account, false);
    const guests = (details.guests ?? {}) as Record<string, unknown>;
    for (const account of textsIn(guests, 'added')) owners.set(account, true);
    for (const account of textsIn(guests, 'removed')) owners.set(account, false);
    said.owners.set(tenant ?? '', owners);
  },
  'identity.linked': ({ identities }, { details }) => {
    const name = textIn(details, 'name');
    if (identities.has(name)) throw new Error('it links a subject that is linked');
    identities.set(name, { person: textIn(details, 'person'), via: textIn(details, 'via') });
  },
  'identity.unlinked': ({ identities }, { details }) => {
    if (!identities.delete(textIn(details, 'name'))) throw new Error('it unlinks a subject that nobody linked');
  },
  'admin.key_created': keyMade,
  'admin.key_adopted': keyMade,
  'admin.key_revoked': (said, { details }) => {
    const key = said.keys.get(textIn(details, 'key'));
    if (!key) throw new Error('it ends a key that nobody made');
    key.revoked = true;
  },
  'schedule.created': scheduled,
  'schedule.changed': scheduled,
  'schedule.deleted': (said, { details }) => {
    const name = textIn(details, 'schedule');
    if (!said.definitions.delete(name)) throw new Error('it removes a schedule that nobody made');
    said.schedules.delete(name);
  },
  'schedule.ran': (said, { details }) => {
    said.schedules.set(textIn(details, 'schedule'), textIn(details, 'due'));
  },
  'digest.sent': (said, { details }) => {
    said.schedules.set(textIn(details, 'schedule'), textIn(details, 'to'));
  },
};

function keyMade(said: Said, { details }: Entry): void {
  const list = (name: string) => (Array.isArray(details[name]) ? textsIn(details, name) : null);
  said.keys.set(textIn(details, 'key'), {
    ...{ role: textIn(details, 'role'), tenants: list('tenants'), subjects: list('subjects') },
    ...{ actions: list('actions'), perSecond: numberIn(details, 'per_second') },
    defaultTenant: details.default_tenant === null ? null : textIn(details, 'default_tenant'),
    ...{ expiresAt: textIn(details, 'expires_at'), fingerprint: textIn(details, 'fingerprint'), revoked: false },
  });
}

/** What an entry says that a tenant is from now on; an owners' channel by itself is said as such. */
function settings({ tenants }: Said, { action, tenant, details }: Entry): void {
  const was = tenants.get(tenant ?? '');
  if (!was) throw new Error('it is about a tenant that nobody made');
  const after = details.after ?? {};
  const said = (
    action === 'tenant.channel_changed' && typeof after === 'string' ? { channel: after } : after
  ) as object;
  const channelGone = action === 'tenant.channel_changed' && details.after === null ? { channel: null } : {};
  const { name, channel, shared, archived } = { ...was, ...said, ...channelGone };
  tenants.set(tenant ?? '', { key: was.key, name, channel, shared, archived });
}

function scheduled({ definitions }: Said, { action, details }: Entry): void {
  const name = textIn(details, 'schedule');
  if (definitions.has(name) !== (action === 'schedule.changed'))
    throw new Error('it is about a schedule that is not so');
  const after = (details.after ?? {}) as Entry['details'];
  const channel = textOrNull(after.channel);
  definitions.set(name, {
    ...{ job: textIn(after, 'job'), cron: textIn(after, 'cron'), timezone: textIn(after, 'timezone'), channel },
  });
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
