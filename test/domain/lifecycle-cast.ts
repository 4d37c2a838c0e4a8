import { applyAll } from '../../src/domain/apply.ts';
import { end, expire, lapse, leave, revoke, withdraw } from '../../src/domain/close.ts';
import { approve, deny } from '../../src/domain/decide.ts';
import type { Decision, GrantEvent } from '../../src/domain/events.ts';
import type { Closed, Grant, Leg } from '../../src/domain/grant.ts';
import type { Actor, Owner } from '../../src/domain/people.ts';
import { excuse, type Review, review } from '../../src/domain/review.ts';
import type { LegRole } from '../../src/domain/words.ts';
import { active, aGrant, aPolicy, at, decided, everyAnswer, frozen, someone } from './builders.ts';
import { type Scene, type Shape, type Somebody, shapes, type Verb } from './lifecycle-table.ts';

const everyRole: Actor['roles'] = {
  operator: 'named',
  ops: 'named',
  security: 'named',
  auditor: 'named',
  admin: 'named',
};
const byGroup: Actor['roles'] = { ops: 'group', security: 'group' };

/** The people of the table. Staff roles of guests and of foreigners are there to be ignored. */
const cast: Record<Somebody, Actor> = {
  'the requester': someone('operator', { roles: { operator: 'named' } }),
  'the requester, who holds every staff role': someone('operator', { roles: everyRole }),
  'the requester, who owns the tenant': someone('operator', { roles: { operator: 'named' } }),
  'an owner of the tenant': someone('owner'),
  ops: someone('ops', { roles: { ops: 'named' } }),
  security: someone('security', { roles: { security: 'named' } }),
  'an auditor': someone('auditor', { roles: { auditor: 'named' } }),
  'an admin': someone('admin', { roles: { admin: 'named' } }),
  'another operator': someone('colleague', { roles: { operator: 'named' } }),
  'somebody without a role': someone('outsider'),
  'a guest who owns, not allowed by the file': someone('guest', { standing: 'guest', roles: everyRole }),
  'a guest who owns, allowed by the file': someone('allowed-guest', { standing: 'guest', roles: everyRole }),
  'an owner from a connected company': someone('foreigner', { standing: 'foreign', roles: everyRole }),
  'somebody refused by the provider, with every role': someone('refused', { standing: 'refused', roles: everyRole }),
  'somebody the provider could not vouch for, with every role': someone('unknown', {
    standing: 'unknown',
    roles: everyRole,
  }),
  'ops and security by a group, in it at the request': someone('long-member', { roles: byGroup }),
  'ops and security by a group, joined after the request': someone('newcomer', { roles: byGroup }),
  'ops and security by a group at the request, left it since': someone('leaver'),
  'ops by a group at the request, joined that of security since': someone('mover', { roles: byGroup }),
  'an auditor by a group, in it at the request': someone('long-auditor', { roles: { auditor: 'group' } }),
  'an auditor by a group, joined after the request': someone('new-auditor', { roles: { auditor: 'group' } }),
};

const owning: Owner[] = [
  { person: 'owner', guestAllowed: false },
  { person: 'guest', guestAllowed: false },
  { person: 'allowed-guest', guestAllowed: true },
  { person: 'foreigner', guestAllowed: true },
  { person: 'refused', guestAllowed: true },
  { person: 'unknown', guestAllowed: true },
];
const ownersWith = (who: Somebody): Owner[] =>
  who === 'the requester, who owns the tenant' ? [...owning, { person: 'operator', guestAllowed: true }] : owning;

const groupMembers: Grant['groupMembers'] = {
  ops: ['slack:T0HOME:long-member', 'slack:T0HOME:leaver', 'slack:T0HOME:mover'],
  security: ['slack:T0HOME:long-member', 'slack:T0HOME:leaver'],
  auditor: ['slack:T0HOME:long-auditor'],
};

const legNames = (shape: Shape): readonly LegRole[] => shapes[shape].legs;

/** Approved by people who take no part in the table, the first `many` of them. */
const agreed = (shape: Shape, many: number): Leg[] =>
  legNames(shape).map((role, i) => ({
    role,
    decision: i < many ? decided(`former-${role}`, { at: at(5 + i) }) : null,
  }));

const closed: Closed = { at: at(30), by: 'former-closer', reason: null };
const reviewDue = at(30 + 72 * 60);

function sceneOf(shape: Shape, scene: Scene): { grant: Grant; now: Date } {
  const grant = (overrides: Partial<Grant>) =>
    frozen(aGrant({ scope: shape, groupMembers, lapsesAt: at(60), legs: agreed(shape, 0), ...overrides }));
  const all = legNames(shape).length;
  switch (scene) {
    case 'waiting':
      return { grant: grant({}), now: at(20) };
    case 'half agreed':
      return { grant: grant({ legs: agreed(shape, 1) }), now: at(20) };
    case 'lapse due':
      return { grant: grant({}), now: at(60) };
    case 'active':
      return { grant: grant({ legs: agreed(shape, all), status: active(10, 60) }), now: at(20) };
    case 'expiry due':
      return { grant: grant({ legs: agreed(shape, all), status: active(10, 60) }), now: at(70) };
    case 'ended':
    case 'revoked':
    case 'expired':
    case 'review overdue': {
      const overdue = scene === 'review overdue';
      const state = overdue ? 'ended' : scene;
      return {
        grant: grant({
          legs: agreed(shape, all),
          status: { state, activatedAt: at(10), expiresAt: at(70), closed },
        }),
        now: overdue ? reviewDue : at(90),
      };
    }
    case 'denied': {
      const [first, ...others] = agreed(shape, 0);
      const decision = decided('former-closer', { verdict: 'denied', at: at(30) });
      const legs: Leg[] = first ? [{ ...first, decision }, ...others] : [];
      return { grant: grant({ legs, status: { state: scene, closed } }), now: at(40) };
    }
    case 'withdrawn':
    case 'lapsed':
      return { grant: grant({ status: { state: scene, closed } }), now: at(90) };
  }
}

/** What the store would hold: a review is owed once a break-glass session was active and is closed. */
const owedIn = (shape: Shape, scene: Scene): Review | null =>
  shapes[shape].kind === 'break_glass' && ['ended', 'revoked', 'expired', 'review overdue'].includes(scene)
    ? { operator: 'operator', dueAt: reviewDue, reviewed: null, excused: null }
    : null;

/** One cell, asked of the rules. */
export function outcome(verb: Verb, scene: Scene, who: Somebody, shape: Shape): string {
  const { grant, now } = sceneOf(shape, scene);
  const actor = frozen(cast[who]);
  const owed = owedIn(shape, scene);
  const grounds = { now, policy: aPolicy({ workspace_recovery: { lapseMinutes: 60 } }), owners: ownersWith(who) };
  const told = (decision: Decision<GrantEvent>) =>
    decision.events?.length
      ? `${describe(decision)} -> ${applyAll(grant, decision.events).status.state}`
      : describe(decision);
  switch (verb) {
    case 'withdraw':
      return told(withdraw(grant, actor, now));
    case 'end':
      return told(end(grant, actor, now));
    case 'revoke':
      return told(revoke(grant, actor, 'Not needed.', grounds));
    case 'lapse':
      return told(lapse(grant, now, grounds.policy));
    case 'expire':
      return told(expire(grant, now));
    case 'leave':
      return told(leave(grant, now));
    case 'review':
      return describe(review(grant, owed, actor, everyAnswer, now));
    case 'excuse':
      return describe(excuse(grant, owed, actor, 'Another incident.', now));
    case 'deny owner':
    case 'deny ops':
    case 'deny security':
      return told(deny(grant, actor, legIn(verb), 'No need for it.', grounds));
    default: {
      const minutes = verb.startsWith('approve_shorter') ? 30 : null;
      return told(approve(grant, actor, { leg: legIn(verb), minutes, comment: null }, grounds));
    }
  }
}

const legIn = (verb: string): LegRole => (verb.endsWith('owner') ? 'owner' : verb.endsWith('ops') ? 'ops' : 'security');

const describe = (decision: Decision<{ name: string }>): string => {
  if (decision.events) return decision.events.map(({ name }) => name).join(', ') || 'nothing';
  const { refusal } = decision;
  return 'state' in refusal ? `${refusal.kind}: ${refusal.state}` : refusal.kind;
};
