import { expect, onTestFinished, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { openReading } from '../../src/store/reading.ts';
import { createSchedule, deleteSchedule } from '../../src/usecases/administer-schedules.ts';
import { changeTenant, createTenant } from '../../src/usecases/administer-tenants.ts';
import { adoptKey, createKey } from '../../src/usecases/api-keys.ts';
import { archiveTenant } from '../../src/usecases/archive-tenant.ts';
import { verifyHistory } from '../../src/usecases/verify-history.ts';
import { aSealing, seal } from '../support/sealing.ts';
import { done, root } from './admin.ts';
import { type Office, office, work } from './office.ts';

/** People by their names at the identity provider. */
const linking = (...names: string[]) =>
  [
    ...[configuration, 'identities:'],
    ...names.map((name) => `  U0${name.toUpperCase()}: { issuer: 'https://id.example', subject: ${name} }`),
  ].join('\n');

/** A day of administration, sealed: a person linked and one no longer, tenants of every fate, a schedule that stays and one that went, keys. */
async function aDay() {
  const at = await office(linking('anna', 'gus'));
  const context = await at.adopt(linking('anna'));
  const sealing = aSealing(context.db);
  const tenant = (key: string) => ({ key, name: key, channel: `C0${key.toUpperCase()}`, shared: false, owners: [] });
  for (const key of ['hooli', 'piper']) done(await createTenant(context, { by: root, tenant: tenant(key) }, work()));
  const owners = [{ account: 'U0GUS', guest: true }];
  const change = { channel: 'C0OTHER', name: 'Hooli', shared: true, owners };
  done(await changeTenant(context, { by: root, key: 'hooli', change }, work()));
  done(await changeTenant(context, { by: root, key: 'piper', change: { channel: null } }, work()));
  done(await archiveTenant(context, { by: root, key: 'piper', reason: 'They left us' }, work()));
  for (const name of ['weekly', 'gone']) {
    const schedule = { name, job: 'digest', cron: '0 9 * * *', timezone: 'UTC', channel: null } as const;
    done(await createSchedule(context, { by: root, schedule }, work()));
  }
  done(await deleteSchedule(context, { by: root, name: 'gone' }, work()));
  const secret = 'a-bootstrap-key-of-32-characters-or-more';
  await adoptKey(context.db, { name: 'first', secret, days: 9 }, 'system:command-line', 'adopt');
  const wish = { name: 'docs', role: 'service', tenants: null, subjects: null, actions: null, defaultTenant: null };
  await createKey(context.db, { ...wish, role: 'service', days: 9, perSecond: 5 }, 'system:command-line', 'make');
  await seal(sealing);
  return { at, sealing };
}

async function findings({ db }: Office, { trusted }: ReturnType<typeof aSealing>): Promise<string[]> {
  const reading = await openReading(db.url('app'));
  onTestFinished(() => reading.close().catch(() => {}));
  const progress = { total: () => {}, done: () => {} };
  const verified = await verifyHistory(reading, { verifiers: trusted, held: [], progress }).finally(reading.close);
  return verified.findings;
}

test('what was administered and is as it was left verifies', async () => {
  const { at, sealing } = await aDay();
  expect(await findings(at, sealing)).toEqual([]);
});

test.each([
  [
    'tenants',
    `update tenants set archived_at = breakglass_now() where key = 'hooli'`,
    /^the tenant .* archived is false/,
  ],
  ['tenants', `update tenants set archived_at = null where key = 'piper'`, /^the tenant .* archived is true/],
  ['tenants', `update tenants set channel = 'C0MINE' where key = 'hooli'`, /^the tenant .* channel is "C0OTHER"/],
  ['tenants', `update tenants set channel = 'C0MINE' where key = 'piper'`, /^the tenant .* channel is null/],
  ['tenants', `update tenants set name = 'Mine' where key = 'hooli'`, /^the tenant .* name is "Hooli"/],
  ['tenants', `insert into tenants (key, name) values ('mine', 'Mine')`, /^the tenant .* no entry says so/],
  ['owners', `delete from owners where guest_allowed`, /^the owners of tenant/],
  [
    'schedules',
    `update schedules set cron = '0 0 1 1 *' where name = 'weekly'`,
    /^the schedule weekly: .* cron is "0 9/,
  ],
  ['schedules', `update schedules set channel = 'C0MINE' where name = 'weekly'`, /^the schedule weekly: .* channel/],
  [
    'schedules',
    `delete from schedules where name = 'weekly'`,
    /^the schedule weekly is in the entries and in no table/,
  ],
  [
    'schedules',
    `insert into schedules (name, job, cron, timezone, checked_until) values ('mine', 'digest', '* * * * *', 'UTC', breakglass_now())`,
    /^the schedule mine is in the table, and no entry says so/,
  ],
  [
    'schedules',
    `update schedules set checked_until = breakglass_now() + interval '2 hours' where name = 'weekly'`,
    /^the schedule weekly counts as looked at/,
  ],
  [
    'tenants',
    `update tenants set owners_changed_at = null where key = 'hooli'`,
    /^the tenant .* its owners changed at .* the table says never/,
  ],
  [
    'tenants',
    `update tenants set owners_changed_at = owners_changed_at - interval '1 day' where key = 'piper'`,
    /^the tenant .* its owners changed at/,
  ],
  [
    'identities',
    `insert into identities (provider, issuer, external_id, person_id, source)
       select 'oidc', 'https://id.example', 'mine', person_id, 'self' from identities where external_id = 'U0GINA'`,
    /^the identity oidc:https:\/\/id.example#mine is in the table, and no entry says so/,
  ],
  [
    'identities',
    `delete from identities where provider = 'oidc' and external_id = 'anna'`,
    /^the identity oidc:https:\/\/id.example#anna is in the entries and in no table/,
  ],
  [
    'identities',
    `update identities set person_id = (select person_id from identities where external_id = 'U0GINA')
      where provider = 'oidc' and external_id = 'anna'`,
    /^the identity oidc:https:\/\/id.example#anna: .* person is "slack:T0HOME:U0ANNA"/,
  ],
  [
    'identities',
    `update identities set source = 'self' where provider = 'oidc' and external_id = 'anna'`,
    /^the identity oidc:https:\/\/id.example#anna: .* via is "file"/,
  ],
  ['api_keys', `update api_keys set role = 'admin' where name = 'docs'`, /^the API key docs: .* role is "service"/],
  [
    'api_keys',
    `update api_keys set expires_at = expires_at + interval '9 days' where name = 'first'`,
    /^the API key first/,
  ],
])('a superuser who changes %s behind the log is named: %s', async (table, statement, named) => {
  const { at, sealing } = await aDay();
  await at.db.query(
    'superuser',
    `alter table ${table} disable trigger user; ${statement}; alter table ${table} enable trigger user`,
  );
  const found = await findings(at, sealing);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(named);
});
