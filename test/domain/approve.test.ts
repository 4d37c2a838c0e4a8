import { describe, expect, test } from 'vitest';
import { type Approval, approve, type DecideGrounds, deny } from '../../src/domain/decide.ts';
import type { Grant } from '../../src/domain/grant.ts';
import type { Actor } from '../../src/domain/people.ts';
import type { LegRole } from '../../src/domain/words.ts';
import {
  active,
  aGrant,
  aPolicy,
  at,
  decided,
  eventsOf,
  frozen,
  grantAfter,
  legs,
  ops,
  owner,
  owners,
  refusalOf,
  security,
  someone,
} from './builders.ts';

const grounds = (overrides: Partial<DecideGrounds> = {}): DecideGrounds => ({
  now: at(10),
  policy: aPolicy(),
  owners,
  ...overrides,
});
const click = (grant: Grant, actor: Actor, approval: Partial<Approval> & { leg: LegRole }, world = {}) =>
  approve(frozen(grant), frozen(actor), { minutes: null, comment: null, ...approval }, frozen(grounds(world)));
const both = someone('both', { roles: { ops: 'named', security: 'named' } });
const halfAgreed = aGrant({
  legs: [
    { role: 'owner', decision: decided('owner', { at: at(5) }) },
    { role: 'security', decision: null },
  ],
});

describe('the last approval starts the clock', () => {
  test('an approval that is not the last one activates nothing', () => {
    expect(eventsOf(click(aGrant(), owner, { leg: 'owner', comment: 'Fine.' }))).toEqual([
      { name: 'approved', leg: 'owner', by: 'owner', at: at(10), minutes: null, comment: 'Fine.' },
    ]);
  });

  test('a leg keeps who approved it, when, for how long and with which words', () => {
    const half = grantAfter(aGrant(), click(aGrant(), owner, { leg: 'owner', minutes: 45, comment: 'Fine.' }));
    const made = { verdict: 'approved', by: 'owner', at: at(10), minutes: 45, comment: 'Fine.' };
    expect(half.legs).toEqual([
      { role: 'owner', decision: made },
      { role: 'security', decision: null },
    ]);
  });

  test('the time runs from the activation, not from the request', () => {
    const [, activated] = eventsOf(click(halfAgreed, security, { leg: 'security' }, { now: at(59) }));
    expect(activated).toEqual({ name: 'activated', at: at(59), expiresAt: at(119), minutes: 60 });
  });

  test('the order in which the legs are approved does not matter', () => {
    const turns: [Actor, LegRole, number | null][] = [
      [owner, 'owner', 45],
      [security, 'security', 30],
    ];
    const end = (order: typeof turns) =>
      order.reduce(
        (grant, [actor, leg, minutes]) => grantAfter(grant, click(grant, actor, { leg, minutes })),
        aGrant(),
      );
    // Second in the second order, 45 would lengthen: that approver agrees as it stands.
    const reversed: typeof turns = [
      [security, 'security', 30],
      [owner, 'owner', null],
    ];
    expect(end(turns).status).toEqual(active(10, 30));
    expect(end(reversed).status).toEqual(end(turns).status);
  });
});

describe('an approver may shorten, never lengthen; the shortest counts', () => {
  const shorter: [string, number | null, number | null, number][] = [
    ['nobody shortens: as asked', null, null, 60],
    ['the first shortens', 45, null, 45],
    ['the last shortens', null, 20, 20],
    ['both shorten: the shortest', 45, 20, 20],
    ['to one minute', null, 1, 1],
  ];
  test.each(shorter)('%s', (_, first, last, minutes) => {
    const half = grantAfter(aGrant(), click(aGrant(), owner, { leg: 'owner', minutes: first }));
    const grant = grantAfter(half, click(half, security, { leg: 'security', minutes: last }));
    expect(grant.minutesGranted).toBe(minutes);
    expect(grant.minutesAsked).toBe(60);
    expect(grant.legs.map(({ decision }) => decision?.minutes)).toEqual([first, last]);
    expect(grant.status).toEqual(active(10, minutes));
  });

  test.each([0, -1, 60, 61, 29.5, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d minutes of 60 is not shorter',
    (minutes) => {
      expect(refusalOf(click(aGrant(), owner, { leg: 'owner', minutes }))).toEqual({
        kind: 'not_shorter',
        granted: 60,
      });
    },
  );

  test.each([30, 31, 60])('what was shortened to 30 is not shortened by %d', (minutes) => {
    const half = grantAfter(aGrant(), click(aGrant(), owner, { leg: 'owner', minutes: 30 }));
    expect(refusalOf(click(half, security, { leg: 'security', minutes }))).toEqual({
      kind: 'not_shorter',
      granted: 30,
    });
  });
});

describe('where the policy got stricter since the request, the stricter counts', () => {
  test.each([true, false])('a leg that was added keeps it from activation, last leg or not (%s)', (last) => {
    const policy = aPolicy({ content_access: { legs: ['owner', 'ops', 'security'] } });
    const grant = last ? halfAgreed : aGrant();
    expect(refusalOf(click(grant, security, { leg: 'security' }, { policy }))).toEqual({ kind: 'policy_stricter' });
  });

  test('a leg that was dropped is still needed: the request keeps the legs of its making', () => {
    const policy = aPolicy({ content_access: { legs: ['security'] } });
    const decision = click(aGrant(), security, { leg: 'security' }, { policy });
    expect(grantAfter(aGrant(), decision).status.state).toBe('requested');
  });

  test('a lower maximum shortens what is activated; a higher one lengthens nothing', () => {
    const lower = aPolicy({ content_access: { minutes: { default: 15, max: 20 } } });
    const cut = grantAfter(halfAgreed, click(halfAgreed, security, { leg: 'security' }, { policy: lower }));
    expect(cut.status).toEqual(active(10, 20));
    expect(cut.minutesGranted).toBe(20);
    const higher = aPolicy({ content_access: { minutes: { default: 60, max: 480 } } });
    const same = grantAfter(halfAgreed, click(halfAgreed, security, { leg: 'security' }, { policy: higher }));
    expect(same.status).toEqual(active(10, 60));
  });

  test('an approver who shortens below a lowered maximum is the shortest', () => {
    const policy = aPolicy({ content_access: { minutes: { default: 15, max: 20 } } });
    const decision = click(halfAgreed, security, { leg: 'security', minutes: 10 }, { policy });
    expect(grantAfter(halfAgreed, decision).status).toEqual(active(10, 10));
  });

  test('a shorter time to decide lapses what waits longer; a longer one extends nothing', () => {
    const shorter = { policy: aPolicy({ content_access: { lapseMinutes: 30 } }) };
    const lapsed = { kind: 'not_requested', state: 'lapsed', by: null, at: at(30) };
    const before = click(halfAgreed, security, { leg: 'security' }, { ...shorter, now: at(30, -1) });
    expect(grantAfter(halfAgreed, before).status.state).toBe('active');
    expect(refusalOf(click(halfAgreed, security, { leg: 'security' }, { ...shorter, now: at(30) }))).toEqual(lapsed);
    const longer = { policy: aPolicy({ content_access: { lapseMinutes: 600 } }), now: at(60) };
    expect(refusalOf(click(halfAgreed, security, { leg: 'security' }, longer))).toEqual({ ...lapsed, at: at(60) });
  });

  const waived = aGrant({ legs: legs('security', 'ops'), waived: true });
  test('a waiver does not outlive the lack of owners', () => {
    expect(refusalOf(click(waived, ops, { leg: 'ops' }))).toEqual({ kind: 'policy_stricter' });
    expect(grantAfter(waived, click(waived, ops, { leg: 'ops' }, { owners: [] })).status.state).toBe('requested');
  });

  test('a waiver stands for the owner leg alone', () => {
    const policy = aPolicy({ content_access: { legs: ['owner', 'ops', 'security'] } });
    const world = { policy, owners: [] };
    const lacksOps = aGrant({ legs: legs('security'), waived: true });
    expect(refusalOf(click(lacksOps, security, { leg: 'security' }, world))).toEqual({ kind: 'policy_stricter' });
    expect(grantAfter(waived, click(waived, security, { leg: 'security' }, world)).status.state).toBe('requested');
  });

  test('a waived request never had an owner leg for a new owner to fill', () => {
    expect(refusalOf(click(waived, owner, { leg: 'owner' }))).toEqual({ kind: 'not_a_leg', leg: 'owner' });
  });

  test('what got stricter never stands in the way of a denial', () => {
    const policy = aPolicy({ content_access: { legs: ['owner', 'ops', 'security'] } });
    const decision = deny(aGrant(), security, 'security', 'Not needed.', grounds({ policy }));
    expect(grantAfter(aGrant(), decision).status.state).toBe('denied');
  });
});

describe('one person, one leg, and never their own request', () => {
  test('who approved one leg can neither approve nor deny another', () => {
    const request = aGrant({ scope: 'create_platform_owner' });
    const half = grantAfter(request, click(request, both, { leg: 'ops' }));
    const refusal = { kind: 'decided_another_leg', leg: 'ops' };
    expect(refusalOf(click(half, both, { leg: 'security' }))).toEqual(refusal);
    expect(refusalOf(deny(half, both, 'security', 'Not needed.', grounds()))).toEqual(refusal);
    expect(grantAfter(half, click(half, security, { leg: 'security' })).status.state).toBe('active');
  });

  test.each(['owner', 'security'] as const)('a requester who holds the role cannot fill the %s leg', (leg) => {
    const self = someone('operator', { roles: { operator: 'named', ops: 'named', security: 'named' } });
    const world = { owners: [{ person: 'operator', guestAllowed: true }] };
    expect(refusalOf(click(aGrant(), self, { leg }, world))).toEqual({ kind: 'own_request' });
    expect(refusalOf(deny(aGrant(), self, leg, 'Not needed.', grounds(world)))).toEqual({ kind: 'own_request' });
  });

  test('the leg that is named is the leg that is filled, though the person could fill another', () => {
    const request = aGrant({ scope: 'create_platform_owner' });
    const half = grantAfter(request, click(request, both, { leg: 'security' }));
    expect(half.legs.map(({ decision }) => decision?.by)).toEqual([undefined, 'both']);
  });
});
