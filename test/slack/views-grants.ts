import fc from 'fast-check';
import type { Decided, Grant, Leg, Status } from '../../src/domain/grant.ts';
import { type Channels, type Place, placesFor } from '../../src/domain/notices.ts';
import type { Uses } from '../../src/domain/uses.ts';
import { circumstances, kindOf, type LegRole, scopes } from '../../src/domain/words.ts';
import type { CardSubject } from '../../src/slack/views/card.ts';
import { at } from '../domain/builders.ts';
import { key, name, text } from './views-texts.ts';

export const ticketSite = 'https://tickets.example.com';

const minutes = fc.oneof(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 10_080 }));
const people = ['owner', 'ops', 'security', 'other'];
const comment = fc.option(text(1000));
const moment = fc.integer({ min: 0, max: 20_000 }).map((after) => at(after));

/** Any legs that a configuration or a waiver can lead to. */
const legRolesOf = fc.constantFrom<readonly LegRole[]>(
  [],
  ['owner'],
  ['owner', 'security'],
  ['ops', 'security'],
  ['owner', 'ops', 'security'],
);

const decision = (verdict: Decided['verdict']): fc.Arbitrary<Decided> =>
  fc.record({
    verdict: fc.constant(verdict),
    by: fc.constantFrom(...people),
    at: moment,
    minutes: fc.option(minutes),
    comment,
  });

const legsOf = (roles: readonly LegRole[], each: (index: number) => fc.Arbitrary<Decided | null>) =>
  fc.tuple(...roles.map((role, index) => each(index).map((decided): Leg => ({ role, decision: decided }))));

const approved = () => decision('approved');
/** The first leg stays open: who asked still waits. */
const waiting = (index: number) => (index === 0 ? fc.constant(null) : fc.option(approved(), { freq: 1 }));
const refused = (index: number) => (index === 0 ? decision('denied') : fc.option(decision('approved')));

const closed = fc.record({ at: moment, by: fc.option(fc.constantFrom(...people)), reason: comment });
const running = fc.record({ activatedAt: moment, expiresAt: moment });

/** A state with the legs that lead to it. */
const standing = (roles: readonly LegRole[]): fc.Arbitrary<{ status: Status; legs: Leg[] }> => {
  const open = fc.record({ status: fc.constant<Status>({ state: 'requested' }), legs: legsOf(roles, waiting) });
  const active = running.map((times): Status => ({ state: 'active', ...times }));
  const over = fc
    .tuple(fc.constantFrom('ended', 'revoked', 'expired'), running, closed)
    .map(([state, times, end]): Status => ({ state, ...times, closed: end }));
  const agreed = fc.record({ status: fc.oneof(active, over), legs: legsOf(roles, approved) });
  if (roles.length === 0) return agreed;
  const denied = fc.record({
    status: closed.map((end): Status => ({ state: 'denied', closed: end })),
    legs: legsOf(roles, refused),
  });
  const dropped = fc.record({
    status: fc
      .tuple(fc.constantFrom('withdrawn', 'lapsed'), closed)
      .map(([state, end]): Status => ({ state, closed: end })),
    legs: legsOf(roles, waiting),
  });
  return fc.oneof(open, agreed, denied, dropped);
};

/** A grant in any state, with the longest and oddest texts that the fields take. */
export const grant: fc.Arbitrary<Grant> = fc.tuple(fc.constantFrom(...scopes), legRolesOf).chain(([scope, roles]) =>
  fc
    .record({
      id: fc.uuid(),
      circumstance: fc.constantFrom(...circumstances),
      reason: text(1000),
      ticket: name(100),
      minutesAsked: minutes,
      minutesGranted: minutes,
      waived: fc.boolean(),
      lapsesAt: moment,
      standing: standing(roles),
    })
    .map(({ standing: { status, legs }, ...rest }) => ({
      ...rest,
      scope,
      kind: kindOf(scope),
      circumstance: kindOf(scope) === 'break_glass' ? rest.circumstance : null,
      minutesGranted: Math.min(rest.minutesAsked, rest.minutesGranted),
      status,
      legs,
      tenant: 'acme',
      requester: 'operator',
      groupMembers: {},
      policyHash: 'a1'.repeat(32),
      requestedAt: at(0),
      version: 1,
    })),
);

const count = fc.oneof(fc.constantFrom(0, 1), fc.nat({ max: 1_000_000 }));
const byAction = fc.array(fc.record({ action: name(100), allowed: count, refused: count }), {
  minLength: 1,
  maxLength: 12,
});

/** What was done under a grant: any actions, each of them allowed or refused at least once. */
export const uses: fc.Arbitrary<Uses> = fc.record({ byAction, firstAt: moment, lastAt: moment }).map((made) => {
  const tried = made.byAction.map((each) => (each.allowed + each.refused === 0 ? { ...each, allowed: 1 } : each));
  const sum = (of: 'allowed' | 'refused') => tried.reduce((total, each) => total + each[of], 0);
  return { ...made, byAction: tried, allowed: sum('allowed'), refused: sum('refused') };
});

/** Uses from `at(20)` to `at(30)`: an action, how often it was allowed, how often refused. */
export const someUses = (...counts: readonly [string, number, number][]): Uses => ({
  allowed: counts.reduce((sum, [, allowed]) => sum + allowed, 0),
  refused: counts.reduce((sum, [, , refused]) => sum + refused, 0),
  byAction: counts.map(([action, allowed, refused]) => ({ action, allowed, refused })),
  firstAt: at(20),
  lastAt: at(30),
});

export const account = fc.constantFrom('T0HOME:U0OPS', 'T0ACME:W0BOSS', 'U0SAM', `T0HOME:U${'0A'.repeat(10)}`);
const accounts = fc
  .tuple(account, account, fc.boolean())
  .map(
    ([one, other, known]) => new Map(known ? ['operator', ...people].map((who, i) => [who, i % 2 ? one : other]) : []),
  );

export const subject: fc.Arbitrary<CardSubject> = fc.record({
  grant,
  tenant: fc.record({ key, name: name(120) }),
  // Before, at and after what is due, whether or not the clock has swept.
  now: moment,
  uses: fc.option(uses),
  accounts,
  ticketLink: fc.constantFrom(null, `${ticketSite}/{ticket}`, `${ticketSite}/find?a=1&q={ticket}`),
});

const channelsOf: fc.Arbitrary<Channels> = fc.oneof(
  fc.constant({ owner: 'C0ONE', ops: 'C0ONE', security: 'C0ONE' }),
  fc.record({
    owner: fc.constantFrom(null, 'C0ONE', 'C0TWO', 'C0THREE'),
    ops: fc.constantFrom('C0ONE', 'C0TWO'),
    security: fc.constantFrom('C0ONE', 'C0TWO', 'C0THREE'),
  }),
);

/** A grant and everywhere its card stands: channels with one leg, with several, those told, and the requester. */
export const subjectAndPlaces: fc.Arbitrary<{ subject: CardSubject; places: Place[] }> = fc
  .tuple(subject, channelsOf)
  .map(([made, channels]) => ({ subject: made, places: placesFor(made.grant, channels, 'U0OLIVIA') }));

/** The same grant, had everybody typed something else: `write` gets how much the field takes. */
export function retyped(of: CardSubject, write: (max: number, counted: 'characters' | 'units') => string): CardSubject {
  const again = (text: string | null): string | null => text && write(1000, 'characters');
  const { grant: at, tenant, uses: done } = of;
  const { status } = at;
  return {
    ...of,
    tenant: { ...tenant, name: write(120, 'units') },
    uses: done && { ...done, byAction: done.byAction.map((each) => ({ ...each, action: write(100, 'units') })) },
    grant: {
      ...at,
      reason: write(1000, 'characters'),
      ticket: write(100, 'units'),
      legs: at.legs.map(({ role, decision: made }) => ({
        role,
        decision: made && { ...made, comment: again(made.comment) },
      })),
      status:
        'closed' in status ? { ...status, closed: { ...status.closed, reason: again(status.closed.reason) } } : status,
    },
  };
}

export const harmless = (of: CardSubject): CardSubject => retyped(of, () => 'letters');

/** Every field full of one character. */
export const filledWith = (of: CardSubject, character: string): CardSubject =>
  retyped(of, (max, counted) => character.repeat(Math.floor(counted === 'units' ? max / character.length : max)));

/** Characters that take the most room: on the wire, escaped, or in UTF-16. */
export const greedy = fc.constantFrom('"', '\\', '&', '<', '*', '🚒', '\u0001', '\n', '障', ':a', '\u202e');
