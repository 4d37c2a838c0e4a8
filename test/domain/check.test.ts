import { describe, expect, test } from 'vitest';
import { type ActionRule, scopesFor, semantics, stopsAt, subjectName } from '../../src/domain/check.ts';

const ISSUER = 'https://id.example.com';

describe('the name of a subject', () => {
  test.each([
    ['slack:T0HOME:U0OPS', { provider: 'slack', issuer: 'T0HOME', externalId: 'U0OPS', name: 'slack:T0HOME:U0OPS' }],
    [`oidc:${ISSUER}#00u1`, { provider: 'oidc', issuer: ISSUER, externalId: '00u1', name: `oidc:${ISSUER}#00u1` }],
    [
      `oidc:${ISSUER}#a#b\nc`,
      { provider: 'oidc', issuer: ISSUER, externalId: 'a#b\nc', name: `oidc:${ISSUER}#a#b\nc` },
    ],
    ['00u1', { provider: 'oidc', issuer: ISSUER, externalId: '00u1', name: `oidc:${ISSUER}#00u1` }],
    ['auth0|5f', { provider: 'oidc', issuer: ISSUER, externalId: 'auth0|5f', name: `oidc:${ISSUER}#auth0|5f` }],
    ['urn:x:y', { provider: 'oidc', issuer: ISSUER, externalId: 'urn:x:y', name: `oidc:${ISSUER}#urn:x:y` }],
  ])('%j is read', (id, name) => expect(subjectName(id, ISSUER)).toEqual(name));

  test.each([
    ...[
      '',
      'slack:',
      'slack:T0HOME',
      'slack:T0HOME:',
      'slack::U0OPS',
      'slack:T0HOME:U0OPS:more',
      'oidc:',
      'oidc:x',
      `oidc:${ISSUER}#`,
    ],
    ...['oidc:#00u1', 'key:reader', 'service:x', 'system:clock', 'other:service:slack:T0HOME:U0OPS'],
  ])('%j names nobody', (id) => expect(subjectName(id, ISSUER)).toBeNull());

  test('without its provider is nobody where none goes without saying', () => {
    expect(subjectName('00u1', null)).toBeNull();
    expect(subjectName('slack:T0HOME:U0OPS', null)).not.toBeNull();
  });
});

describe('what an action needs', () => {
  const rule: ActionRule = {
    needs: ['content_access'],
    when: [
      { resource: { status: 'archived', held: true }, action: {}, needs: ['workspace_recovery'] },
      { resource: {}, action: { soft: false }, needs: ['reenable_admin', 'workspace_recovery'] },
    ],
  };
  const needs = (resource: object, act: object = {}, action = 'doc.delete') =>
    scopesFor({ 'doc.delete': rule }, { action, resourceProperties: { ...resource }, actionProperties: { ...act } });

  test.each([
    [{}, {}, ['content_access']],
    [{ status: 'archived' }, {}, ['content_access']],
    [{ status: 'archived', held: true, more: 1 }, {}, ['workspace_recovery']],
    [{ status: 'archived', held: 'true' }, {}, ['content_access']],
    [{}, { soft: false }, ['reenable_admin', 'workspace_recovery']],
    [{}, { soft: true }, ['content_access']],
    [{ status: 'archived', held: true }, { soft: false }, ['workspace_recovery']],
  ])('of %j done with %j', (resource, act, scopes) => expect(needs(resource, act)).toEqual(scopes));

  test('is nothing that anybody could have, where nobody configured it', () => {
    expect(needs({}, {}, 'doc.read')).toEqual([]);
    expect(needs({}, {}, 'constructor')).toEqual([]);
    expect(needs({}, {}, '__proto__')).toEqual([]);
  });

  test('is not looked up among what every object inherits', () => {
    const inherits = {
      needs: ['content_access'],
      when: [{ resource: { toString: 'x' }, action: {}, needs: ['audit_view'] }],
    } as const;
    expect(scopesFor({ a: inherits }, { action: 'a', resourceProperties: {}, actionProperties: {} })).toEqual([
      'content_access',
    ]);
  });
});

test('each semantic stops where it says', () => {
  const stops = semantics.map((semantic) => [stopsAt(semantic, true), stopsAt(semantic, false)]);
  expect(stops).toEqual([
    [false, false],
    [false, true],
    [true, false],
  ]);
});
