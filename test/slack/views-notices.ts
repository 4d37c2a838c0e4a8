import fc from 'fast-check';
import type { DigestSummary } from '../../src/domain/digest.ts';
import type { Notice, ToldFact } from '../../src/domain/notices.ts';
import { kinds, scopes, staffRoles } from '../../src/domain/words.ts';
import { at } from '../domain/builders.ts';
import { account, subject } from './views-grants.ts';
import { name, text } from './views-texts.ts';

type FactNotice = Extract<Notice, { kind: 'fact' }>;
const facts: ToldFact[] = ['activated', 'denied', 'withdrawn', 'lapsed', 'ended', 'revoked', 'expired'];
const iso = fc.integer({ min: 0, max: 20_000 }).map((minutes) => at(minutes).toISOString());
const fact: fc.Arbitrary<FactNotice> = fc.record({
  kind: fc.constant('fact'),
  grant: fc.uuid(),
  fact: fc.constantFrom(...facts),
  at: iso,
  dueAt: fc.option(iso),
  by: fc.option(account),
  reason: fc.option(text(1000)),
});

const count = fc.oneof(fc.constant(0), fc.nat({ max: 1_000_000 }));
export const summary: fc.Arbitrary<DigestSummary> = fc.record({
  from: iso,
  to: iso,
  tenant: fc.option(name(120)),
  requested: count,
  denied: count,
  withdrawn: count,
  lapsed: count,
  ended: count,
  revoked: count,
  expired: count,
  waivers: count,
  activeNow: count,
  approvers: fc.array(fc.record({ account, legs: fc.nat() }), { maxLength: 60 }),
  longest: fc.option(
    fc.record({ tenant: name(120), scope: fc.constantFrom(...scopes), minutes: fc.nat({ max: 10_080 }) }),
  ),
  byKind: fc.dictionary(fc.constantFrom(...kinds), count),
  watch: fc.record({
    reviews: fc.record({ due: count, overdue: count }),
    unused: count,
    refused: count,
    seal: fc.option(
      fc.record({
        sealed: fc.option(fc.record({ entries: count, at: fc.constant('2026-01-05T09:00:00.000Z') })),
        waitingSince: fc.constantFrom(null, '2026-01-05T09:00:00.000Z'),
      }),
    ),
  }),
});

const accounts = fc.oneof(fc.array(account, { maxLength: 3 }), fc.array(account, { minLength: 400, maxLength: 500 }));
const addedRemoved = fc.record({ added: accounts, removed: accounts });
const channel = fc.constantFrom('C0OWNERS', 'G0PRIVATE', null);
type TenantChanged = Extract<Notice, { kind: 'tenant_changed' }>;
export const tenantChanged: fc.Arbitrary<TenantChanged> = fc.record({
  kind: fc.constant('tenant_changed'),
  tenant: name(120),
  changes: fc.tuple(
    fc.record({ what: fc.constant('created' as const), owners: accounts, channel }),
    addedRemoved.map((change) => ({ what: 'owners' as const, ...change })),
    addedRemoved.map((change) => ({ what: 'guests' as const, ...change })),
    fc.boolean().map((after) => ({ what: 'shared' as const, after })),
    fc.record({ what: fc.constant('channel' as const), before: channel, after: channel }),
  ),
  wasShared: fc.constantFrom('C0OWNERS', null),
});
const holders = addedRemoved.map(({ added, removed }) => ({ added: [...added, 'S0OPS'], removed }));
export const roleChanged = holders.chain((change) =>
  fc.constantFrom(...staffRoles).map((role) => ({ kind: 'role_changed' as const, role, ...change })),
);
type Undeliverable = Extract<Notice, { kind: 'undeliverable' }>;
export const undeliverable: fc.Arbitrary<Undeliverable> = fc.record({
  kind: fc.constant('undeliverable'),
  grant: fc.option(fc.uuid()),
  notice: fc.constantFrom('card', 'fact', 'digest'),
  destination: fc.constantFrom('C0OWNERS', 'U0OLIVIA', 'D0DIRECT'),
  error: text(300),
});

/** A fact about some grant. */
export const told = fc.record({ notice: fact, subject });

type UnusualUse = Extract<Notice, { kind: 'unusual_use' }>;
const unusual: fc.Arbitrary<UnusualUse> = fc.record({
  kind: fc.constant('unusual_use'),
  grant: fc.uuid(),
  uses: count,
  usual: count,
});
/** The notice and the grant as it is when it is told. */
export const unusualUse = fc.record({ notice: unusual, subject });
