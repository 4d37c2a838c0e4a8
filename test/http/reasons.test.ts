import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Scope } from '../../src/domain/words.ts';
import { grantOf, OLIVIA, question, startTestApi, type TestApi } from '../support/api.ts';
import { aPerson, close, inScope, requestedGrant } from '../support/builders.ts';

const MINUTE = 60_000;

/** Why a check is answered as it is, and what it is about. */
let api: TestApi;
let key: string;
beforeEach(async () => {
  api = await startTestApi();
  key = await api.key({ days: 7 });
});
afterEach(() => api.stop());

interface Decision {
  decision: boolean;
  context: { reason: string; grants?: string[]; missing_scopes?: string[]; expires_at?: string };
}
const ask = async (action: string, tenant = api.world.acmeKey, subject = OLIVIA): Promise<Decision> => {
  const response = await api.post('/access/v1/evaluation', key, question(tenant, { action, subject }));
  return (await response.json()) as Decision;
};
const have = (scope: Scope, world: Partial<TestApi['world']> = {}) =>
  grantOf(api.session, { ...api.world, ...world }, scope);
const end = (grant: string, state: string) =>
  inScope(api.session, api.world.acme, () => close(api.session, grant, state));

describe('a recovery needs the break-glass session of its outcome and the recovery grant, of one operator on one tenant', () => {
  const outcomes = [
    ['workspace.create_owner', 'create_platform_owner'],
    ['workspace.reset_password', 'reset_admin_password'],
    ['workspace.reenable_admin', 'reenable_admin'],
  ] as const;

  test.each(outcomes)('%s: both halves are a yes, until the first of them ends', async (action, outcome) => {
    const first = await have(outcome);
    const second = await have('workspace_recovery');
    const { decision, context } = await ask(action);
    expect([decision, context.reason, context.grants]).toEqual([true, 'granted', [first, second]]);
    await end(second, 'ended');
    expect(await ask(action)).toMatchObject({
      decision: false,
      context: { reason: 'missing_scopes', missing_scopes: ['workspace_recovery'] },
    });
  });

  test.each(outcomes)('%s: each missing half is named', async (action, outcome) => {
    expect(await ask(action)).toMatchObject({ decision: false, context: { reason: 'no_grant' } });
    const half = await have(outcome);
    expect(await ask(action)).toMatchObject({
      decision: false,
      context: { reason: 'missing_scopes', missing_scopes: ['workspace_recovery'], grants: [half] },
    });
    await end(half, 'ended');
    const other = await have('workspace_recovery');
    expect(await ask(action)).toMatchObject({
      decision: false,
      context: { reason: 'missing_scopes', missing_scopes: [outcome], grants: [other] },
    });
  });

  test.each(outcomes)('%s: the session of another outcome is not the one', async (action, outcome) => {
    for (const [, another] of outcomes) if (another !== outcome) await have(another);
    await have('content_access');
    await have('workspace_recovery');
    expect(await ask(action)).toMatchObject({ decision: false, context: { missing_scopes: [outcome] } });
  });

  test('halves of two operators make no whole', async () => {
    await have('create_platform_owner');
    await have('workspace_recovery', { operator: await aPerson(api.session, 'U0OMAR') });
    for (const subject of [OLIVIA, 'slack:T0HOME:U0OMAR']) {
      const { decision, context } = await ask('workspace.create_owner', api.world.acmeKey, subject);
      expect([decision, context.reason]).toEqual([false, 'missing_scopes']);
    }
  });

  test('halves on two tenants make no whole', async () => {
    await have('create_platform_owner');
    await have('workspace_recovery', { acme: api.world.globex });
    for (const tenant of [api.world.acmeKey, api.world.globexKey]) {
      const { decision, context } = await ask('workspace.create_owner', tenant);
      expect([decision, context.reason]).toEqual([false, 'missing_scopes']);
    }
  });

  test('one kind does not stand in for the other: support access opens no content', async () => {
    await have('workspace_recovery');
    await have('audit_view');
    expect(await ask('content.read')).toMatchObject({ decision: false, context: { reason: 'wrong_scope' } });
  });
});

describe('the reason', () => {
  test('of a grant that waits for approval is that there is none', async () => {
    await requestedGrant(api.session, api.world);
    expect(await ask('content.read')).toMatchObject({ decision: false, context: { reason: 'no_grant' } });
  });

  test.each(['ended', 'revoked', 'expired'] as const)(
    'after the end says how it ended, for a day: %s',
    async (state) => {
      const grant = await have('content_access');
      if (state === 'expired') await api.db.clock.advance(60 * MINUTE);
      await end(grant, state);
      expect(await ask('content.read')).toMatchObject({ decision: false, context: { reason: state, grants: [grant] } });
      await api.db.clock.advance((24 * 60 + 1) * MINUTE);
      expect(await ask('content.read')).toEqual({
        decision: false,
        context: { reason: 'no_grant', evaluation_id: expect.any(String) },
      });
    },
  );

  test('of a grant that ran out is so at the moment, whether or not anybody swept', async () => {
    const grant = await have('content_access');
    await api.db.clock.advance(59 * MINUTE);
    expect(await ask('content.read')).toMatchObject({ decision: true });
    await api.db.clock.advance(1 * MINUTE);
    expect(await ask('content.read')).toMatchObject({
      decision: false,
      context: { reason: 'expired', grants: [grant] },
    });
  });

  test('of a new grant counts, whatever ended before', async () => {
    await end(await have('content_access'), 'revoked');
    const grant = await have('content_access');
    expect(await ask('content.read')).toMatchObject({ decision: true, context: { grants: [grant] } });
  });
});

describe('uses', () => {
  const counts = () =>
    api.db.query<{ grant_id: string; action: string; allowed: boolean; uses: number }>(
      'superuser',
      'select grant_id, action, allowed, sum(uses)::int as uses from use_counts group by 1, 2, 3 order by 2, 3, 1',
    );

  test('are counted for every grant that an answer is about, yes and no apart', async () => {
    const session = await have('create_platform_owner');
    await ask('workspace.create_owner');
    const recovery = await have('workspace_recovery');
    for (let i = 0; i < 3; i += 1) await ask('workspace.create_owner');
    await ask('content.read');
    const of = (grant_id: string, action: string, allowed: boolean, uses: number) => ({
      grant_id,
      action,
      allowed,
      uses,
    });
    const sorted = (grants: string[]) => [...grants].sort();
    expect(await counts()).toEqual([
      ...sorted([session, recovery]).map((grant) => of(grant, 'content.read', false, 1)),
      of(session, 'workspace.create_owner', false, 1),
      ...sorted([session, recovery]).map((grant) => of(grant, 'workspace.create_owner', true, 3)),
    ]);
  });

  test('are as many as rows on record, one for each grant, also when many ask at once', async () => {
    await have('content_access');
    await Promise.all(Array.from({ length: 200 }, (_, i) => ask(i % 4 ? 'content.read' : 'audit.view')));
    const rows = await api.db.query(
      'superuser',
      `select details->>'action' as action, action = 'access.allowed' as allowed, count(*)::int as uses
         from audit_events where action like 'access.%' group by 1, 2 order by 1`,
    );
    expect(rows).toEqual([
      { action: 'audit.view', allowed: false, uses: 50 },
      { action: 'content.read', allowed: true, uses: 150 },
    ]);
    expect((await counts()).map(({ action, allowed, uses }) => ({ action, allowed, uses }))).toEqual(rows);
  });

  test('are told to whoever watches how many there are, grant by grant', async () => {
    const session = await have('create_platform_owner');
    const recovery = await have('workspace_recovery');
    await ask('workspace.create_owner');
    expect(api.used).toEqual([session, recovery]);
    await ask('content.read', api.world.globexKey);
    expect(api.used).toEqual([session, recovery]);
  });
});
