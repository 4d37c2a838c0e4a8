import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter, inScope, requestedGrant } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Furnished, furnished } from './furnished.ts';
import { settled } from './locks.ts';

let db: TestDatabase;
let session: pg.Client;
let ours: Furnished;
let theirs: Furnished;
beforeAll(async () => {
  db = await testDatabase();
  const app = await db.session('app');
  ours = await furnished(db, app);
  theirs = await furnished(db, app);
  // What no other guard would keep from changing.
  await requestedGrant(app, ours, { scope: 'create_platform_owner' });
  session = await db.session('app');
  await session.query('set role breakglass_check');
});
afterAll(() => db.drop());

/** All that the role may do, as "privilege table (columns)" and function or sequence names. */
const privileges = [
  'execute audit_entry(bigint,timestamp with time zone,text,text,uuid,uuid,text,jsonb)',
  'execute breakglass_now()',
  'execute current_tenant()',
  'insert audit_events (action, actor, details, grant_id, request_id, tenant_id)',
  'insert use_counts',
  'select api_keys',
  'select grants (closed_at, expires_at, id, kind, requester_id, scope, state, tenant_id)',
  'select identities (external_id, issuer, person_id, provider)',
  'select policy_epochs',
  'select tenants (archived_at, id, key)',
  'select use_counts',
  'update grants (version)',
  'update use_counts (last_at, uses)',
  'usage audit_events_id_seq',
];

/** A statement for each sort of thing that the role could be asked to do; in a tenant's scope and in none. */
const scopes: { where: string; enterIt: () => Promise<unknown> }[] = [
  { where: 'in no scope', enterIt: async () => {} },
  { where: 'in the scope of a tenant', enterIt: () => enter(session, ours.acme) },
];
const inIt = (enterIt: () => Promise<unknown>, statement: string, values: unknown[] = []) =>
  inScope(session, null, async () => {
    await enterIt();
    return session.query(statement, values);
  });

test('may do what is written down here, and nothing else', async () => {
  const found = await db.query<{ line: string }>(
    'superuser',
    `with us as (select 'breakglass_check'::regrole::oid as us),
       ours as (select c.* from pg_class c where c.relnamespace = 'public'::regnamespace)
     select lower(p) || ' ' || relname as line from us, ours, unnest(array['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p
      where relkind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege(us, ours.oid, p)
     union all
     select lower(p) || ' ' || relname || ' (' || string_agg(attname, ', ' order by attname) || ')'
       from us, ours, unnest(array['SELECT','INSERT','UPDATE','REFERENCES']) p, pg_attribute a
      where relkind in ('r', 'p', 'v', 'm', 'f') and a.attrelid = ours.oid and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(us, ours.oid, a.attnum, p) and not has_table_privilege(us, ours.oid, p) group by p, relname
     union all
     select lower(p) || ' ' || relname from us, ours, unnest(array['USAGE','SELECT','UPDATE']) p
      where relkind = 'S' and has_sequence_privilege(us, ours.oid, p)
     union all
     select 'execute ' || oid::regprocedure from us, pg_proc
      where pronamespace = 'public'::regnamespace and has_function_privilege(us, oid, 'EXECUTE')
     order by line`,
  );
  expect(found.map(({ line }) => line).sort()).toEqual(privileges);
});

test('is a member of nothing, and becomes nobody else', async () => {
  const others = await db.query(
    'superuser',
    `select rolname from pg_roles where rolname <> 'breakglass_check' and pg_has_role('breakglass_check', oid, 'member')`,
  );
  expect(others).toEqual([]);
});

describe.each(scopes)('$where', ({ enterIt }) => {
  test('sees the grants, tenants and counts of everybody', async () => {
    const whose = (rows: { id: string }[]) => [...new Set(rows.map(({ id }) => id))];
    for (const [table, key] of Object.entries({ grants: 'tenant_id', tenants: 'id', use_counts: 'tenant_id' })) {
      const { rows } = await inIt(enterIt, `select ${key} as id from ${table}`);
      expect(whose(rows), table).toEqual(expect.arrayContaining([ours.acme, theirs.acme]));
    }
  });

  test.each([
    'audit_events',
    'outbox',
    'legs',
    'reviews',
    'owners',
    'posted_messages',
    'volume_alerts',
    'people',
    'policies',
    'handled_requests',
    'lanes',
    'schedules',
    '_prisma_migrations',
  ])('reads nothing of %s', async (table) => {
    await expect(inIt(enterIt, `select from ${table}`)).rejects.toThrow('permission denied');
  });

  test.each([
    'grants.reason',
    'grants.ticket',
    'grants.circumstance',
    'grants.close_reason',
    'tenants.name',
    'tenants.channel',
  ])('does not read %s', async (place) => {
    const [table, column] = place.split('.');
    await expect(inIt(enterIt, `select ${column} from ${table}`)).rejects.toThrow('permission denied');
  });

  test('holds a grant, and changes nothing of it', async () => {
    const held = await inIt(enterIt, 'select id from grants where id = $1 for key share', [ours.grant]);
    expect(held.rows).toHaveLength(1);
    const change = inIt(enterIt, `update grants set version = 7 where state = 'requested'`);
    await expect(change).rejects.toThrow('row-level security policy');
    for (const column of ['version', 'state', 'expires_at', 'scope', 'tenant_id']) {
      await expect(inIt(enterIt, `update grants set ${column} = ${column}`), column).rejects.toThrow(
        'permission denied',
      );
    }
  });

  test('puts answers on record about anybody or nobody, and nothing else', async () => {
    const add = (action: string, tenant: string | null) =>
      inIt(
        enterIt,
        `insert into audit_events (action, actor, tenant_id, request_id, details) values ($1, 'b', $2, 'c', '{}')`,
        [action, tenant],
      );
    for (const tenant of [ours.acme, theirs.acme, null]) {
      for (const action of ['access.denied', 'access.searched']) {
        expect((await settled(add(action, tenant))).status, action).toBe('fulfilled');
      }
      for (const action of ['access.refused', 'break_glass.approved', 'admin.key_created', '']) {
        await expect(add(action, tenant), action).rejects.toThrow('row-level security policy');
      }
    }
    // A check of the table's own: allowed is what an active grant allows.
    await expect(add('access.allowed', ours.acme)).rejects.toThrow('allowed_by_a_grant_that_lasts');
  });

  test('sets neither the number, the time nor the text of a record', async () => {
    for (const column of ['id', 'at', 'entry']) {
      const insert = `insert into audit_events (action, actor, request_id, details, ${column})
        select 'access.denied', 'b', 'c', '{}', ${column} from (select 1::bigint as id, now() as at, '' as entry) made_up`;
      await expect(inIt(enterIt, insert), column).rejects.toThrow('permission denied');
    }
  });

  test('makes, ends and changes no key, and adds no grant, tenant or person', async () => {
    for (const statement of [
      'update api_keys set revoked_at = null',
      'insert into api_keys default values',
      'delete from api_keys',
      'insert into grants default values',
      'insert into tenants default values',
      'insert into people default values',
      'update use_counts set tenant_id = tenant_id',
      'delete from use_counts',
      'delete from grants',
      'delete from audit_events',
    ]) {
      await expect(inIt(enterIt, statement), statement).rejects.toThrow('permission denied');
    }
  });
});
