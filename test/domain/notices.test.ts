import { describe, expect, test } from 'vitest';
import type { GrantEvent } from '../../src/domain/events.ts';
import type { Grant } from '../../src/domain/grant.ts';
import { type Addressed, type Channels, noticesAfter, type Place, placesFor } from '../../src/domain/notices.ts';
import { aGrant, at, legs } from './builders.ts';

const channels: Channels = { owner: 'C0ACME', ops: 'C0OPS', security: 'C0SEC' };
const requester = { destination: 'U0OLIVIA', audience: 'requester', legs: [] };
const deciding = (destination: string, ...roles: string[]) => ({ destination, audience: 'approvers', legs: roles });
const told = (destination: string) => ({ destination, audience: 'informed', legs: [] });

describe('a card stands', () => {
  const support = aGrant({ scope: 'audit_view' });
  const waived = aGrant({ legs: legs('security', 'ops'), waived: true });
  const where: [string, Grant, Partial<Channels>, unknown[]][] = [
    ['in the channel of each leg', aGrant(), {}, [deciding('C0ACME', 'owner'), deciding('C0SEC', 'security')]],
    ['in no channel that decides nothing', aGrant({ scope: 'workspace_recovery' }), {}, [deciding('C0ACME', 'owner')]],
    [
      'once in a channel of two legs, with both',
      aGrant({ scope: 'create_platform_owner' }),
      { ops: 'C0SEC' },
      [deciding('C0SEC', 'ops', 'security')],
    ],
    ['not where the owners have no channel', aGrant(), { owner: null }, [deciding('C0SEC', 'security')]],
    ['before owners and security, where nobody needs to agree', support, {}, [told('C0ACME'), told('C0SEC')]],
    ['before security alone, where the owners have no channel', support, { owner: null }, [told('C0SEC')]],
    ['once, where the two share a channel', support, { owner: 'C0SEC' }, [told('C0SEC')]],
    [
      'before owners whose say was waived',
      waived,
      {},
      [deciding('C0SEC', 'security'), deciding('C0OPS', 'ops'), told('C0ACME')],
    ],
    [
      'not a second time in a channel that decides',
      waived,
      { owner: 'C0OPS' },
      [deciding('C0SEC', 'security'), deciding('C0OPS', 'ops')],
    ],
    [
      'nowhere for owners without a channel, whose say was waived',
      waived,
      { owner: null },
      [deciding('C0SEC', 'security'), deciding('C0OPS', 'ops')],
    ],
  ];
  test.each(where)('%s, and with the requester', (_, grant, those, places) => {
    expect(placesFor(grant, { ...channels, ...those }, 'U0OLIVIA')).toEqual([...places, requester]);
  });
});

const places: Place[] = [
  { destination: 'C0ACME', audience: 'approvers', legs: ['owner'] },
  { destination: 'C0SEC', audience: 'informed', legs: [] },
  { destination: 'U0OLIVIA', audience: 'requester', legs: [] },
];
const saidAfter = (events: GrantEvent[], grant = aGrant()): Addressed[] =>
  noticesAfter(events, grant, places, (person) => `T0HOME:${person}`);
const factsAfter = (events: GrantEvent[], grant = aGrant()) =>
  saidAfter(events, grant).filter(({ notice }) => notice.kind === 'fact');

const requested: GrantEvent = { name: 'requested', grant: aGrant() };
const approved: GrantEvent = { name: 'approved', leg: 'owner', by: 'boss', at: at(1), minutes: null, comment: null };
const activated: GrantEvent = { name: 'activated', at: at(2), expiresAt: at(62), minutes: 60 };
const withdrawn: GrantEvent = { name: 'withdrawn', by: 'operator', at: at(1), reason: null };

describe('after a fact', () => {
  test('every card is drawn again, for those who read it there', () => {
    const cards = places.map((place) => ({
      destination: place.destination,
      notice: { kind: 'card', grant: 'grant', legs: place.legs, audience: place.audience },
    }));
    expect(saidAfter([approved])).toEqual(cards);
  });

  test('cards come before what is said of them', () => {
    const kinds = saidAfter([approved, activated]).map(({ notice }) => notice.kind);
    expect(kinds).toEqual(['card', 'card', 'card', 'fact']);
  });

  test('nothing happened: nothing is said', () => {
    expect(saidAfter([])).toEqual([]);
  });

  const quiet: [string, GrantEvent, Grant?][] = [
    ['a request', requested],
    ['a waiver', { name: 'ownerless_waived', legs: ['ops', 'security'] }],
    ['an approval', approved],
    ['a request that its requester took back', withdrawn],
    ['an activation that needed nobody', activated, aGrant({ scope: 'audit_view' })],
  ];
  test.each(quiet)('the card is all the news of %s', (_, event, grant) => {
    expect(factsAfter([event], grant)).toEqual([]);
    expect(saidAfter([event], grant)).toHaveLength(places.length);
  });

  const only = ['U0OLIVIA'];
  const everywhere = ['C0ACME', 'C0SEC', 'U0OLIVIA'];
  const none = { dueAt: null, by: null, reason: null };
  const loud: [GrantEvent, string[], object][] = [
    [activated, only, { at: at(2), ...none }],
    [
      { name: 'denied', leg: 'owner', by: 'boss', at: at(1), reason: 'No need.' },
      only,
      { at: at(1), ...none, by: 'T0HOME:boss', reason: 'No need.' },
    ],
    [{ ...withdrawn, by: null, reason: 'Gone.' }, only, { at: at(1), ...none, reason: 'Gone.' }],
    [{ name: 'lapsed', at: at(64), dueAt: at(60) }, only, { at: at(64), ...none, dueAt: at(60) }],
    [{ name: 'ended', by: 'operator', at: at(9) }, everywhere, { at: at(9), ...none, by: 'T0HOME:operator' }],
    [
      { name: 'revoked', by: 'boss', at: at(9), reason: 'Enough.' },
      everywhere,
      { at: at(9), ...none, by: 'T0HOME:boss', reason: 'Enough.' },
    ],
    [{ name: 'revoked', by: null, at: at(9), reason: 'Gone.' }, everywhere, { at: at(9), ...none, reason: 'Gone.' }],
    [{ name: 'expired', at: at(74), dueAt: at(70) }, everywhere, { at: at(74), ...none, dueAt: at(70) }],
  ];
  test.each(loud.map(([event, ...rest]) => [event.name, event, ...rest] as const))(
    '%s is said: how a request went to the requester, the end of access to all',
    (name, event, destinations, says) => {
      const notice = JSON.parse(JSON.stringify({ kind: 'fact', grant: 'grant', fact: name, ...says }));
      expect(factsAfter([event])).toEqual(destinations.map((destination) => ({ destination, notice })));
    },
  );
});
