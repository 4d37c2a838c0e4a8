import { describe, expect, test } from 'vitest';
import { end, revoke, withdraw } from '../../src/domain/close.ts';
import { approve, deny } from '../../src/domain/decide.ts';
import type { Closed, Grant } from '../../src/domain/grant.ts';
import type { Refusal } from '../../src/domain/refusals.ts';
import {
  active,
  aGrant,
  anActiveGrant,
  aPolicy,
  at,
  decided,
  operator,
  owner,
  owners,
  refusalOf,
  security,
} from './builders.ts';

const closed: Closed = { at: at(7), by: 'somebody', reason: null };
const byClock: Closed = { ...closed, by: null };
const used = { activatedAt: at(5), expiresAt: at(65) };

describe('who decides too late is told who decided, and when', () => {
  const ownerAgreed: Refusal = { kind: 'leg_decided', leg: 'owner', decision: decided('owner', { at: at(5) }) };
  const ownerDenied = decided('owner', { verdict: 'denied', at: at(5) });
  const told: [string, Grant, Date, Refusal][] = [
    ['the leg is approved', anActiveGrant({ status: { state: 'requested' } }), at(10), ownerAgreed],
    ['it is active', anActiveGrant(), at(20), ownerAgreed],
    ['it has expired and nobody swept', anActiveGrant(), at(70), ownerAgreed],
    [
      'this leg was denied',
      aGrant({ legs: [{ role: 'owner', decision: ownerDenied }], status: { state: 'denied', closed } }),
      at(10),
      { kind: 'leg_decided', leg: 'owner', decision: ownerDenied },
    ],
    [
      'another leg was denied',
      aGrant({ status: { state: 'denied', closed } }),
      at(10),
      { kind: 'not_requested', state: 'denied', by: 'somebody', at: at(7) },
    ],
    [
      'it was withdrawn',
      aGrant({ status: { state: 'withdrawn', closed } }),
      at(10),
      { kind: 'not_requested', state: 'withdrawn', by: 'somebody', at: at(7) },
    ],
    [
      'the clock lapsed it',
      aGrant({ status: { state: 'lapsed', closed: byClock } }),
      at(70),
      { kind: 'not_requested', state: 'lapsed', by: null, at: at(7) },
    ],
    [
      'it is due to lapse, and nobody swept',
      aGrant(),
      at(61),
      { kind: 'not_requested', state: 'lapsed', by: null, at: at(60) },
    ],
  ];
  const decideLeg = (grant: Grant, actor: typeof owner, now: Date) => {
    const grounds = { now, policy: aPolicy(), owners };
    return [
      approve(grant, actor, { leg: 'owner', minutes: null, comment: null }, grounds),
      approve(grant, actor, { leg: 'owner', minutes: 600, comment: 'Late\0' }, grounds),
      deny(grant, actor, 'owner', '', grounds),
    ].map(refusalOf);
  };

  test.each(told)('%s', (_, grant, now, refusal) => {
    expect(decideLeg(grant, owner, now)).toEqual([refusal, refusal, refusal]);
  });

  test.each(told)('but who may not decide learns nothing of it: %s', (_, grant, now) => {
    const nothing = { kind: 'not_the_role', leg: 'owner' };
    expect(decideLeg(grant, security, now)).toEqual([nothing, nothing, nothing]);
  });
});

describe('who withdraws too late is told what became of the request', () => {
  const told: [string, Grant, Date, Omit<Extract<Refusal, { kind: 'not_requested' }>, 'kind'>][] = [
    ['it is active', anActiveGrant(), at(20), { state: 'active', by: 'security', at: at(10) }],
    [
      'it is active, its legs approved in another order',
      anActiveGrant({
        legs: [
          { role: 'owner', decision: decided('owner', { at: at(10) }) },
          { role: 'security', decision: decided('security', { at: at(5) }) },
        ],
      }),
      at(20),
      { state: 'active', by: 'owner', at: at(10) },
    ],
    [
      'it was active at once',
      aGrant({ scope: 'audit_view', status: active(0, 240) }),
      at(20),
      { state: 'active', by: null, at: at(0) },
    ],
    ['it has expired, and nobody swept', anActiveGrant(), at(70), { state: 'expired', by: null, at: at(70) }],
    ['it is due to lapse', aGrant(), at(60), { state: 'lapsed', by: null, at: at(60) }],
    [
      'it was revoked',
      anActiveGrant({ status: { state: 'revoked', ...used, closed } }),
      at(20),
      { state: 'revoked', by: 'somebody', at: at(7) },
    ],
  ];
  test.each(told)('%s', (_, grant, now, rest) => {
    expect(refusalOf(withdraw(grant, operator, now))).toEqual({ kind: 'not_requested', ...rest });
  });
});

describe('who ends or revokes too late is told how it ended', () => {
  const told: [string, Grant, Date, Omit<Extract<Refusal, { kind: 'not_active' }>, 'kind'>][] = [
    ['it waits', aGrant(), at(20), { state: 'requested', by: null, at: null }],
    ['it is due to expire', anActiveGrant(), at(70), { state: 'expired', by: null, at: at(70) }],
    ...(['ended', 'revoked', 'expired'] as const).map((state): (typeof told)[number] => [
      `it has ${state}`,
      anActiveGrant({ status: { state, ...used, closed } }),
      at(20),
      { state, by: 'somebody', at: at(7) },
    ]),
    ...(['denied', 'withdrawn', 'lapsed'] as const).map((state): (typeof told)[number] => [
      `it was ${state}`,
      aGrant({ status: { state, closed: byClock } }),
      at(20),
      { state, by: null, at: at(7) },
    ]),
  ];
  test.each(told)('%s', (_, grant, now, rest) => {
    const refusal = { kind: 'not_active', ...rest };
    expect(refusalOf(end(grant, operator, now))).toEqual(refusal);
    expect(refusalOf(revoke(grant, owner, '', { now, owners }))).toEqual(refusal);
  });

  test.each(told)('but not who may do neither: %s', (_, grant, now) => {
    expect(refusalOf(end(grant, owner, now))).toEqual({ kind: 'not_yours' });
    expect(refusalOf(withdraw(grant, owner, now))).toEqual({ kind: 'not_yours' });
    expect(refusalOf(revoke(grant, operator, '', { now, owners }))).toEqual({ kind: 'not_the_role', leg: 'revoker' });
  });
});
