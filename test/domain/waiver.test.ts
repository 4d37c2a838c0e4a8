import { describe, expect, test } from 'vitest';
import { request } from '../../src/domain/request.ts';
import type { LegRole, Scope } from '../../src/domain/words.ts';
import {
  aGrant,
  aPolicy,
  asked,
  aTenant,
  at,
  eventsOf,
  grantAfter,
  operator,
  owners,
  refusalOf,
  requestGrounds,
} from './builders.ts';

const ownerless = aTenant({ owners: [] });
const ask = (scope: Scope, tenant = ownerless, now = at(0), policy = aPolicy()) =>
  request(operator, asked({ scope }), requestGrounds({ tenant, now, policy }));

describe('where a tenant has no owner', () => {
  const instead: [Scope, LegRole[], LegRole[]][] = [
    ['content_access', ['owner', 'security'], ['security', 'ops']],
    ['content_access', ['owner', 'ops'], ['ops', 'security']],
    ['content_access', ['owner', 'ops', 'security'], ['ops', 'security']],
    ['workspace_recovery', ['owner'], ['ops', 'security']],
  ];
  test.each(instead)('%s of the legs %j needs %j instead, and the waiver is a fact of its own', (scope, has, needs) => {
    const decision = ask(scope, ownerless, at(0), aPolicy({ [scope]: { legs: has } }));
    const grant = grantAfter(aGrant(), decision);
    expect(grant.waived).toBe(true);
    expect(grant.legs).toEqual(needs.map((role) => ({ role, decision: null })));
    expect(grant.status.state).toBe('requested');
    expect(eventsOf(decision).slice(1)).toEqual([{ name: 'ownerless_waived', legs: needs }]);
  });

  const unchanged: Scope[] = ['create_platform_owner', 'reset_admin_password', 'reenable_admin', 'audit_view'];
  test.each(unchanged)('%s, which needs no owner, is as ever: nothing to waive, no pause', (scope) => {
    const without = ask(scope, aTenant({ owners: [], ownersChangedAt: at(-1) }));
    expect(eventsOf(without)).toEqual(eventsOf(ask(scope, aTenant())));
    expect(eventsOf(without).map(({ name }) => name)).not.toContain('ownerless_waived');
    expect(grantAfter(aGrant(), without).waived).toBe(false);
  });
});

describe('who removes the owners gets no waiver: for 24 hours after they changed there is none', () => {
  const changedAt = at(-600);
  const tenant = aTenant({ owners: [], ownersChangedAt: changedAt });
  const until = at(-600 + 24 * 60);
  const moments: [string, Date, boolean][] = [
    ['at the change', changedAt, true],
    ['one millisecond before the day is over', at(-600 + 24 * 60, -1), true],
    ['when the day is over', until, false],
    ['a week later', at(-600 + 7 * 24 * 60), false],
  ];
  test.each(moments)('%s', (_, now, paused) => {
    const decision = ask('content_access', tenant, now);
    if (paused) expect(refusalOf(decision)).toEqual({ kind: 'waiver_paused', until });
    else expect(eventsOf(decision).map(({ name }) => name)).toEqual(['requested', 'ownerless_waived']);
  });

  test('a tenant that still has an owner needs no waiver, however lately the owners changed', () => {
    const decision = ask('content_access', aTenant({ owners, ownersChangedAt: at(-1) }));
    expect(grantAfter(aGrant(), decision).legs.map(({ role }) => role)).toEqual(['owner', 'security']);
    expect(eventsOf(decision).map(({ name }) => name)).toEqual(['requested']);
  });
});
