import { describe, expect, test } from 'vitest';
import { applyAll } from '../../src/domain/apply.ts';
import { end, expire, lapse, leave, revoke, withdraw } from '../../src/domain/close.ts';
import { approve, deny, lapseMoment } from '../../src/domain/decide.ts';
import type { Decision, GrantEvent } from '../../src/domain/events.ts';
import { type Grant, stateAt } from '../../src/domain/grant.ts';
import {
  aGrant,
  anActiveGrant,
  aPolicy,
  at,
  eventsOf,
  frozen,
  grantAfter,
  operator,
  owner,
  owners,
  refusalOf,
} from './builders.ts';

const waiting = frozen(aGrant());
const running = frozen(anActiveGrant());
const policy = aPolicy();
const names = (decision: Decision<GrantEvent>) =>
  decision.refusal ? decision.refusal.kind : decision.events.map(({ name }) => name);

describe('what is due counts as done from that very moment, whether or not the clock has swept', () => {
  const moments: [string, Grant, Date, string, string][] = [
    ['a request one millisecond before it lapses', waiting, at(60, -1), 'requested', 'requested'],
    ['a request when it lapses', waiting, at(60), 'requested', 'lapsed'],
    ['a request long after', waiting, at(9_000), 'requested', 'lapsed'],
    ['a session one millisecond before it expires', running, at(70, -1), 'active', 'active'],
    ['a session when it expires', running, at(70), 'active', 'expired'],
    ['a session long after', running, at(9_000), 'active', 'expired'],
  ];
  test.each(moments)('%s', (_, grant, now, stored, state) => {
    expect(grant.status.state).toBe(stored);
    expect(stateAt(grant, now)).toBe(state);
  });

  test('a session outlives the time to decide: once active, lapsesAt means nothing', () => {
    const long = anActiveGrant({ status: { state: 'active', activatedAt: at(59), expiresAt: at(299) } });
    expect(stateAt(long, at(298))).toBe('active');
  });

  test.each(['ended', 'revoked', 'expired'] as const)('what was %s stays so', (state) => {
    const closed = { at: at(20), by: null, reason: null };
    const grant = anActiveGrant({ status: { state, activatedAt: at(10), expiresAt: at(70), closed } });
    for (const now of [at(0), at(69), at(70), at(9_000)]) expect(stateAt(grant, now)).toBe(state);
  });

  const turning: [string, (now: Date) => Decision<GrantEvent>, string | string[]][] = [
    ['approve', approving, ['approved']],
    ['deny', (now) => deny(waiting, owner, 'owner', 'No need.', { now, policy, owners }), ['denied']],
    ['withdraw', (now) => withdraw(waiting, operator, now), ['withdrawn']],
    ['leave', (now) => leave(waiting, now), ['withdrawn']],
    ['lapse', (now) => lapse(waiting, now, policy), 'not_due'],
  ];
  test.each(turning)('%s goes by that moment for a request', (verb, decide, before) => {
    expect(names(decide(at(60, -1)))).toEqual(before);
    const due = { lapse: ['lapsed'], leave: [] }[verb] ?? 'not_requested';
    expect(names(decide(at(60)))).toEqual(due);
  });
  function approving(now: Date): Decision<GrantEvent> {
    return approve(waiting, owner, { leg: 'owner', minutes: null, comment: null }, { now, policy, owners });
  }

  const stopping: [string, (now: Date) => Decision<GrantEvent>, string | string[]][] = [
    ['end', (now) => end(running, operator, now), ['ended']],
    ['revoke', (now) => revoke(running, owner, 'Not needed.', { now, owners }), ['revoked']],
    ['leave', (now) => leave(running, now), ['revoked']],
    ['expire', (now) => expire(running, now), 'not_due'],
  ];
  test.each(stopping)('%s goes by that moment for a session', (verb, decide, before) => {
    expect(names(decide(at(70, -1)))).toEqual(before);
    const due = { expire: ['expired'], leave: [] }[verb] ?? 'not_active';
    expect(names(decide(at(70)))).toEqual(due);
  });
});

describe('the clock', () => {
  test('sweeps late and still records when it was due', () => {
    expect(eventsOf(lapse(waiting, at(64), policy))).toEqual([{ name: 'lapsed', at: at(64), dueAt: at(60) }]);
    expect(eventsOf(expire(running, at(74)))).toEqual([{ name: 'expired', at: at(74), dueAt: at(70) }]);
  });

  test('says when it will be due', () => {
    expect(refusalOf(lapse(waiting, at(59), policy))).toEqual({ kind: 'not_due', at: at(60) });
    expect(refusalOf(expire(running, at(69)))).toEqual({ kind: 'not_due', at: at(70) });
  });

  test('closes in nobody`s name', () => {
    const lapsed = grantAfter(waiting, lapse(waiting, at(60), policy));
    expect(lapsed.status).toEqual({ state: 'lapsed', closed: { at: at(60), by: null, reason: null } });
    const expired = grantAfter(running, expire(running, at(70)));
    expect(expired.status).toEqual({
      state: 'expired',
      activatedAt: at(10),
      expiresAt: at(70),
      closed: { at: at(70), by: null, reason: null },
    });
  });

  const changed: [string, number, Date][] = [
    ['shorter', 30, at(30)],
    ['the same', 60, at(60)],
    ['longer', 600, at(60)],
  ];
  test.each(changed)('lapses a request when the shorter is over: policy now %s', (_, lapseMinutes, due) => {
    const now = aPolicy({ content_access: { lapseMinutes } });
    expect(lapseMoment(waiting, now)).toEqual(due);
    expect(refusalOf(lapse(waiting, new Date(due.getTime() - 1), now))).toEqual({ kind: 'not_due', at: due });
    const lapsed = grantAfter(waiting, lapse(waiting, due, now));
    expect(lapsed.status.state).toBe('lapsed');
    expect(lapsed.lapsesAt).toEqual(due);
  });
});

describe('who is no operator any more keeps nothing', () => {
  const reason = 'The requester is no longer an operator.';
  test('what waits is withdrawn, by the system', () => {
    expect(eventsOf(leave(waiting, at(20)))).toEqual([{ name: 'withdrawn', by: null, at: at(20), reason }]);
  });
  test('what is active is revoked at once, by the system', () => {
    expect(eventsOf(leave(running, at(20)))).toEqual([{ name: 'revoked', by: null, at: at(20), reason }]);
    expect(grantAfter(running, leave(running, at(20))).status).toEqual({
      state: 'revoked',
      activatedAt: at(10),
      expiresAt: at(70),
      closed: { at: at(20), by: null, reason },
    });
  });
});

describe('a request is closed', () => {
  test('by a denial of one leg, which that leg keeps with its reason', () => {
    const decision = deny(waiting, owner, 'owner', 'No need.', { now: at(20), policy, owners });
    const denied = grantAfter(waiting, decision);
    expect(denied.status).toEqual({ state: 'denied', closed: { at: at(20), by: 'owner', reason: 'No need.' } });
    const made = { verdict: 'denied', by: 'owner', at: at(20), minutes: null, comment: 'No need.' };
    expect(denied.legs).toEqual([
      { role: 'owner', decision: made },
      { role: 'security', decision: null },
    ]);
  });
  test('by its requester, in their name and without a reason', () => {
    const withdrawn = grantAfter(waiting, withdraw(waiting, operator, at(20)));
    expect(withdrawn.status).toEqual({ state: 'withdrawn', closed: { at: at(20), by: 'operator', reason: null } });
  });
});

describe('a session is closed by its requester or by who answers for it', () => {
  test('the requester ends it', () => {
    expect(eventsOf(end(running, operator, at(20)))).toEqual([{ name: 'ended', by: 'operator', at: at(20) }]);
  });
  test('a revocation keeps its reason as typed', () => {
    const reason = '  *Enough* <!channel>\n';
    expect(eventsOf(revoke(running, owner, reason, { now: at(20), owners }))).toEqual([
      { name: 'revoked', by: 'owner', at: at(20), reason },
    ]);
  });
  test('closing does not move what was granted: an early end leaves activatedAt and expiresAt', () => {
    const ended = grantAfter(running, end(running, operator, at(20)));
    expect(ended.status).toMatchObject({ activatedAt: at(10), expiresAt: at(70), closed: { at: at(20) } });
  });
  test('a request that never became a session cannot be closed as one: that is a bug, not a decision', () => {
    const events: GrantEvent[] = [
      { name: 'ended', by: 'operator', at: at(20) },
      { name: 'revoked', by: 'owner', at: at(20), reason: 'Enough.' },
      { name: 'expired', at: at(20), dueAt: at(20) },
    ];
    for (const event of events) {
      expect(() => applyAll(waiting, [event])).toThrow(`A grant that is requested was closed as ${event.name}.`);
    }
  });
});
