import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** Rows made by hand, past every use case: what the database itself holds to must not depend on our code. */

/** Runs statements as one transaction of a session, in a tenant's scope where one is given. Failing, it leaves nothing. */
export async function inScope<T>(session: pg.Client, tenant: string | null, work: () => Promise<T>): Promise<T> {
  await session.query('begin');
  try {
    if (tenant !== null) await enter(session, tenant);
    const result = await work();
    await session.query('commit');
    return result;
  } catch (error) {
    await session.query('rollback');
    throw error;
  }
}

/** As `inScope`, in the role that looks across tenants. */
export const across = <T>(session: pg.Client, work: () => Promise<T>): Promise<T> =>
  inScope(session, null, async () => {
    await session.query('set local role breakglass_across');
    return work();
  });

/** Says whose rows the rest of this transaction is about. */
export const enter = (session: pg.Client, tenant: string) =>
  session.query("select set_config('app.tenant_id', $1, true)", [tenant]);

export async function aPerson(session: pg.Client, user: string = unique('U0')): Promise<string> {
  const id = await idOf(session, 'insert into people default values returning id', []);
  await session.query(
    "insert into identities (provider, issuer, external_id, person_id) values ('slack', 'T0HOME', $1, $2)",
    [user, id],
  );
  return id;
}

export const aTenant = (session: pg.Client, key: string = unique('tenant-').toLowerCase()): Promise<string> =>
  across(session, () => idOf(session, 'insert into tenants (key, name) values ($1, $1) returning id', [key]));

export async function aPolicy(session: pg.Client, hash: string = unique('hash-')): Promise<string> {
  await across(session, () => session.query("insert into policies (hash, text) values ($1, '')", [hash]));
  return hash;
}

/** Two tenants and the people of one; new ones with each call, so that tests don't meet. */
export interface World {
  acme: string;
  globex: string;
  policy: string;
  operator: string;
  owner: string;
  security: string;
}

export const aWorld = async (session: pg.Client): Promise<World> => ({
  acme: await aTenant(session),
  globex: await aTenant(session),
  policy: await aPolicy(session),
  operator: await aPerson(session),
  owner: await aPerson(session),
  security: await aPerson(session),
});

/** Columns of `grants`, by their names. */
export interface GrantColumns {
  id: string;
  tenant_id: string;
  kind: string;
  scope: string;
  circumstance: string | null;
  requester_id: string;
  reason: string;
  ticket: string;
  minutes_asked: number;
  minutes_granted: number;
  required_legs: readonly string[] | null;
  waived: boolean;
  policy_hash: string;
  state: string;
  requested_at: Date;
  lapses_at: Date;
  activated_at: Date | null;
  expires_at: Date | null;
  closed_at: Date | null;
  version: number;
}

/** An hour of `content_access`, asked for now, as a row and its legs. In the caller's transaction. */
export async function insertGrant(
  session: pg.Client,
  world: World,
  overrides: Partial<GrantColumns> = {},
  legs: readonly string[] = overrides.required_legs ?? ['owner', 'security'],
): Promise<string> {
  const now = await clockOf(session);
  const row: GrantColumns = {
    id: randomUUID(),
    tenant_id: world.acme,
    kind: 'break_glass',
    scope: 'content_access',
    circumstance: 'critical_incident',
    requester_id: world.operator,
    reason: 'The import is corrupting documents',
    ticket: 'INC-42',
    minutes_asked: 60,
    minutes_granted: 60,
    required_legs: legs,
    waived: false,
    policy_hash: world.policy,
    state: 'requested',
    requested_at: now,
    lapses_at: minutesAfter(now, 60),
    activated_at: null,
    expires_at: null,
    closed_at: null,
    version: 1,
    ...overrides,
  };
  const columns = Object.keys(row);
  const places = columns.map((_, i) => `$${i + 1}`);
  await session.query(`insert into grants (${columns}) values (${places})`, Object.values(row));
  for (const role of legs) await insertLeg(session, row.id, row.tenant_id, role);
  return row.id;
}

export const insertLeg = (session: pg.Client, grant: string, tenant: string, role: string) =>
  session.query('insert into legs (grant_id, tenant_id, role) values ($1, $2, $3)', [grant, tenant, role]);

export const approveLeg = (session: pg.Client, grant: string, role: string, person: string) =>
  session.query(
    `update legs set verdict = 'approved', person_id = $3, decided_at = breakglass_now() where grant_id = $1 and role = $2`,
    [grant, role, person],
  );

/** Makes a grant active as of a moment, now unless given. */
export async function activate(session: pg.Client, grant: string, from?: Date): Promise<void> {
  const at = from ?? (await clockOf(session));
  await session.query(
    `update grants set state = 'active', activated_at = $2::timestamptz,
            expires_at = $2::timestamptz + make_interval(mins => minutes_granted), version = version + 1 where id = $1`,
    [grant, at],
  );
}

/** Closes a grant as of now. */
export const close = (session: pg.Client, grant: string, state: string) =>
  session.query(`update grants set state = $2, closed_at = breakglass_now(), version = version + 1 where id = $1`, [
    grant,
    state,
  ]);

/** A grant that waits, committed. */
export const requestedGrant = (session: pg.Client, world: World, overrides: Partial<GrantColumns> = {}) =>
  inScope(session, overrides.tenant_id ?? world.acme, () => insertGrant(session, world, overrides));

/** A grant that two people agreed to, committed. */
export async function activeGrant(session: pg.Client, world: World, overrides: Partial<GrantColumns> = {}) {
  const grant = await requestedGrant(session, world, overrides);
  await inScope(session, overrides.tenant_id ?? world.acme, async () => {
    await approveLeg(session, grant, 'owner', world.owner);
    await approveLeg(session, grant, 'security', world.security);
    await activate(session, grant);
  });
  return grant;
}

export async function clockOf(session: pg.Client): Promise<Date> {
  const { rows } = await session.query<{ now: Date }>('select breakglass_now() as now');
  if (!rows[0]) throw new Error('The database did not say what time it is.');
  return rows[0].now;
}

export const minutesAfter = (moment: Date, minutes: number): Date => new Date(moment.getTime() + minutes * 60_000);

async function idOf(session: pg.Client, insert: string, values: unknown[]): Promise<string> {
  const { rows } = await session.query<{ id: string }>(insert, values);
  if (!rows[0]) throw new Error(`No row came of: ${insert}`);
  return rows[0].id;
}

const unique = (prefix: string) => `${prefix}${randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()}`;
