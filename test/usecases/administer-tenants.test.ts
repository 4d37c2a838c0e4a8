import { describe, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import type { Refusal } from '../../src/domain/refusals.ts';
import type { Administrator } from '../../src/usecases/administer.ts';
import {
  changeTenant,
  createTenant,
  listTenants,
  restoreTenant,
  showTenant,
  type TenantWish,
} from '../../src/usecases/administer-tenants.ts';
import { archiveTenant } from '../../src/usecases/archive-tenant.ts';
import { request } from '../../src/usecases/request.ts';
import { boundTo, done, refusalOf, root, rowsBy, toldOf } from './admin.ts';
import { command, type Office, office, work } from './office.ts';

const hooli: TenantWish = {
  ...{ key: 'hooli', name: 'Hooli', channel: 'C0HOOLI', shared: false },
  owners: [
    { account: 'U0ANNA', guest: false },
    { account: 'T0ACME:U0BEN', guest: true },
  ],
};
const reason = 'The customer left us';

async function withHooli(): Promise<Office> {
  const at = await office();
  done(await createTenant(at.context, { by: root, tenant: hooli }, work()));
  return at;
}

/** What was told of it before anything else happened to it. */
const madeIsTold = ['C0SECURITY'];

const named = (at: Office, key: string) =>
  at.db.query('superuser', 'select name, channel, archived_at is not null as archived from tenants where key = $1', [
    key,
  ]);

describe('each act leaves exactly one row, with what was before and what is now', () => {
  test('a tenant that is made', async () => {
    const at = await withHooli();
    const { tenant } = done(await showTenant(at.context, { by: root, key: 'hooli' }, work()));
    expect(tenant).toMatchObject({ key: 'hooli', source: 'api', archivedAt: null, channel: 'C0HOOLI' });
    expect(tenant.owners).toEqual([
      { account: 'T0HOME:U0ANNA', guest: false },
      { account: 'T0ACME:U0BEN', guest: true },
    ]);
    expect((await rowsBy(at, root.name)).map(({ action }) => action)).toEqual(['tenant.created']);
  });

  test.each([
    {
      change: { name: 'Hooli XYZ' },
      action: 'tenant.updated',
      sides: { before: { name: 'Hooli' }, after: { name: 'Hooli XYZ' } },
    },
    {
      change: { channel: 'C0NEW' },
      action: 'tenant.channel_changed',
      sides: { before: { channel: 'C0HOOLI' }, after: { channel: 'C0NEW' } },
    },
    {
      change: { owners: [{ account: 'U0GUS', guest: false }], shared: true, channel: 'C0NEW' },
      action: 'tenant.owners_changed',
      sides: {
        ...{ added: ['T0HOME:U0GUS'], removed: ['T0HOME:U0ANNA', 'T0ACME:U0BEN'], guests: { added: [], removed: [] } },
        before: expect.objectContaining({ shared: false, channel: 'C0HOOLI' }),
        after: { shared: true, channel: 'C0NEW', owners: [{ account: 'T0HOME:U0GUS', guest: false }] },
      },
    },
  ])('a change of $change', async ({ change, action, sides }) => {
    const at = await withHooli();
    const piece = work();
    done(await changeTenant(at.context, { by: root, key: 'hooli', change }, piece));
    const [, ...rows] = await rowsBy(at, root.name);
    expect(rows).toEqual([{ action, actor: root.name, request: piece.requestId, details: sides }]);
  });

  test('nothing, where nothing is another', async () => {
    const at = await withHooli();
    done(await changeTenant(at.context, { by: root, key: 'hooli', change: { name: 'Hooli' } }, work()));
    expect(await rowsBy(at, root.name)).toHaveLength(1);
    expect(await toldOf(at, 'tenant_changed')).toEqual(madeIsTold);
  });

  test('archived and restored', async () => {
    const at = await withHooli();
    done(await archiveTenant(at.context, { by: root, key: 'hooli', reason }, work()));
    expect(await named(at, 'hooli')).toMatchObject([{ archived: true }]);
    done(await restoreTenant(at.context, { by: root, key: 'hooli' }, work()));
    expect(await named(at, 'hooli')).toMatchObject([{ archived: false }]);
    expect((await rowsBy(at, root.name)).slice(1)).toMatchObject([
      { action: 'tenant.archived', details: { before: { archived: false }, after: { archived: true }, reason } },
      { action: 'tenant.restored', details: { before: { archived: true }, after: { archived: false } } },
    ]);
  });
});

test('changed owners and a changed channel are told to the old channel, to security and to who was removed; no waiver for a day', async () => {
  const at = await withHooli();
  const change = { channel: 'C0NEW', owners: [] };
  done(await changeTenant(at.context, { by: root, key: 'hooli', change }, work()));
  expect(await toldOf(at, 'tenant_changed')).toEqual([...madeIsTold, 'C0HOOLI', 'C0SECURITY', 'U0ANNA']);
  const asked = await request(at.context, command(await at.actor('olivia'), { tenantKey: 'hooli' }), work());
  expect(asked).toMatchObject({ kind: 'refused', refusal: { kind: 'waiver_paused' } });
});

test('a tenant that is made is told to security, and nobody’s approval is waived there for a day', async () => {
  const at = await office();
  const alone: TenantWish = { ...hooli, channel: null, owners: [] };
  done(await createTenant(at.context, { by: root, tenant: alone }, work()));
  expect(await toldOf(at, 'tenant_changed')).toEqual(['C0SECURITY']);
  const ask = async () => request(at.context, command(await at.actor('olivia'), { tenantKey: 'hooli' }), work());
  expect(await ask()).toMatchObject({ kind: 'refused', refusal: { kind: 'waiver_paused' } });
  await at.db.clock.advance(24 * 60 * 60_000 + 60_000);
  expect(await ask()).toMatchObject({ kind: 'done' });
});

test('a channel is one tenant’s, and neither security’s nor that of those who operate', async () => {
  const at = await withHooli();
  const { tenant } = done(
    await createTenant(at.context, { by: root, tenant: { ...hooli, key: 'piper', channel: 'C0PIPER' } }, work()),
  );
  for (const channel of ['C0SECURITY', 'C0OPS', 'C0ACME', 'C0HOOLI']) {
    const wrong = { kind: 'field_wrong', field: 'channel' };
    expect(refusalOf(await create({ channel })(at, root))).toMatchObject(wrong);
    expect(refusalOf(await change('piper', { channel })(at, root))).toMatchObject(wrong);
  }
  const same = await changeTenant(at.context, { by: root, key: 'piper', change: { channel: 'C0PIPER' } }, work());
  expect(done(same).tenant).toEqual(tenant);
});

type Try = (at: Office, by: Administrator) => Promise<Parameters<typeof refusalOf>[0]>;
const change = (key: string, wish: Partial<TenantWish> = { name: 'Other' }): Try => {
  return ({ context }, by) => changeTenant(context, { by, key, change: wish }, work());
};
const create = (tenant: Partial<TenantWish>): Try => {
  return ({ context }, by) => createTenant(context, { by, tenant: { ...hooli, key: 'new', ...tenant } }, work());
};
const archive = (key: string, why = reason): Try => {
  return ({ context }, by) => archiveTenant(context, { by, key, reason: why }, work());
};
const restore = (key: string): Try => {
  return ({ context }, by) => restoreTenant(context, { by, key }, work());
};
const theFile: Refusal = { kind: 'names_the_file', what: 'tenant' };
const refusals: readonly [string, Try, Partial<Refusal>, ('bound' | 'root')?][] = [
  ['changes what the file names', change('acme'), theFile],
  ['archives what the file names', archive('acme'), theFile],
  ['restores what the file names', restore('acme'), theFile],
  ['makes what the file names', create({ key: 'acme' }), theFile],
  ['makes the system tenant', create({ key: 'system' }), { kind: 'tenant_protected' }],
  ['changes the system tenant', change('system'), { kind: 'tenant_protected' }],
  ['archives the system tenant', archive('system'), { kind: 'tenant_protected' }],
  ['changes what is not there', change('nowhere'), { kind: 'unknown_tenant' }],
  ['names what no key can be', change('no\0where'), { kind: 'unknown_tenant' }],
  ['makes what is there', create({ key: 'hooli' }), { kind: 'tenant_exists' }],
  ['restores what is not archived', restore('hooli'), { kind: 'tenant_not_archived' }],
  ['archives without a reason', archive('hooli', ' '), { kind: 'reason_length' }],
  ['archives with text that can not be kept', archive('hooli', 'so\0so'), { kind: 'unprintable_text' }],
  ['writes a wrong key', create({ key: 'No Key' }), { kind: 'field_wrong', field: 'key' }],
  ['writes a wrong name', change('hooli', { name: ' ' }), { kind: 'field_wrong', field: 'name' }],
  ['writes a wrong channel', change('hooli', { channel: '#general' }), { kind: 'field_wrong', field: 'channel' }],
  ['leaves owners without a channel', change('hooli', { channel: null }), { kind: 'field_wrong', field: 'channel' }],
  [
    'names somebody who is nobody',
    change('hooli', { owners: [{ account: 'anna', guest: false }] }),
    { kind: 'field_wrong', field: 'owners[0].account' },
  ],
  [
    'names somebody twice',
    change('hooli', { owners: ['U0ANNA', 'T0HOME:U0ANNA'].map((account) => ({ account, guest: false })) }),
    { kind: 'field_wrong', field: 'owners[1].account' },
  ],
  ['makes a tenant, bound to others', create({}), { kind: 'needs_every_tenant' }, 'bound'],
  ['changes one, bound to others', change('hooli'), { kind: 'unknown_tenant' }, 'bound'],
  ['archives the system tenant, bound to others', archive('system'), { kind: 'unknown_tenant' }, 'bound'],
];

test.each(refusals)('whoever %s is refused, and that is on record once', async (_, attempt, refusal, who = 'root') => {
  const at = await withHooli();
  const by = who === 'root' ? root : await boundTo(at, 'globex');
  const before = (await rowsBy(at, by.name)).length;
  expect(refusalOf(await attempt(at, by))).toMatchObject(refusal);
  const rows = (await rowsBy(at, by.name)).slice(before);
  expect(rows).toMatchObject([{ action: 'access.refused', details: { refusal: refusal.kind, times: 1 } }]);
  expect(await toldOf(at, 'tenant_changed')).toEqual(madeIsTold);
});

test('an archived tenant is changed by nobody before it is restored', async () => {
  const at = await withHooli();
  done(await archiveTenant(at.context, { by: root, key: 'hooli', reason }, work()));
  for (const attempt of [change('hooli'), archive('hooli')]) {
    expect(refusalOf(await attempt(at, root))).toEqual({ kind: 'tenant_archived' });
  }
});

test('a process that has another configuration than the one in force decides nothing', async () => {
  const at = await withHooli();
  const old = at.context;
  await at.adopt(`${configuration}\n# changed\n`);
  const outcome = await changeTenant(old, { by: root, key: 'hooli', change: { name: 'Other' } }, work());
  expect(refusalOf(outcome)).toEqual({ kind: 'policy_outdated' });
  expect((await rowsBy(at, root.name)).at(-1)).toMatchObject({ details: { refusal: 'policy_outdated' } });
});

test('a repeat has the same answer and no second effect; another body under the same key is refused', async () => {
  const at = await office();
  const make = (name: string) =>
    createTenant(at.context, { by: root, tenant: { ...hooli, name } }, { requestId: 'r', deliveryKey: 'key-1' });
  const both = await Promise.all([make('Hooli'), make('Hooli')]);
  expect(both[0]).toEqual(both[1]);
  expect(done(await make('Hooli'))).toEqual(both[0]);
  expect(refusalOf(await make('Other'))).toEqual({ kind: 'repeated_with_another_body' });
  expect((await rowsBy(at, root.name)).map(({ action }) => action)).toEqual(['tenant.created', 'access.refused']);
});

test('two who change the same tenant at once: each row says what it found', async () => {
  const at = await withHooli();
  const names = ['One', 'Two', 'Three', 'Four'];
  const processes = [at.context, at.anotherProcess()];
  await Promise.all(
    names.map((name, i) =>
      changeTenant(processes[i % 2] ?? at.context, { by: root, key: 'hooli', change: { name } }, work()),
    ),
  );
  const changes = (await rowsBy(at, root.name))
    .slice(1)
    .map(({ details }) => details as { before: { name: string }; after: { name: string } });
  expect(changes.map(({ after }) => after.name).sort()).toEqual([...names].sort());
  expect(changes.map(({ before }) => before.name)).toEqual([
    'Hooli',
    ...changes.slice(0, -1).map(({ after }) => after.name),
  ]);
});

describe('whoever is bound to tenants', () => {
  test('sees these, a page at a time, and no others', async () => {
    const at = await withHooli();
    const by = await boundTo(at, 'globex', 'hooli');
    const page = { by, after: null, limit: 1, archived: false };
    const first = done(await listTenants(at.context, page, work()));
    expect([first.tenants.map(({ key }) => key), first.next]).toEqual([['globex'], 'globex']);
    const second = done(await listTenants(at.context, { ...page, after: first.next }, work()));
    expect([second.tenants.map(({ key }) => key), second.next]).toEqual([['hooli'], null]);
    expect(refusalOf(await showTenant(at.context, { by, key: 'acme' }, work()))).toEqual({ kind: 'unknown_tenant' });
    const all = done(await listTenants(at.context, { ...page, by: root, limit: 9 }, work()));
    expect(all.tenants.map(({ key, source }) => `${key} ${source}`)).toEqual([
      ...['acme file', 'globex file', 'hooli api', 'initech file'],
    ]);
  });
});
