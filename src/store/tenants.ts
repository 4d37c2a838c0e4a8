import { isStorable } from '../domain/text.ts';
import type { PersonId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';
import type { Tenant } from './grant-rows.ts';

export interface TenantEntry {
  id: TenantId;
  key: string;
  name: string;
}

/** Tenants that can be chosen, by name. */
export const listTenants = (tx: Tx): Promise<TenantEntry[]> =>
  tx.tenant.findMany({
    where: { archivedAt: null },
    select: { id: true, key: true, name: true },
    orderBy: { name: 'asc' },
  });

export async function tenantIdOf(tx: Tx, key: string): Promise<TenantId | null> {
  // No tenant has a key that PostgreSQL could not even be asked about.
  if (!isStorable(key)) return null;
  const row = await tx.tenant.findUnique({ where: { key }, select: { id: true } });
  return row?.id ?? null;
}

type TenantRow = NonNullable<Awaited<ReturnType<typeof findTenant>>>;
const findTenant = (tx: Tx, id: TenantId) => tx.tenant.findUnique({ where: { id }, include: { owners: true } });

/** The tenant of this scope; null where it can't be seen. */
export async function loadTenant(tx: Tx, id: TenantId): Promise<Tenant | null> {
  const row = await findTenant(tx, id);
  return row && tenantFrom(row);
}

/** The tenants that somebody owns, by key, each with all of its owners. Across tenants. */
export async function ownedBy(tx: Tx, person: PersonId): Promise<Tenant[]> {
  const where = { archivedAt: null, owners: { some: { personId: person } } };
  const rows = await tx.tenant.findMany({ where, include: { owners: true }, orderBy: { key: 'asc' } });
  return rows.map(tenantFrom);
}

function tenantFrom(row: TenantRow): Tenant {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    channel: row.channel,
    channelShared: row.channelShared,
    archived: row.archivedAt !== null,
    ownersChangedAt: row.ownersChangedAt,
    owners: row.owners.map(({ personId, guestAllowed }) => ({ person: personId, guestAllowed })),
  };
}

export interface TenantData {
  key: string;
  name: string;
  channel: string | null;
  channelShared: boolean;
}

export async function createTenant(tx: Tx, data: TenantData): Promise<TenantId> {
  const { id } = await tx.tenant.create({ data, select: { id: true } });
  return id;
}

export async function updateTenant(
  tx: Tx,
  id: TenantId,
  data: Partial<Omit<TenantData, 'key'>> & { ownersChangedAt?: Date },
): Promise<void> {
  await tx.tenant.updateMany({ where: { id }, data });
}

export async function addOwner(tx: Tx, tenantId: TenantId, personId: PersonId, guestAllowed: boolean): Promise<void> {
  await tx.owner.createMany({ data: { tenantId, personId, guestAllowed } });
}

export async function setGuestAllowed(
  tx: Tx,
  tenantId: TenantId,
  personId: PersonId,
  guestAllowed: boolean,
): Promise<void> {
  await tx.owner.updateMany({ where: { tenantId, personId }, data: { guestAllowed } });
}

export async function removeOwner(tx: Tx, tenantId: TenantId, personId: PersonId): Promise<void> {
  await tx.owner.deleteMany({ where: { tenantId, personId } });
}

/** Tenants whose owners have a channel to be told in. Across tenants. */
export async function tenantsWithChannel(tx: Tx): Promise<{ id: TenantId; name: string; channel: string }[]> {
  const rows = await tx.tenant.findMany({
    where: { archivedAt: null, channel: { not: null } },
    orderBy: { key: 'asc' },
  });
  return rows.flatMap(({ id, name, channel }) => (channel === null ? [] : [{ id, name, channel }]));
}

/** A tenant as the database has it, with its owners' accounts. */
export interface KnownTenant extends TenantData {
  id: TenantId;
  owners: { person: PersonId; account: string; guestAllowed: boolean }[];
  archivedAt: Date | null;
  createdAt: Date;
}

type KnownRow = Omit<KnownTenant, 'owners'> & { owners: KnownTenant['owners'] | null };
const known = Prisma.sql`
    select t.id, t.key, t.name, t.channel, t.channel_shared as "channelShared",
      t.archived_at as "archivedAt", t.created_at as "createdAt",
      (select json_agg(json_build_object('person', o.person_id, 'account', i.issuer || ':' || i.external_id,
                                         'guestAllowed', o.guest_allowed) order by o.since, o.person_id)
         from owners o join identities i on i.person_id = o.person_id and i.provider = 'slack'
        where o.tenant_id = t.id) as owners
    from tenants t`;
const knownFrom = (row: KnownRow): KnownTenant => ({ ...row, owners: row.owners ?? [] });

/** Every tenant by key, in one statement: there may be thousands. Across tenants. */
export async function knownTenants(tx: Tx): Promise<ReadonlyMap<string, KnownTenant>> {
  const rows = await tx.$queryRaw<KnownRow[]>`${known}`;
  return new Map(rows.map((row) => [row.key, knownFrom(row)]));
}

/**
 * One tenant, its row held until the transaction ends: no grant of it is made meanwhile. Across tenants.
 * @returns null where there is none of this key
 */
export async function holdTenant(tx: Tx, key: string): Promise<KnownTenant | null> {
  if (!isStorable(key)) return null;
  await tx.$queryRaw`select from tenants where key = ${key} for update`;
  return knownTenant(tx, key);
}

export async function knownTenant(tx: Tx, key: string): Promise<KnownTenant | null> {
  if (!isStorable(key)) return null;
  const [row] = await tx.$queryRaw<KnownRow[]>`${known} where t.key = ${key}`;
  return row ? knownFrom(row) : null;
}

/** The tenant whose owners are told in this channel, also an archived one; null for none. Across tenants. */
export async function tenantOfChannel(tx: Tx, channel: string, but: TenantId | null = null): Promise<TenantId | null> {
  const [row] = await tx.$queryRaw<{ id: TenantId }[]>`
    select id from tenants where channel = ${channel} and id is distinct from ${but}::uuid order by key limit 1`;
  return row?.id ?? null;
}

export interface TenantPage {
  /** Keys behind this one; null from the beginning. */
  after: string | null;
  limit: number;
  archived: boolean;
  /** Only these; null for every one. */
  ids: readonly TenantId[] | null;
}

/** Tenants by key, a page of them. Across tenants. */
export async function tenantsBehind(tx: Tx, { after, limit, archived, ids }: TenantPage): Promise<KnownTenant[]> {
  const rows = await tx.$queryRaw<KnownRow[]>`${known}
     where (${after}::text is null or t.key > ${after}) and (t.archived_at is not null) = ${archived}
       and (${ids === null} or t.id = any(${ids ?? []}::uuid[]))
     order by t.key limit ${limit}`;
  return rows.map(knownFrom);
}

export async function setArchived(tx: Tx, id: TenantId, archived: boolean): Promise<void> {
  await tx.$executeRaw`
    update tenants set archived_at = case when ${archived} then breakglass_now() end where id = ${id}::uuid`;
}
