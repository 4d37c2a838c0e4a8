import { describe, expect, test } from 'vitest';
import { approve, deny } from '../../src/domain/decide.ts';
import { acrIn, authTimeIn, isSubject, mayApproveFrom, type SignIn } from '../../src/domain/linking.ts';
import { aGrant, aPolicy, at, owner, security } from './builders.ts';

const stepUp = { acrValues: ['gold', 'platinum'], maxAgeSeconds: 300 };
const demanding = aPolicy({ content_access: { stepUp } });
const grounds = { now: at(10), policy: demanding, owners: [{ person: owner.person, guestAllowed: false }] };
const approval = (signIn?: SignIn | null) => ({
  leg: 'security' as const,
  minutes: null,
  comment: null,
  ...(signIn !== undefined && { signIn }),
});
const by = (signIn?: SignIn | null, more: Partial<typeof grounds> = {}) =>
  approve(aGrant(), security, approval(signIn), { ...grounds, ...more });

const needed = { refusal: { kind: 'step_up_needed', ...stepUp } };
const rows: { what: string; signIn: SignIn | null | undefined; counts: boolean }[] = [
  { what: 'no sign-in', signIn: undefined, counts: false },
  { what: 'none that is known', signIn: null, counts: false },
  { what: 'one of this moment', signIn: { acr: 'gold', authTime: at(10) }, counts: true },
  { what: 'another class that will do', signIn: { acr: 'platinum', authTime: at(10) }, counts: true },
  { what: 'one as old as may be', signIn: { acr: 'gold', authTime: at(5) }, counts: true },
  { what: 'one a moment older', signIn: { acr: 'gold', authTime: at(5, -1) }, counts: false },
  { what: 'one a little ahead, by a clock that is', signIn: { acr: 'gold', authTime: at(11) }, counts: true },
  { what: 'one further ahead', signIn: { acr: 'gold', authTime: at(11, 1) }, counts: false },
  { what: 'another class', signIn: { acr: 'silver', authTime: at(10) }, counts: false },
  { what: 'no class', signIn: { acr: null, authTime: at(10) }, counts: false },
  { what: 'no time', signIn: { acr: 'gold', authTime: null }, counts: false },
];

describe('an approval where the policy demands a fresh sign-in', () => {
  test.each(rows)('counts with $what: $counts', ({ signIn, counts }) => {
    const decision = by(signIn);
    if (counts) expect(decision.events?.[0]).toMatchObject({ name: 'approved', signIn });
    else expect(decision).toEqual(needed);
  });

  test('rests on the age alone where no class is named', () => {
    const policy = aPolicy({ content_access: { stepUp: { acrValues: [], maxAgeSeconds: 300 } } });
    expect(by({ acr: null, authTime: at(9) }, { policy }).events).toHaveLength(1);
    expect(by({ acr: null, authTime: at(4) }, { policy }).refusal?.kind).toBe('step_up_needed');
  });

  test('is refused for what is wrong with the person first: nobody is sent away to sign in in vain', () => {
    expect(approve(aGrant(), owner, approval(), grounds)).toEqual({
      refusal: { kind: 'not_the_role', leg: 'security' },
    });
  });

  test('needs none where the policy demands none, and none to deny', () => {
    expect(by(undefined, { policy: aPolicy() }).events).toHaveLength(1);
    expect(deny(aGrant(), security, 'security', 'Not now', grounds).events).toHaveLength(1);
  });
});

describe('a link that a person made themselves', () => {
  test('carries approvals from a day later on, one of the file at once', () => {
    expect(mayApproveFrom({ source: 'self', since: at(0) })).toEqual(at(24 * 60));
    expect(mayApproveFrom({ source: 'file', since: at(0) })).toBeNull();
  });

  test.each([
    { now: at(10), until: at(10, 1), refused: true },
    { now: at(10), until: at(10), refused: false },
    { now: at(10), until: null, refused: false },
  ])('is too new at $now until $until: $refused', ({ now, until, refused }) => {
    const linked = { ...security, mayApproveFrom: until };
    const decision = approve(aGrant(), linked, approval({ acr: 'gold', authTime: at(10) }), { ...grounds, now });
    expect(decision.refusal).toEqual(refused ? { kind: 'link_too_new', until } : undefined);
  });
});

describe('what a provider says counts', () => {
  const odd = ['', ' ', 'a b', 'ren\u00e9', 'a\0', '\ud800', 's'.repeat(256), 7, null, undefined, ['a']];

  test('of a name and of a class where it is printable ASCII, and short enough to be one', () => {
    for (const plain of ['s', '248289761001', 'auth0|abc!~', 's'.repeat(255)])
      expect([isSubject(plain), acrIn(plain)]).toEqual([true, plain]);
    for (const each of odd) expect([isSubject(each), acrIn(each)], String(each)).toEqual([false, null]);
  });

  test('of a time where it is whole seconds up to the year 9999', () => {
    expect(authTimeIn(0)).toEqual(new Date(0));
    expect(authTimeIn(253_402_300_799)?.toISOString()).toBe('9999-12-31T23:59:59.000Z');
    const none = [253_402_300_800, 1e300, Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, '1700000000', null, undefined];
    for (const each of none) expect(authTimeIn(each), String(each)).toBeNull();
  });
});
