import { describe, expect, test } from 'vitest';
import type { TrailWish } from '../../src/domain/trail.ts';
import { end } from '../../src/usecases/end.ts';
import { active, grantOf, work } from './office.ts';
import { type Bureau, bureau, fillUpTo, granted, onRecord, seen, trailOf } from './trail.ts';

const idsOf = ({ page }: Awaited<ReturnType<typeof seen>>) => page.rows.map(({ id }) => id);
const actionsOf = ({ page }: Awaited<ReturnType<typeof seen>>) => page.rows.map(({ action }) => action);
const all = ({ db }: Bureau) =>
  db.query<{ id: string }>('superuser', 'select id from audit_events order by id desc limit 10');

describe('by their role', () => {
  test.each(['ada', 'sam'] as const)('%s sees the trail of everything, rows of no tenant too', async (who) => {
    const at = await bureau();
    await fillUpTo(at, 'globex', 3);
    const expected = (await all(at)).map(({ id }) => id);
    const look = await seen(at.seek(await at.actor(who), {}));
    expect(look.tenant).toBeNull();
    expect(idsOf(look)).toEqual(expected);
    expect(look.page.rows.some(({ tenant }) => tenant === null)).toBe(true);
    expect(look.page.rows[0]).toMatchObject({ tenant: 'globex' });
  });

  test.each(['ada', 'sam'] as const)('%s sees the trail of one tenant where they name it', async (who) => {
    const at = await bureau();
    await fillUpTo(at, 'globex', 3);
    const look = await seen(at.seek(await at.actor(who), { tenant: 'globex' }));
    expect(look.tenant).toMatchObject({ key: 'globex' });
    expect(idsOf(look)).toEqual((await trailOf(at, 'globex')).slice(1));
  });

  test('an owner sees their own tenant, named or not, and nothing else', async () => {
    const at = await bureau();
    await fillUpTo(at, 'acme', 3);
    await fillUpTo(at, 'globex', 3);
    const anna = await at.actor('anna');
    for (const tenant of [null, 'acme']) {
      const look = await seen(at.seek(anna, { tenant }));
      expect(look.tenant).toMatchObject({ key: 'acme' });
      expect(idsOf(look)).toEqual((await trailOf(at, 'acme')).slice(1));
    }
  });

  test('an owner from a connected company sees their tenant', async () => {
    const at = await bureau();
    const ben = await at.somebody('T0ACME:U0BEN');
    expect((await seen(at.seek(ben, {}))).tenant).toMatchObject({ key: 'acme' });
  });

  test('an owner of several tenants has to say which, and is told those alone', async () => {
    const at = await bureau();
    const anna = await at.actor('anna');
    await at.db.query(
      'superuser',
      `insert into owners (tenant_id, person_id) select id, $1 from tenants where key = 'globex'`,
      [anna.person],
    );
    expect(await at.seek(anna, {})).toEqual({ kind: 'which', tenants: ['acme', 'globex'] });
    expect((await seen(at.seek(anna, { tenant: 'globex' }))).tenant).toMatchObject({ key: 'globex' });
    expect(await onRecord(at, 'access.refused')).toEqual([]);
  });

  test.each(['olivia', 'petra', 'otis'] as const)(
    '%s, who owns nothing, has to name a tenant, and that is no try',
    async (who) => {
      const at = await bureau();
      await granted(at);
      expect(await at.seek(await at.actor(who), {})).toEqual({ kind: 'which', tenants: [] });
      expect(await onRecord(at, 'access.refused', 'access.allowed', 'access.denied')).toEqual([]);
    },
  );

  test('each look is on record with what was looked for and how many rows it showed, where it was looked at', async () => {
    const at = await bureau();
    await fillUpTo(at, 'acme', 15);
    const first = await seen(at.seek(await at.actor('anna'), {}));
    await seen(at.seek(await at.actor('anna'), {}, { before: first.page.older }));
    await seen(at.seek(await at.actor('ada'), { action: 'updated', kind: 'support_access' }));
    const nothing = { from: null, to: null, person: null, action: null, kind: null, after: null };
    expect(await onRecord(at, 'audit.viewed')).toMatchObject([
      { actor: 'slack:T0HOME:U0ANNA', tenant: 'acme', details: { ...nothing, before: null, rows: 10 } },
      { actor: 'slack:T0HOME:U0ANNA', tenant: 'acme', details: { ...nothing, before: first.page.older } },
      {
        ...{ actor: 'slack:T0HOME:U0ADA', tenant: null },
        details: { action: 'updated', kind: 'support_access', rows: 0, from: expect.any(String) },
      },
    ]);
    expect(await onRecord(at, 'access.allowed', 'access.denied')).toEqual([]);
  });

  test('nothing is shown that could not be put on record', async () => {
    const at = await bureau();
    await at.db.query(
      'owner',
      `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
       create trigger no_more before insert on audit_events for each row execute function no_more()`,
    );
    for (const who of ['ada', 'anna'] as const) {
      await expect(at.seek(await at.actor(who), {})).rejects.toThrow('disk full');
      await expect(at.take(await at.actor(who), {})).rejects.toThrow('disk full');
    }
  });
});

describe('a filter', () => {
  /** A break-glass access of Olivia that ended, an audit view of Omar, and configuration. */
  async function history(): Promise<Bureau> {
    const at = await bureau();
    const grant = await active(at);
    grantOf(await end(at.context, { actor: await at.actor('olivia'), grant }, work()));
    await granted(at, 'omar', 'globex');
    await at.db.query(
      'superuser',
      `insert into audit_events (action, actor, tenant_id, request_id, details)
       select 'access.denied', 'key:reader', id, 'a-test', '{"subject": "slack:T0HOME:U0OMAR", "reason": "no_grant"}'
         from tenants where key = 'acme'`,
    );
    return at;
  }
  const found = async (at: Bureau, wish: Partial<TrailWish>) =>
    actionsOf(await seen(at.seek(await at.actor('ada'), wish)));

  test('by person finds what they did, what others did to their access, and checks about them', async () => {
    const at = await history();
    const olivia = await found(at, { person: 'slack:T0HOME:U0OLIVIA' });
    expect(olivia).toContain('break_glass.requested');
    expect(olivia).toContain('break_glass.approved');
    expect(olivia).toContain('break_glass.ended');
    expect(olivia.filter((action) => action.startsWith('support'))).toEqual([]);
    expect(await found(at, { person: 'slack:T0HOME:U0OMAR' })).toEqual([
      'access.denied',
      'support_access.activated',
      'support_access.requested',
    ]);
    expect(await found(at, { person: 'key:reader' })).toEqual(['access.denied']);
    expect(await found(at, { person: 'slack:T0HOME:U0NOBODY' })).toEqual([]);
  });

  test('by person finds them under each of their names', async () => {
    const at = await history();
    await at.db.query(
      'superuser',
      `insert into identities (provider, issuer, external_id, person_id, source)
       select 'oidc', 'https://id.example.com', '00u1', person_id, 'file' from identities where external_id = 'U0OMAR'`,
    );
    const oidc = await found(at, { person: 'oidc:https://id.example.com#00u1' });
    expect(oidc).toEqual(['access.denied', 'support_access.activated', 'support_access.requested']);
  });

  test('by kind finds the actions of that kind, and whatever else is about such a grant', async () => {
    const at = await history();
    await at.look(await at.actor('omar'), 'globex');
    expect(await found(at, { kind: 'support_access' })).toEqual([
      'access.allowed',
      'support_access.activated',
      'support_access.requested',
    ]);
  });

  test('by action finds one, those of a sort, or those of an end', async () => {
    const at = await history();
    expect(await found(at, { action: 'break_glass.approved' })).toEqual(Array(2).fill('break_glass.approved'));
    expect(await found(at, { action: 'support_access' })).toEqual([
      'support_access.activated',
      'support_access.requested',
    ]);
    expect(await found(at, { action: 'requested' })).toEqual(['support_access.requested', 'break_glass.requested']);
  });

  test('by time finds what was from the first moment on and before the last', async () => {
    const at = await bureau();
    await fillUpTo(at, 'acme', 3);
    await at.db.clock.advance(10 * 86_400_000);
    await fillUpTo(at, 'acme', 6);
    const ids = await trailOf(at, 'acme');
    const [row] = await at.db.query<{ at: Date }>('superuser', 'select at from audit_events where id = $1', [ids[2]]);
    const from = { at: row?.at ?? new Date(0) };
    const ada = await at.actor('ada');
    expect(idsOf(await seen(at.seek(ada, { tenant: 'acme', since: { minutesAgo: 60 } })))).toEqual(ids.slice(0, 3));
    expect(idsOf(await seen(at.seek(ada, { tenant: 'acme', until: from }))).filter((id) => ids.includes(id))).toEqual(
      ids.slice(3),
    );
  });

  test('for people and actions goes back a week where no time is said, and says from when', async () => {
    const at = await history();
    await at.db.clock.advance(8 * 86_400_000);
    const ada = await at.actor('ada');
    for (const wish of [{ person: 'slack:T0HOME:U0OLIVIA' }, { action: 'approved' }]) {
      const week = await seen(at.seek(ada, wish));
      expect(actionsOf(week)).toEqual([]);
      const now = await at.db.clock.now();
      expect(Math.abs(now.getTime() - 7 * 86_400_000 - (week.filter.from?.getTime() ?? 0))).toBeLessThan(60_000);
      expect(actionsOf(await seen(at.seek(ada, { ...wish, since: { minutesAgo: 20_000 } })))).not.toEqual([]);
    }
    expect((await seen(at.seek(ada, { kind: 'break_glass' }))).filter.from).toBeNull();
  });
});

test('what is meant where no kind is said counts for who sees by role, not for a grant of audit view', async () => {
  const at = await bureau();
  await active(at);
  await granted(at, 'omar');
  const support = { usualKind: 'support_access' } as const;
  const owner = await seen(at.seek(await at.actor('anna'), {}, support));
  expect(actionsOf(owner)).toEqual(['support_access.activated', 'support_access.requested']);
  expect(owner.wish.kind).toBe('support_access');
  const operator = await seen(at.seek(await at.actor('omar'), { tenant: 'acme' }, support));
  expect(actionsOf(operator)).toContain('break_glass.requested');
  const asked = await seen(at.seek(await at.actor('anna'), { kind: 'break_glass' }, support));
  expect(actionsOf(asked)).not.toContain('support_access.requested');
});

describe('a page', () => {
  test('of few among many stops after so many rows, says how far it came, and goes on from there', async () => {
    const at = await bureau();
    const [first] = await all(at);
    await at.db.query(
      'superuser',
      `insert into audit_events (action, actor, tenant_id, request_id, details)
       select 'access.searched', 'key:reader', t.id, 'filler', '{}' from tenants t, generate_series(1, 230000) where key = 'acme'`,
    );
    const ada = await at.actor('ada');
    const wish = { tenant: 'acme', action: 'tenant.created', since: { minutesAgo: 1_440 } };
    const page = await seen(at.seek(ada, wish));
    expect(page.page).toMatchObject({ rows: [], older: expect.any(String), reached: expect.any(Date) });
    expect(Number(page.page.older)).toBeGreaterThan(Number(first?.id) + 20_000);
    const next = await seen(at.seek(ada, wish, { before: page.page.older }));
    expect(next.page).toMatchObject({ rows: [{ action: 'tenant.created' }], older: null, reached: null });
  }, 60_000);
});
