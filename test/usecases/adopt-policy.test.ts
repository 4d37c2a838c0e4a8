import { expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { adoptPolicy } from '../../src/usecases/adopt-policy.ts';
import { request } from '../../src/usecases/request.ts';
import { command, type Office, office, work } from './office.ts';

interface Row {
  action: string;
  tenant: string | null;
  details: Record<string, unknown>;
}

const onRecord = ({ db }: Office, since = '0') =>
  db.query<Row>(
    'superuser',
    `select action, t.key as tenant, details from audit_events a left join tenants t on t.id = a.tenant_id
      where a.id > $1 order by a.id`,
    [since],
  );

const lastRow = async ({ db }: Office) =>
  (await db.query<{ id: string }>('superuser', 'select coalesce(max(id), 0)::text as id from audit_events'))[0]?.id;

/** Who was told what, in the order of writing. */
const told = async ({ db }: Office) =>
  (
    await db.query<{ destination: string; payload: Record<string, unknown> }>(
      'superuser',
      'select destination, payload from outbox order by id',
    )
  ).map(({ destination, payload }) => [destination, payload] as const);

const epochs = ({ db }: Office) => db.query('superuser', 'select epoch from policy_epochs');

/** The sandbox's configuration with one line changed. */
function changed(from: string, to: string): string {
  const text = configuration.replace(from, to);
  if (text === configuration) throw new Error(`The configuration has no ${from}`);
  return text;
}

const previous = (text: string) => parseSettings(text, 'before');

test('the first configuration makes its tenants and their owners, each on record, and tells nobody', async () => {
  const at = await office();
  expect((await onRecord(at)).map(({ action, tenant }) => [action, tenant])).toEqual([
    ['policy.adopted', null],
    ['tenant.created', 'acme'],
    ['tenant.created', 'globex'],
    ['tenant.created', 'initech'],
  ]);
  const owners = await at.db.query(
    'superuser',
    `select t.key, i.issuer || ':' || i.external_id as account from owners o join tenants t on t.id = o.tenant_id
       join identities i on i.person_id = o.person_id order by 1, 2`,
  );
  expect(owners).toEqual([
    { key: 'acme', account: 'T0ACME:U0BEN' },
    { key: 'acme', account: 'T0HOME:U0ANNA' },
    { key: 'globex', account: 'T0HOME:U0GINA' },
    { key: 'globex', account: 'T0HOME:U0GUS' },
  ]);
  expect(await told(at)).toEqual([]);
});

test('the same configuration again is the same epoch and changes nothing', async () => {
  const at = await office();
  const before = await onRecord(at);
  const { epoch } = at.context.inForce();
  expect((await at.adopt(configuration)).inForce().epoch).toBe(epoch);
  expect(await onRecord(at)).toEqual(before);
  expect(await epochs(at)).toHaveLength(1);
});

test('processes that start at once with one configuration agree on one epoch and make each tenant once', async () => {
  const at = await office();
  const text = changed('name: Initech }', 'name: Initech }\n  - { key: hooli, name: Hooli }');
  const settings = parseSettings(text, 'next');
  const processes = [at.context, at.anotherProcess(), at.anotherProcess()];
  const found = await Promise.all(processes.map(({ db }, i) => adoptPolicy(db, settings, previous, `start-${i}`)));
  expect(new Set(found).size).toBe(1);
  expect(await epochs(at)).toHaveLength(2);
  const made = (await onRecord(at)).filter(({ action, tenant }) => action === 'tenant.created' && tenant === 'hooli');
  expect(made).toHaveLength(1);
});

test('changed owners are on record and told to the channel, to security and to those removed', async () => {
  const at = await office();
  const since = await lastRow(at);
  await at.adopt(changed('owners: [U0GINA, U0GUS]', 'owners: [U0GUS, U0OTIS]'));
  const change = { added: ['T0HOME:U0OTIS'], removed: ['T0HOME:U0GINA'] };
  expect((await onRecord(at, since)).slice(1)).toEqual([
    { action: 'tenant.owners_changed', tenant: 'globex', details: change },
  ]);
  const notice = {
    kind: 'tenant_changed',
    tenant: 'Globex',
    changes: [{ what: 'owners', ...change }],
    wasShared: null,
  };
  expect(await told(at)).toEqual([
    ['C0GLOBEX', notice],
    ['C0SECURITY', notice],
    ['U0GINA', notice],
  ]);
});

test('a changed channel is on record and told to the channel before, so that it can not be moved away quietly', async () => {
  const at = await office();
  const since = await lastRow(at);
  await at.adopt(changed('channel: C0GLOBEX', 'channel: C0ELSEWHERE'));
  const change = { before: 'C0GLOBEX', after: 'C0ELSEWHERE' };
  expect((await onRecord(at, since)).slice(1)).toEqual([
    { action: 'tenant.channel_changed', tenant: 'globex', details: change },
  ]);
  expect((await told(at)).map(([destination]) => destination)).toEqual(['C0GLOBEX', 'C0SECURITY']);
});

test('a new name or shared channel is on record', async () => {
  const at = await office();
  const since = await lastRow(at);
  await at.adopt(changed('name: Globex,', 'name: Globex Ltd, shared: true,'));
  expect((await onRecord(at, since)).slice(1)).toEqual([
    {
      action: 'tenant.updated',
      tenant: 'globex',
      details: { before: { name: 'Globex', shared: false }, after: { name: 'Globex Ltd', shared: true } },
    },
  ]);
});

test('a guest who may act as an owner from now on is on record and told', async () => {
  const at = await office();
  const since = await lastRow(at);
  await at.adopt(changed('owners: [U0GINA, U0GUS]', 'owners: [U0GINA, { person: U0GUS, guest: true }]'));
  expect((await onRecord(at, since)).map(({ action }) => action)).toContain('tenant.owners_changed');
  expect((await told(at)).map(([destination]) => destination)).toEqual(['C0GLOBEX', 'C0SECURITY']);
});

test('a tenant that the file no longer names stays as it is', async () => {
  const at = await office();
  await at.adopt(changed('  - { key: initech, name: Initech }\n', ''));
  const tenants = await at.db.query<{ key: string }>('superuser', 'select key from tenants order by 1');
  expect(tenants.map(({ key }) => key)).toEqual(['acme', 'globex', 'initech']);
});

test('a tenant that never had owners gets a waiver; one that lost them gets none for a day', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const never = await request(at.context, command(olivia, { tenantKey: 'initech' }), work());
  expect(never).toMatchObject({ kind: 'done', at: { grant: { waived: true } } });
  const context = await at.adopt(changed('channel: C0GLOBEX, owners: [U0GINA, U0GUS]', 'channel: C0GLOBEX'));
  const ask = () => request(context, command(olivia, { tenantKey: 'globex' }), work());
  expect(await ask()).toMatchObject({ kind: 'refused', refusal: { kind: 'waiver_paused' } });
  await at.db.clock.advance(24 * 60 * 60_000 - 60_000);
  expect(await ask()).toMatchObject({ kind: 'refused', refusal: { kind: 'waiver_paused' } });
  await at.db.clock.advance(61_000);
  const waived = await ask();
  expect(waived).toMatchObject({ kind: 'done', at: { grant: { waived: true } } });
  const facts = (await onRecord(at)).filter(({ action }) => action === 'break_glass.ownerless_waived');
  expect(facts.map(({ tenant, details }) => [tenant, details])).toEqual([
    ['initech', { legs: ['security', 'ops'] }],
    ['globex', { legs: ['security', 'ops'] }],
  ]);
});

test('changed role holders are on record and told to security, before and after, and to those removed', async () => {
  const at = await office();
  const since = await lastRow(at);
  const text = changed('security: { people: [U0SAM, U0SOFIA] }', 'security: { people: [U0SAM, U0OTIS] }');
  await at.adopt(text.replace('security: C0SECURITY', 'security: C0NEWSEC'));
  const rows = (await onRecord(at, since)).filter(({ action }) => action === 'role.changed');
  expect(rows).toEqual([
    {
      action: 'role.changed',
      tenant: null,
      details: {
        role: 'security',
        before: ['T0HOME:U0SAM', 'T0HOME:U0SOFIA'],
        after: ['T0HOME:U0SAM', 'T0HOME:U0OTIS'],
      },
    },
  ]);
  const notice = { kind: 'role_changed', role: 'security', added: ['T0HOME:U0OTIS'], removed: ['T0HOME:U0SOFIA'] };
  expect(await told(at)).toEqual([
    ['C0NEWSEC', notice],
    ['C0SECURITY', notice],
    ['U0SOFIA', notice],
  ]);
});

test('a group that gives a role is a change of who holds it', async () => {
  const at = await office();
  await at.adopt(
    changed('operator: { people: [U0OLIVIA, U0OMAR] }', 'operator: { people: [U0OLIVIA], groups: [S0SUP] }'),
  );
  expect(await told(at)).toEqual([
    ['C0SECURITY', { kind: 'role_changed', role: 'operator', added: ['S0SUP'], removed: ['T0HOME:U0OMAR'] }],
    ['U0OMAR', { kind: 'role_changed', role: 'operator', added: ['S0SUP'], removed: ['T0HOME:U0OMAR'] }],
  ]);
});

test('a configuration that fails half way is not in force', async () => {
  const at = await office();
  const { epoch } = at.context.inForce();
  await at.db.query(
    'owner',
    `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_more before insert on outbox for each row execute function no_more()`,
  );
  await expect(at.adopt(changed('owners: [U0GINA, U0GUS]', 'owners: [U0GUS]'))).rejects.toThrow(/disk full/);
  expect(await epochs(at)).toEqual([{ epoch }]);
  const owners = await at.db.query(
    'superuser',
    `select from owners o join tenants t on t.id = tenant_id and key = 'globex'`,
  );
  expect(owners).toHaveLength(2);
});
