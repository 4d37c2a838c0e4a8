import { describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/people.ts';
import { end } from '../../src/usecases/end.ts';
import { revoke } from '../../src/usecases/revoke.ts';
import { configured } from '../journeys/configurations.ts';
import { active, grantOf, type Office, stateOf, work } from './office.ts';
import { bureau, fillUpTo, granted, onRecord, refusal, seen } from './trail.ts';

describe('is refused with one and the same', () => {
  interface Case {
    who: string;
    /** @returns who looks, and at which tenant */
    given(at: Office): Promise<[Actor, string | null]>;
    /** Why, by the check's own record; undefined where no check was asked. */
    reason?: string;
  }
  const olivia = (at: Office) => at.actor('olivia');
  const cases: Case[] = [
    { who: 'an operator without a grant', given: async (at) => [await olivia(at), 'acme'], reason: 'no_grant' },
    {
      who: 'of a tenant that does not exist',
      given: async (at) => {
        await granted(at);
        return [await olivia(at), 'umbrella'];
      },
      reason: 'no_grant',
    },
    {
      who: 'of a tenant that nothing could be called',
      given: async (at) => [await olivia(at), 'ac\0me'],
      reason: 'no_grant',
    },
    {
      who: 'with a grant on another tenant',
      given: async (at) => {
        await granted(at, 'olivia', 'globex');
        return [await olivia(at), 'acme'];
      },
      reason: 'no_grant',
    },
    {
      who: 'with the grant of somebody else',
      given: async (at) => {
        await granted(at, 'omar');
        return [await olivia(at), 'acme'];
      },
      reason: 'no_grant',
    },
    {
      who: 'with access to the content of the tenant',
      given: async (at) => {
        await active(at);
        return [await olivia(at), 'acme'];
      },
      reason: 'wrong_scope',
    },
    {
      who: 'a moment after giving it back',
      given: async (at) => {
        await end(at.context, { actor: await olivia(at), grant: await granted(at) }, work());
        return [await olivia(at), 'acme'];
      },
      reason: 'ended',
    },
    {
      who: 'a moment after it was revoked',
      given: async (at) => {
        const command = {
          actor: await at.actor('anna'),
          grant: await granted(at),
          reason: 'Nobody needs that any more',
        };
        grantOf(await revoke(at.context, command, work()));
        return [await olivia(at), 'acme'];
      },
      reason: 'revoked',
    },
    {
      who: 'past the end of the grant, which no clock has swept',
      given: async (at) => {
        const grant = await granted(at);
        await at.db.clock.advance(61 * 60_000);
        expect(await stateOf(at, grant)).toBe('active');
        return [await olivia(at), 'acme'];
      },
      reason: 'expired',
    },
    {
      who: 'somebody who is no operator any more, whose grant nobody has taken back yet',
      given: async (at) => {
        await granted(at);
        return [await at.somebody('T0HOME:U0OLIVIA'), 'acme'];
      },
    },
    {
      who: 'an operator who became a guest',
      given: async (at) => {
        await granted(at);
        return [{ ...(await olivia(at)), standing: 'guest' }, 'acme'];
      },
    },
    { who: 'an owner, of another tenant', given: async (at) => [await at.actor('anna'), 'globex'] },
    { who: 'an owner, of a tenant that does not exist', given: async (at) => [await at.actor('anna'), 'umbrella'] },
    { who: 'an auditor, of a tenant that does not exist', given: async (at) => [await at.actor('ada'), 'umbrella'] },
    { who: 'ops', given: async (at) => [await at.actor('petra'), 'acme'] },
    {
      who: 'an auditor who became a guest',
      given: async (at) => [{ ...(await at.actor('ada')), standing: 'guest' }, 'acme'],
    },
    {
      who: 'an owner who became a guest, whose file does not say that guests may',
      given: async (at) => [{ ...(await at.actor('anna')), standing: 'guest' }, 'acme'],
    },
    {
      who: 'security that was deactivated a moment ago',
      given: async (at) => [{ ...(await at.actor('sam')), standing: 'refused' }, 'acme'],
    },
  ];

  test.each(cases)('$who', async ({ given, reason }) => {
    const at = await bureau();
    const [actor, tenantKey] = await given(at);
    expect(await at.look(actor, tenantKey)).toMatchObject(refusal);
    expect(await at.look(actor, tenantKey, '999')).toMatchObject(refusal);

    const asked = await onRecord(at, 'access.allowed', 'access.denied');
    const record = { action: 'access.denied', actor: actor.name, details: { action: 'audit.view', reason } };
    expect(asked).toMatchObject(reason === undefined ? [] : [record, record]);
    await at.context.refusals.flush();
    const about = tenantKey?.includes('\0') ? null : tenantKey;
    const details = { verb: 'audit', refusal: 'no_audit_view', about, times: 1 };
    const tried = { action: 'access.refused', actor: actor.name, tenant: null, details };
    expect(await onRecord(at, 'access.refused')).toMatchObject([tried, tried]);
  });
});

test('access that is revoked between two pages ends with the page that was read', async () => {
  const at = await bureau();
  const grant = await granted(at);
  await fillUpTo(at, 'acme', 30);
  const olivia = await at.actor('olivia');
  const { page } = await seen(at.look(olivia, 'acme'));
  grantOf(
    await revoke(at.context, { actor: await at.actor('sam'), grant, reason: 'That was the wrong tenant' }, work()),
  );
  expect(await at.look(olivia, 'acme', page.older)).toMatchObject(refusal);
  const uses = await at.db.query(
    'superuser',
    'select allowed, uses::int from use_counts where grant_id = $1 order by 1',
    [grant],
  );
  expect(uses).toEqual([
    { allowed: false, uses: 1 },
    { allowed: true, uses: 1 },
  ]);
});

test('a look at another tenant’s trail is in that tenant’s own, and in nobody else’s', async () => {
  const at = await bureau();
  await granted(at);
  const olivia = await at.actor('olivia');
  await at.look(olivia, 'globex');
  const { page } = await seen(at.look(olivia, 'acme'));
  expect(JSON.stringify(page)).not.toContain('globex');
  expect(await onRecord(at, 'access.denied')).toMatchObject([{ tenant: 'globex', details: { tenant: 'globex' } }]);
});

test('nothing is shown that could not be put on record', async () => {
  const at = await bureau();
  await granted(at);
  const olivia = await at.actor('olivia');
  await at.db.query(
    'owner',
    `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_more before insert on audit_events for each row execute function no_more()`,
  );
  await expect(at.look(olivia, 'acme')).rejects.toThrow('disk full');
});

test('a process on an older configuration shows nothing and says why; that is no try of anybody’s', async () => {
  const at = await bureau();
  await granted(at);
  const { look } = at;
  await at.adopt(configured({ 'name: Globex': 'name: Globex Inc' }));
  const olivia = await at.actor('olivia');
  expect(await look(olivia, 'acme')).toMatchObject({ kind: 'refused', refusal: { kind: 'policy_outdated' } });
  expect(await onRecord(at, 'access.refused', 'access.allowed', 'access.denied')).toEqual([]);
});
