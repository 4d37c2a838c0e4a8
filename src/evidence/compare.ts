import type { Grant } from '../domain/grant.ts';
import type { SaidIdentity, SaidSchedule, SaidTenant } from './administered.ts';
import type { Said, SaidAttachment } from './replay.ts';

/** What the tables say, in the shapes in which the entries say it. */
export interface Shown {
  reviews: readonly {
    grant: string;
    operator: string | null;
    dueAt: Date;
    reviewed: unknown;
    excused: unknown;
  }[];
  owners: readonly { tenant: string; account: string | null; guest: boolean }[];
  keys: readonly ({ name: string; expiresAt: Date } & Omit<
    Said['keys'] extends Map<string, infer K> ? K : never,
    'expiresAt'
  >)[];
  tenants: readonly ({ id: string; ownersChangedAt: Date | null } & SaidTenant)[];
  /** By `oidc:ISSUER#SUBJECT`; the person null where they have no Slack account. */
  identities: readonly ({ name: string; person: string | null } & Omit<SaidIdentity, 'person'>)[];
  /** `ahead`: nobody looks at it before a time that is far from now. */
  schedules: readonly {
    name: string;
    lastRunAt: Date | null;
    ahead: boolean;
    definition: SaidSchedule | null;
  }[];
  attachments: readonly ({ id: string } & SaidAttachment)[];
}

/** In one order and one notation, so that what is equal reads equal. */
function plainly(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const shortly = (value: unknown): string => {
  const text = plainly(value) ?? 'nothing';
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
};

/** Where two things differ, field by field, in a sentence each. */
function differences(what: string, said: Readonly<Record<string, unknown>>, shown: Readonly<Record<string, unknown>>) {
  return Object.keys(said)
    .filter((field) => plainly(said[field]) !== plainly(shown[field]))
    .map(
      (field) =>
        `${what}: the entries say ${field} is ${shortly(said[field])}, the table says ${shortly(shown[field])}`,
    );
}

/** What is left out of a grant that was asked for in Slack. */
const whereItWasAsked = { outside: false, providerOperator: false };

/** A grant of the table against what the entries say of it. */
export function compareGrant(said: Grant | undefined, shown: Grant): string[] {
  if (!said)
    return [`grant ${shown.id} is ${shown.status.state} in the table, and no entry says that anybody asked for it`];
  const { version: _, ...fields } = said;
  return differences(`grant ${shown.id}`, { ...whereItWasAsked, ...fields }, { ...whereItWasAsked, ...shown });
}

/** Everything else, both ways: what the tables have and no entry says, what the entries say and no table has. */
export function compareTables(said: Said, shown: Shown): string[] {
  return [
    ...compareReviews(said, shown),
    ...compareTenants(said, shown),
    ...compareOwners(said, shown),
    ...compareOwnersChanged(said, shown),
    ...compareIdentities(said, shown),
    ...compareKeys(said, shown),
    ...compareSchedules(said, shown),
    ...compareAttachments(said, shown),
  ];
}

function compareReviews({ reviews }: Said, shown: Shown): string[] {
  return bothWays('the review of grant', reviews, new Map(shown.reviews.map(({ grant, ...rest }) => [grant, rest])));
}

function compareTenants({ tenants }: Said, shown: Shown): string[] {
  return bothWays(
    'the tenant',
    tenants,
    new Map(shown.tenants.map(({ id, ownersChangedAt: _, ...rest }) => [id, rest])),
  );
}

/** A change is written and put on record in one transaction, which takes no longer than this (ms). */
const TRANSACTION_MS = 5 * 60_000;

/** Whoever says that owners changed earlier than they did gets a waiver that is paused. */
function compareOwnersChanged({ ownersChanged }: Said, shown: Shown): string[] {
  return shown.tenants.flatMap(({ id, ownersChangedAt }) => {
    const said = ownersChanged.get(id);
    if (said === undefined || (ownersChangedAt?.getTime() ?? 0) >= Date.parse(said) - TRANSACTION_MS) return [];
    const table = ownersChangedAt?.toISOString() ?? 'never';
    return [`the tenant ${id}: the entries say its owners changed at ${said}, the table says ${table}`];
  });
}

function compareIdentities({ identities }: Said, shown: Shown): string[] {
  return bothWays('the identity', identities, new Map(shown.identities.map(({ name, ...rest }) => [name, rest])));
}

function compareSchedules({ schedules, definitions }: Said, shown: Shown): string[] {
  const inTable = shown.schedules.flatMap(({ name, definition }) => (definition ? [[name, definition] as const] : []));
  const ran = shown.schedules.flatMap(({ name, lastRunAt }) => {
    const last = schedules.get(name);
    return last === undefined ? [] : differences(`schedule ${name}`, { lastRun: last }, { lastRun: lastRunAt });
  });
  const asleep = shown.schedules.flatMap(({ name, ahead }) =>
    ahead ? [`the schedule ${name} counts as looked at until a time that has not come yet: it does nothing`] : [],
  );
  return [...bothWays('the schedule', definitions, new Map(inTable)), ...ran, ...asleep];
}

function compareOwners({ owners }: Said, shown: Shown): string[] {
  const inTable = new Map<string, Record<string, boolean>>();
  for (const { tenant, account, guest } of shown.owners) {
    inTable.set(tenant, { ...inTable.get(tenant), [account ?? 'somebody without an account']: guest });
  }
  const inEntries = [...owners].map(([tenant, each]) => [tenant, { owners: Object.fromEntries(each) }] as const);
  const tenants = new Map(inEntries);
  const found = [...new Set([...tenants.keys(), ...inTable.keys()])].map(
    (tenant) => [tenant, { owners: inTable.get(tenant) ?? {} }] as const,
  );
  return bothWays('the owners of tenant', tenants, new Map(found));
}

function compareKeys({ keys }: Said, shown: Shown): string[] {
  return bothWays(
    'the API key',
    new Map([...keys].map(([name, key]) => [name, { ...key, tenants: inOrder(key.tenants) }])),
    new Map(shown.keys.map(({ name, ...key }) => [name, { ...key, tenants: inOrder(key.tenants) }])),
  );
}

/** Tenants of a key are a set; named twice is named. */
const inOrder = (tenants: readonly string[] | null): string[] | null => tenants && [...new Set(tenants)].sort();

function compareAttachments({ attachments }: Said, shown: Shown): string[] {
  return bothWays('the attachment', attachments, new Map(shown.attachments.map(({ id, ...rest }) => [id, rest])));
}

function bothWays(what: string, said: ReadonlyMap<string, object>, shown: ReadonlyMap<string, object>): string[] {
  const missing = [...said.keys()]
    .filter((id) => !shown.has(id))
    .map((id) => `${what} ${id} is in the entries and in no table`);
  return [
    ...missing,
    ...[...shown].flatMap(([id, row]) => {
      const entry = said.get(id);
      return entry
        ? differences(`${what} ${id}`, { ...entry }, { ...row })
        : [`${what} ${id} is in the table, and no entry says so`];
    }),
  ];
}
