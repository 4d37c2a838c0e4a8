import { describe, expect, test } from 'vitest';
import { breakGlassScopes, type Scope } from '../../src/domain/words.ts';
import { file, mistakesIn, named, settingsOf, tenants } from './files.ts';

const legs = (scope: Scope, list: string) => file({ scopes: `{ ${scope}: { legs: [${list}] } }` });
const needs = (action: string, list: string) => file({ actions: `{ ${action}: { needs: [${list}] } }` });

describe('no file goes below the floors', () => {
  test.each(breakGlassScopes.flatMap((scope) => ['', 'owner', 'ops', 'security'].map((list) => ({ scope, list }))))(
    'a break-glass scope keeps two different legs: $scope with [$list]',
    ({ scope, list }) => {
      const found = JSON.stringify(list === '' ? [] : [list]);
      expect(mistakesIn(legs(scope, list))).toEqual(
        named([`scopes.${scope}.legs: expected at least two different legs for a break-glass scope, found ${found}`]),
      );
    },
  );

  test.each(breakGlassScopes)('the same leg twice does not make two: %s', (scope) => {
    expect(mistakesIn(legs(scope, 'security, security'))).toEqual(
      named([`scopes.${scope}.legs: expected each leg once, found ["security","security"]`]),
    );
  });

  test.each(['', 'ops', 'security', 'ops, security'])('workspace_recovery keeps its owner: [%s]', (list) => {
    const found = JSON.stringify(list === '' ? [] : list.split(', '));
    expect(mistakesIn(legs('workspace_recovery', list))).toEqual(
      named([`scopes.workspace_recovery.legs: expected owner to be one of them, found ${found}`]),
    );
  });

  test.each([
    ['workspace.create_owner', 'create_platform_owner'],
    ['workspace.create_owner', 'create_platform_owner, content_access'],
    ['workspace.reset_password', 'workspace_recovery'],
    ['workspace.reset_password', 'workspace_recovery, audit_view'],
    ['workspace.reenable_admin', 'reenable_admin, reenable_admin'],
    ['workspace.of_our_own', 'workspace_recovery'],
  ])('an action on a workspace keeps needing both kinds: %s with [%s]', (action, list) => {
    expect(mistakesIn(needs(action, list))).toEqual(
      named([
        `actions.${action}.needs: expected a break-glass and a support-access scope, found ${JSON.stringify(list.split(', '))}`,
      ]),
    );
  });

  test('and so does each of its variants', () => {
    const when = '[{ resource: { a: b }, needs: [reenable_admin] }]';
    const text = file({
      actions: `{ workspace.x: { needs: [reenable_admin, workspace_recovery], when: ${when} } }`,
    });
    expect(mistakesIn(text)).toEqual(
      named([
        'actions.workspace.x.when[0].needs: expected a break-glass and a support-access scope, found ["reenable_admin"]',
      ]),
    );
  });

  test('only audit_view may have no legs', () => {
    expect(settingsOf(legs('audit_view', '')).scopes.audit_view.legs).toEqual([]);
    const all = Object.keys(settingsOf(file()).scopes);
    const refused = all.filter((scope) => mistakesIn(legs(scope as Scope, '')).length === 1);
    expect(refused).toEqual(all.filter((scope) => scope !== 'audit_view'));
  });

  test('each floor that a file breaks is told', () => {
    const text = file({
      scopes: '{ content_access: { legs: [owner] }, workspace_recovery: { legs: [ops] } }',
      actions: '{ workspace.a: { needs: [workspace_recovery] }, workspace.b: { needs: [reenable_admin] } }',
    });
    expect(mistakesIn(text).map((line) => line.split(':')[1]?.trim())).toEqual([
      'scopes.content_access.legs',
      'scopes.workspace_recovery.legs',
      'actions.workspace.a.needs',
      'actions.workspace.b.needs',
    ]);
  });
});

describe('above the floors, the file decides', () => {
  test.each([
    ['content_access', 'ops, security'],
    ['content_access', 'owner, ops, security'],
    ['create_platform_owner', 'owner, ops'],
    ['workspace_recovery', 'owner, security'],
    ['audit_view', 'owner'],
  ] as const)('%s may have [%s]', (scope, list) => {
    expect(settingsOf(legs(scope, list)).scopes[scope].legs).toEqual(list.split(', '));
  });

  test.each([
    ['content.read', 'audit_view'],
    ['billing.read', 'content_access, workspace_recovery'],
    ['workspace.create_owner', 'reset_admin_password, workspace_recovery'],
    ['workspaces', 'audit_view'], // no action on a workspace by its name
  ])('%s may need [%s]', (action, list) => {
    expect(settingsOf(needs(action, list)).actions[action]).toEqual({ needs: list.split(', '), when: [] });
  });
});

describe('a file does not contradict itself', () => {
  test('the key system is taken', () => {
    expect(mistakesIn(file({ tenants: '[{ key: system, name: S }]' }))).toEqual(
      named(['tenants[0].key: expected a key other than system, which is taken, found "system"']),
    );
  });

  test('a tenant is there once', () => {
    const text = file({
      tenants: '[{ key: a, name: A }, { key: b, name: B }, { key: a, name: C }, { key: b, name: D }]',
    });
    expect(mistakesIn(text)).toEqual(
      named([
        'tenants[2].key: expected each key once, found "a" again',
        'tenants[3].key: expected each key once, found "b" again',
      ]),
    );
  });

  test('owners need a channel where they are asked', () => {
    expect(mistakesIn(tenants('owners: [U0ANNA]'))).toEqual(
      named(['tenants[0].channel: expected a channel where the owners are asked, found nothing']),
    );
  });

  test.each(['U0ANNA, U0ANNA', "U0ANNA, 'T0HOME:U0ANNA'", 'U0ANNA, { person: U0ANNA, guest: true }'])(
    'an owner is there once, however they are written: [%s]',
    (list) => {
      expect(mistakesIn(tenants(`channel: C0ACME, owners: [${list}]`))).toEqual(
        named(['tenants[0].owners[1]: expected each person once, found "T0HOME:U0ANNA" again']),
      );
    },
  );

  test('the same id in another company is another person', () => {
    expect(mistakesIn(tenants("channel: C0ACME, owners: [U0ANNA, 'T0ACME:U0ANNA']"))).toEqual([]);
  });
});
