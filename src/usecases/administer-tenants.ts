import type { AuditRecord } from '../domain/audit.ts';
import type { Refusal } from '../domain/refusals.ts';
import { CHANNEL_OF_ITS_OWN, SYSTEM_TENANT, type TenantSetting, tenantMistake } from '../domain/tenant.ts';
import type { TenantId } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import { holdTenant, type KnownTenant, knownTenant, tenantOfChannel, tenantsBehind } from '../store/tenants.ts';
import {
  type Administrator,
  administer,
  type Done,
  look,
  type Some,
  unlessEveryTenant,
  withSome,
} from './administer.ts';
import { bringBack, type ChangedBy, changeTenant as change, makeTenantByHand } from './change-tenant.ts';
import type { Context, InForce, Refused, Work } from './context.ts';

export interface TenantView {
  key: string;
  name: string;
  channel: string | null;
  shared: boolean;
  owners: { account: string; guest: boolean }[];
  /** Where it is changed: what the file names is the file's. */
  source: 'file' | 'api';
  archivedAt: string | null;
  createdAt: string;
}

/** A tenant as somebody wants it. Owners without a team are of ours. */
export interface TenantWish {
  key: string;
  name: string;
  channel: string | null;
  shared: boolean;
  owners: readonly { account: string; guest: boolean }[];
}

interface OfTenant {
  by: Administrator;
  key: string;
}

type Answer = Promise<Done<{ tenant: TenantView }> | Refused>;

/** Tenants by key, behind `after`; `next` is where the next page begins, null at the end. */
export const listTenants = (
  context: Context,
  { by, after, limit, archived }: { by: Administrator; after: string | null; limit: number; archived: boolean },
  work: Work,
): Promise<Done<{ tenants: TenantView[]; next: string | null }> | Refused> =>
  look(
    context,
    {
      ...{ verb: 'list tenants', by, about: null },
      decide: async (tx) => {
        const found = await tenantsBehind(tx, { after, limit: limit + 1, archived, ids: by.tenants });
        const page = found.slice(0, limit);
        const tenants = page.map((tenant) => viewOf(tenant, context.inForce()));
        return { tenants, next: found.length > limit ? (page.at(-1)?.key ?? null) : null };
      },
    },
    work,
  );

export const showTenant = (context: Context, { by, key }: OfTenant, work: Work): Answer =>
  look(
    context,
    {
      ...{ verb: 'show a tenant', by, about: key },
      decide: async (tx) => {
        const found = await knownTenant(tx, key);
        if (!found || !isSeen(by, found)) return { kind: 'unknown_tenant' };
        return { tenant: viewOf(found, context.inForce()) };
      },
    },
    work,
  );

export const createTenant = (
  context: Context,
  { by, tenant }: { by: Administrator; tenant: TenantWish },
  work: Work,
): Answer =>
  administer(
    context,
    {
      ...{ verb: 'create a tenant', by, about: tenant.key, body: tenant, byTheFile: true },
      decide: async (tx) => {
        const wanted = settingOf(tenant, context.inForce());
        const refusal = unlessEveryTenant(by) ?? notTheApis(tenant.key, context.inForce()) ?? mistakeIn(wanted);
        if (refusal) return refusal;
        if (await knownTenant(tx, tenant.key)) return { kind: 'tenant_exists' };
        const taken = await unlessTaken(tx, wanted.channel, null, context.inForce());
        if (taken) return taken;
        await makeTenantByHand(tx, wanted, changedBy(context, by, work));
        return viewNow(tx, tenant.key, context.inForce());
      },
    },
    work,
  );

/** Changes what is said, and leaves the rest. The owners that are said are all of them. */
export const changeTenant = (
  context: Context,
  { by, key, change: wish }: OfTenant & { change: Some<Omit<TenantWish, 'key'>> },
  work: Work,
): Answer =>
  administer(
    context,
    {
      ...{ verb: 'change a tenant', by, about: key, body: wish, byTheFile: true },
      decide: async (tx) => {
        const was = await ofTheApi(tx, by, key, context.inForce());
        if ('kind' in was) return was;
        if (was.archivedAt) return { kind: 'tenant_archived' };
        const { name, channel, shared, owners } = viewOf(was, context.inForce());
        const now = { name, channel, shared, owners };
        const wanted = settingOf({ ...withSome<Omit<TenantWish, 'key'>>(now, wish), key }, context.inForce());
        const isMoved = wanted.channel !== was.channel;
        const mistake =
          mistakeIn(wanted) ?? (isMoved ? await unlessTaken(tx, wanted.channel, was.id, context.inForce()) : null);
        if (mistake) return mistake;
        await change(tx, was, wanted, changedBy(context, by, work), inOneRow(was, wanted));
        return viewNow(tx, key, context.inForce());
      },
    },
    work,
  );

/** Brings an archived tenant back. What was closed with it stays closed. */
export const restoreTenant = (context: Context, { by, key }: OfTenant, work: Work): Answer =>
  administer(
    context,
    {
      ...{ verb: 'restore a tenant', by, about: key, body: null, byTheFile: true },
      decide: async (tx) => {
        const was = await ofTheApi(tx, by, key, context.inForce());
        if ('kind' in was) return was;
        if (!was.archivedAt) return { kind: 'tenant_not_archived' };
        await bringBack(tx, was, changedBy(context, by, work));
        return viewNow(tx, key, context.inForce());
      },
    },
    work,
  );

const isSeen = ({ tenants }: Administrator, { id }: KnownTenant): boolean => tenants === null || tenants.includes(id);

/** What nobody changes here. */
function notTheApis(key: string, { file }: InForce): Refusal | null {
  if (key === SYSTEM_TENANT) return { kind: 'tenant_protected' };
  return file.tenants.has(key) ? { kind: 'names_the_file', what: 'tenant' } : null;
}

/** A tenant that this caller may change here, held for this transaction; or why not. */
export async function ofTheApi(
  tx: Tx,
  by: Administrator,
  key: string,
  inForce: InForce,
): Promise<KnownTenant | Refusal> {
  if (key === SYSTEM_TENANT && by.tenants === null) return { kind: 'tenant_protected' };
  const found = await holdTenant(tx, key);
  if (!found || !isSeen(by, found)) return { kind: 'unknown_tenant' };
  return notTheApis(key, inForce) ?? found;
}

export const changedBy = ({ inForce }: Context, by: Administrator, { requestId }: Work): ChangedBy => {
  const { file, channels } = inForce();
  return { actor: by.name, requestId, team: file.team, security: channels.security };
};

export async function viewNow(tx: Tx, key: string, inForce: InForce): Promise<{ tenant: TenantView }> {
  const found = await knownTenant(tx, key);
  if (!found) throw new Error(`Tenant ${key} is not to be seen right after it was written.`);
  return { tenant: viewOf(found, inForce) };
}

export const viewOf = (tenant: KnownTenant, { file }: InForce): TenantView => ({
  ...{ key: tenant.key, name: tenant.name, channel: tenant.channel, shared: tenant.channelShared },
  owners: tenant.owners.map(({ account, guestAllowed }) => ({ account, guest: guestAllowed })),
  source: file.tenants.has(tenant.key) ? 'file' : 'api',
  archivedAt: tenant.archivedAt?.toISOString() ?? null,
  createdAt: tenant.createdAt.toISOString(),
});

const settingOf = ({ key, name, channel, shared, owners }: TenantWish, { file }: InForce): TenantSetting => ({
  ...{ key, name, channel, shared },
  owners: owners.map(({ account, guest }) => ({
    account: account.includes(':') ? account : `${file.team}:${account}`,
    guestAllowed: guest,
  })),
});

function mistakeIn(wanted: TenantSetting): Refusal | null {
  const mistake = tenantMistake(wanted);
  return mistake && { kind: 'field_wrong', ...mistake };
}

/** Owners are asked and told where nobody else is: not with security or those who operate, nor with another tenant's. */
async function unlessTaken(
  tx: Tx,
  channel: string | null,
  own: TenantId | null,
  { channels }: InForce,
): Promise<Refusal | null> {
  if (channel === null) return null;
  const isOurs = channel === channels.security || channel === channels.ops;
  if (!isOurs && (await tenantOfChannel(tx, channel, own)) === null) return null;
  return { kind: 'field_wrong', field: 'channel', expected: CHANNEL_OF_ITS_OWN };
}

type Fact = Pick<AuditRecord, 'action' | 'details'>;

/** One act is one row: its name is that of the gravest change, and it says all of them, before and after. */
const inOneRow =
  (was: KnownTenant, wanted: TenantSetting) =>
  (facts: readonly Fact[]): Fact[] => {
    const [gravest] = facts;
    if (!gravest) return [];
    const ofOwners = facts.filter(({ action }) => action === 'tenant.owners_changed').map(({ details }) => details);
    const before = sides(was.name, was.channel, was.channelShared, was.owners);
    const after = sides(wanted.name, wanted.channel, wanted.shared, wanted.owners);
    const changed = Object.keys(before).filter((side) => plain(before[side]) !== plain(after[side]));
    const only = (all: Record<string, unknown>) => Object.fromEntries(changed.map((side) => [side, all[side]]));
    return [{ action: gravest.action, details: { ...merged(ofOwners), before: only(before), after: only(after) } }];
  };

const sides = (
  name: string,
  channel: string | null,
  shared: boolean,
  owners: readonly { account: string; guestAllowed: boolean }[],
): Record<string, unknown> => ({
  ...{ name, channel, shared },
  owners: owners
    .map(({ account, guestAllowed }) => ({ account, guest: guestAllowed }))
    .sort((a, b) => (a.account < b.account ? -1 : 1)),
});

const plain = (value: unknown): string => JSON.stringify(value);

/** Who was added, who was removed, and which guests may act from now on or no longer. */
function merged(facts: readonly Fact['details'][]): Fact['details'] {
  if (facts.length === 0) return {};
  const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const all = (name: string, of: readonly Fact['details'][]) => of.flatMap((fact) => list(fact[name]));
  const guests = facts.map((fact) => (fact.guests ?? {}) as Fact['details']);
  return {
    ...{ added: all('added', facts), removed: all('removed', facts) },
    guests: { added: all('added', guests), removed: all('removed', guests) },
  };
}
