import { describe, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { createTenant } from '../../src/usecases/administer-tenants.ts';
import { archiveTenant } from '../../src/usecases/archive-tenant.ts';
import { request } from '../../src/usecases/request.ts';
import { done, root, rowsBy, toldOf } from './admin.ts';
import {
  active,
  auditView,
  command,
  factsOf,
  grantOf,
  type Office,
  office,
  requested,
  stateOf,
  work,
} from './office.ts';

const reason = 'The customer left us';

/** The sandbox's configuration without Acme: whoever administers may change it from now on. */
const withoutAcme = configuration.replace(/^ {2}- (\{ )?key: acme\b[^\n]*\n(?: {4}[^\n]*\n)*/m, '');

const named = (at: Office, key: string) =>
  at.db.query('superuser', 'select name, channel, archived_at is not null as archived from tenants where key = $1', [
    key,
  ]);

describe('archiving', () => {
  test('takes back what is open there, in the same commit, and nothing else; nobody asks for it any more', async () => {
    const at = await office();
    const held = await active(at);
    const waiting = await requested(at, {
      asked: { ...command(await at.actor('omar')).asked, scope: 'reset_admin_password' },
    });
    const elsewhere = await requested(at, { tenantKey: 'globex' });
    const context = await at.adopt(withoutAcme);
    const archived = done(await archiveTenant(context, { by: root, key: 'acme', reason }, work()));
    expect(archived.closed).toBe(2);
    expect([await stateOf(at, held), await stateOf(at, waiting)]).toEqual(['revoked', 'withdrawn']);
    expect(await stateOf(at, elsewhere)).toBe('requested');
    expect(await factsOf(at, held)).toMatchObject({ 'break_glass.revoked': 1, 'break_glass.review_opened': 1 });
    const asked = await request(context, command(await at.actor('olivia')), work());
    expect(asked).toMatchObject({ refusal: { kind: 'unknown_tenant' } });
  });

  test('and asking at the same moment: no access is open at an archived tenant', async () => {
    for (let round = 0; round < 5; round += 1) {
      const at = await office();
      const tenant = { key: 'hooli', name: 'Hooli', channel: 'C0HOOLI', shared: false, owners: [] };
      done(await createTenant(at.context, { by: root, tenant }, work()));
      const olivia = await at.actor('olivia');
      const [asked] = await Promise.all([
        request(at.context, auditView(olivia, 'hooli'), work()),
        archiveTenant(at.anotherProcess(), { by: root, key: 'hooli', reason }, work()),
      ]);
      const [{ open } = { open: -1 }] = await at.db.query<{ open: number }>(
        'superuser',
        `select count(*)::int as open from grants where state in ('requested', 'active')`,
      );
      expect([asked.kind, open]).toEqual([asked.kind, 0]);
      if (asked.kind !== 'refused') expect(await stateOf(at, grantOf(asked))).toBe('revoked');
    }
  });
});

test('a restart resurrects nothing; the file brings back what it names again, on record and told', async () => {
  const at = await office();
  const context = await at.adopt(withoutAcme);
  done(await archiveTenant(context, { by: root, key: 'acme', reason }, work()));
  await at.adopt(withoutAcme);
  await at.adopt(`${withoutAcme}\n# another text of it\n`);
  expect(await named(at, 'acme')).toMatchObject([{ archived: true }]);
  await at.adopt(configuration);
  expect(await named(at, 'acme')).toMatchObject([{ archived: false }]);
  const restored = (await rowsBy(at, 'system:configuration')).filter(({ action }) => action === 'tenant.restored');
  expect(restored).toHaveLength(1);
  expect((await toldOf(at, 'tenant_changed')).slice(-2)).toEqual(['C0ACME', 'C0SECURITY']);
});

test.each(['outbox', 'audit_events', 'grants'])(
  'nothing of an archiving stays when %s takes nothing',
  async (table) => {
    const at = await office();
    const held = await active(at);
    const context = await at.adopt(withoutAcme);
    const when = table === 'grants' ? 'update' : 'insert';
    await at.db.query(
      'owner',
      `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_more before ${when} on ${table} for each row execute function no_more()`,
    );
    await expect(archiveTenant(context, { by: root, key: 'acme', reason }, work('a'))).rejects.toThrow('disk full');
    expect([await named(at, 'acme'), await stateOf(at, held)]).toMatchObject([[{ archived: false }], 'active']);
    await at.db.query('owner', `drop trigger no_more on ${table}`);
    done(await archiveTenant(context, { by: root, key: 'acme', reason }, work('a')));
    expect(await stateOf(at, held)).toBe('revoked');
  },
);
