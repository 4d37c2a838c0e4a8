import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apply, applyAll } from '../../src/domain/apply.ts';
import type { GrantEvent } from '../../src/domain/events.ts';
import { type Grant, stateAt } from '../../src/domain/grant.ts';
import { aGrant, at } from './builders.ts';
import { holds, isName, type Phase } from './lifecycle-model.ts';
import { run, type Step, type Trace, walks } from './walks.ts';

const RUNS = 400;

/** A rule that holds after every walk. */
const always = (name: string, rule: (trace: Trace) => void, numRuns = RUNS) =>
  test(name, () => {
    fc.assert(
      fc.property(walks, (walk) => rule(run(walk))),
      { numRuns },
    );
  });
const everyStep = (name: string, rule: (step: Step) => void) => always(name, ({ steps }) => steps.forEach(rule));

const eventsIn = ({ decision }: Step): readonly GrantEvent[] => decision.events ?? [];
const timesOf = ({ status }: Grant) =>
  'activatedAt' in status ? { from: status.activatedAt, until: status.expiresAt } : { from: null, until: null };
const moment = (minute: number | null): Date | null => (minute === null ? null : at(minute));

describe('whatever anybody does, in whatever order', () => {
  everyStep('the rules allow, refuse and do what a model of a hundred lines does', (step) => {
    const { model, after, decision } = step;
    expect(decision.events !== undefined, JSON.stringify(decision)).toBe(model !== null);
    if (model === null) return;
    expect({
      phase: after.status.state,
      minutes: after.minutesGranted,
      waived: after.waived,
      lapses: after.lapsesAt,
      ...timesOf(after),
    }).toEqual({
      phase: model.phase,
      minutes: model.minutes,
      waived: model.waived,
      lapses: at(model.lapses),
      from: moment(model.from),
      until: moment(model.until),
    });
    if (model.phase === 'denied') return;
    const signed = Object.fromEntries(after.legs.map(({ role, decision: made }) => [role, made?.by ?? null]));
    expect(signed).toEqual(model.legs);
  });

  always(
    'nothing is active until each leg is approved by another person, not the requester, who held the role',
    (trace) => {
      const approvals = new Map<string, { by: string; held: boolean }>();
      for (const step of trace.steps) {
        for (const event of eventsIn(step)) {
          if (event.name === 'approved') {
            const held = isName(event.by) && holds(event.by, event.leg, step.world);
            approvals.set(event.leg, { by: event.by, held });
          }
        }
        if (!('activatedAt' in step.after.status)) continue;
        const signers = step.after.legs.map(({ role }) => approvals.get(role));
        expect(signers.every((signer) => signer?.held)).toBe(true);
        const people = signers.map((signer) => signer?.by);
        expect(new Set(people).size).toBe(step.after.legs.length);
        expect(people).not.toContain('asker');
      }
    },
  );

  everyStep('what is activated has every leg the policy asks for then, but an owner`s that was waived', (step) => {
    if (!eventsIn(step).some(({ name }) => name === 'activated')) return;
    const has = new Set<string>(step.after.legs.map(({ role }) => role));
    const lacks = step.world.needs.filter((role) => !has.has(role));
    expect(lacks).toEqual(step.after.waived && step.world.needs.includes('owner') ? ['owner'] : []);
    expect(step.after.waived && step.world.owned).toBe(false);
  });

  everyStep(
    'the clock starts at the activation and runs for the minutes granted, within the policy of then',
    (step) => {
      if (!eventsIn(step).some(({ name }) => name === 'activated')) return;
      const { from, until } = timesOf(step.after);
      expect(from).toEqual(at(step.world.minute));
      expect(until).toEqual(at(step.world.minute + step.after.minutesGranted));
      expect(step.after.minutesGranted).toBeLessThanOrEqual(step.world.maxMinutes);
      expect(step.after.minutesGranted).toBeGreaterThanOrEqual(1);
    },
  );

  everyStep('the minutes granted never grow, and once active the times never move', ({ before, after }) => {
    expect(after.minutesGranted).toBeLessThanOrEqual(before.minutesGranted);
    if ('activatedAt' in before.status) expect(timesOf(after)).toEqual(timesOf(before));
  });

  everyStep('nothing counts as active outside its time', ({ after, world }) => {
    const now = at(world.minute);
    if (stateAt(after, now) !== 'active') return;
    const { from, until } = timesOf(after);
    expect(from && until && from <= now && now < until).toBe(true);
  });

  everyStep('what is closed never changes again', ({ before, after, decision }) => {
    if (!('closed' in before.status)) return;
    expect(decision.events ?? []).toEqual([]);
    expect(after).toBe(before);
  });

  everyStep('what was asked, by whom, and which legs it needs, never changes', ({ before, after }) => {
    const asked = ({ legs, minutesGranted, lapsesAt, status, ...rest }: Grant) => ({
      ...rest,
      roles: legs.map(({ role }) => role),
    });
    expect(asked(after)).toEqual(asked(before));
  });

  everyStep('a decided leg stays as it was decided', ({ before, after }) => {
    before.legs.forEach((leg, i) => {
      if (leg.decision) expect(after.legs[i]).toEqual(leg);
    });
  });
});

describe('the events tell the whole story', () => {
  const becomes: Partial<Record<GrantEvent['name'], Phase>> = {
    approved: 'requested',
    activated: 'active',
    denied: 'denied',
    withdrawn: 'withdrawn',
    lapsed: 'lapsed',
    ended: 'ended',
    revoked: 'revoked',
    expired: 'expired',
  };

  everyStep('the last event names the state, its moment and its author', ({ decision, after }) => {
    const last = decision.events?.at(-1);
    if (last === undefined) return;
    expect(after.status.state).toBe(becomes[last.name]);
    if (!('closed' in after.status) || !('at' in last)) return;
    const { at: closedAt, by } = after.status.closed;
    expect({ closedAt, by }).toEqual({ closedAt: last.at, by: 'by' in last ? last.by : null });
  });

  always(
    'replayed from the beginning they give the same grant, at every step',
    ({ requested, steps, first }) => {
      const told: GrantEvent[] = [...requested];
      expect(applyAll(aGrant({ id: 'blank' }), told)).toEqual(first);
      for (const step of steps) {
        told.push(...eventsIn(step));
        expect(applyAll(aGrant({ id: 'blank' }), told)).toEqual(step.after);
      }
    },
    200,
  );

  everyStep('replayed one by one or at once, they give the same', ({ before, decision, after }) => {
    let grant = before;
    for (const event of decision.events ?? []) grant = apply(grant, event);
    expect(grant).toEqual(after);
  });

  everyStep('only a whole decision happens: approval and activation, or one event alone', ({ decision }) => {
    const names = (decision.events ?? []).map(({ name }) => name).join(', ');
    expect(['approved, activated', '', ...Object.keys(becomes).filter((name) => name !== 'activated')]).toContain(
      names,
    );
  });
});

test('the walks reach every state by every way, or these properties would prove nothing', () => {
  const seen: Record<string, number> = {};
  const count = (what: string) => {
    seen[what] = (seen[what] ?? 0) + 1;
  };
  for (const walk of fc.sample(walks, { numRuns: RUNS, seed: 2026 })) {
    const { steps } = run(walk);
    for (const { decision, after, world } of steps) {
      if (decision.refusal) count(decision.refusal.kind);
      for (const { name } of decision.events ?? []) {
        count(name);
        if (name !== 'activated') continue;
        if (after.waived) count('activated by a waiver');
        if (after.minutesGranted < 60) count('activated and shortened');
        if (after.minutesGranted === world.maxMinutes) count('activated and cut by the policy');
      }
    }
  }
  const wanted = [
    ...['approved', 'activated', 'denied', 'withdrawn', 'lapsed', 'ended', 'revoked', 'expired'],
    ...['own_request', 'not_the_role', 'not_a_leg', 'leg_decided', 'decided_another_leg', 'not_requested'],
    ...['not_active', 'not_yours', 'not_shorter', 'policy_stricter', 'not_due'],
    ...['activated by a waiver', 'activated and shortened', 'activated and cut by the policy'],
  ];
  expect(wanted.filter((what) => (seen[what] ?? 0) < RUNS / 200)).toEqual([]);
});
