import type { DigestSummary } from './digest.ts';
import type { GrantEvent } from './events.ts';
import type { Grant } from './grant.ts';
import type { ReviewState } from './review.ts';
import type { SealTrouble } from './seal.ts';
import type { GrantId, LegRole, Scope, StaffRole } from './words.ts';

/** Somebody must be told: rendered for Slack at delivery, so that a card always shows the current state. */
export type Notice =
  | { kind: 'card'; grant: GrantId; legs: readonly LegRole[]; audience: Audience }
  | {
      kind: 'fact';
      grant: GrantId;
      fact: ToldFact;
      at: string;
      dueAt: string | null;
      by: string | null;
      reason: string | null;
    }
  | { kind: 'digest'; summary: DigestSummary }
  | { kind: 'undeliverable'; grant: GrantId | null; notice: string; destination: string; error: string }
  /** `wasShared`: the owners' channel before the change, where it was allowed to be shared; it is told as well. */
  | { kind: 'tenant_changed'; tenant: string; changes: readonly TenantChange[]; wasShared: string | null }
  /** A signed head of the history; of one tenant's, where it has a name. */
  | { kind: 'checkpoint'; tenant: string | null; size: number; note: string }
  | { kind: 'seal_alarm'; trouble: SealTrouble | 'unsealed'; since: string | null }
  | { kind: 'unusual_use'; grant: GrantId; uses: number; usual: number }
  | { kind: 'role_changed'; role: StaffRole; added: readonly string[]; removed: readonly string[] }
  /** Asks a Slack account whether it was them who signed in; `until` when that can be answered. */
  | { kind: 'link_question'; signIn: string; issuer: string; subject: string; until: string }
  /** Tells security who somebody says they are: the pause before it counts is for finding out. */
  | { kind: 'identity_changed'; account: string; change: 'linked' | 'unlinked' | 'link_refused' }
  | { kind: 'review_card'; grant: GrantId }
  | { kind: 'review_overdue'; grant: GrantId; audience: 'reviewers' | 'operator' }
  /** `more`: how many there are beside those listed. */
  | { kind: 'reviews_open'; reviews: readonly OpenReview[]; more: number };

/** A review that nobody answered, as a list shows it. */
export interface OpenReview {
  grant: GrantId;
  tenant: string;
  scope: Scope;
  /** Who owes it, as an account. */
  operator: string;
  /** ISO 8601. */
  dueAt: string;
  state: Exclude<ReviewState, 'reviewed'>;
}

/** What a card is about: a grant has its own, and one of its review. */
export type CardOf = 'grant' | 'review';

/** Null for what is no card. */
export function cardOf({ kind }: Notice): CardOf | null {
  if (kind === 'card') return 'grant';
  return kind === 'review_card' ? 'review' : null;
}

export type TenantChange =
  | { what: 'created'; owners: readonly string[]; channel: string | null }
  | { what: 'owners'; added: readonly string[]; removed: readonly string[] }
  | { what: 'guests'; added: readonly string[]; removed: readonly string[] }
  | { what: 'channel'; before: string | null; after: string | null }
  | { what: 'shared'; after: boolean }
  | { what: 'archived'; reason: string }
  | { what: 'restored' };

/** Who reads a card: those who decide a leg there, those who only need to know, or the person who asked. */
export type Audience = 'approvers' | 'informed' | 'requester';

/** Facts that get a message of their own, not only a changed card. */
export type ToldFact = 'activated' | 'denied' | 'withdrawn' | 'lapsed' | 'ended' | 'revoked' | 'expired';

export interface Addressed {
  /** A channel's id, or a user's for a direct message. */
  destination: string;
  notice: Notice;
}

/** Where a grant's card stands. */
export interface Place {
  destination: string;
  audience: Audience;
  legs: readonly LegRole[];
}

export interface Channels {
  owner: string | null;
  ops: string;
  security: string;
}

/** Who sees a request: the channel of each leg, those who must know without being asked, and the requester. */
export function placesFor(grant: Grant, channels: Channels, requester: string): Place[] {
  const legs = new Map<string, LegRole[]>();
  for (const { role } of grant.legs) {
    const channel = channels[role];
    if (channel !== null) legs.set(channel, [...(legs.get(channel) ?? []), role]);
  }
  const informed = grant.legs.length === 0 ? [channels.owner, channels.security] : grant.waived ? [channels.owner] : [];
  return [
    ...[...legs].map(([destination, roles]): Place => ({ destination, audience: 'approvers', legs: roles })),
    ...[...new Set(informed)]
      .filter((channel) => channel !== null && !legs.has(channel))
      .map((destination): Place => ({ destination: String(destination), audience: 'informed', legs: [] })),
    { destination: requester, audience: 'requester', legs: [] },
  ];
}

/** What has to be said after these facts, in the order it is read: the card first, then what deserves a message. */
export function noticesAfter(
  events: readonly GrantEvent[],
  grant: Grant,
  places: readonly Place[],
  nameOf: (person: string) => string,
): Addressed[] {
  if (events.length === 0) return [];
  const cards = places.map(({ destination, audience, legs }): Addressed => {
    return { destination, notice: { kind: 'card', grant: grant.id, legs, audience } };
  });
  const facts = events.flatMap((event) => {
    const fact = toldFact(event, grant, nameOf);
    if (!fact) return [];
    const everywhere = event.name === 'ended' || event.name === 'revoked' || event.name === 'expired';
    return places
      .filter(({ audience }) => everywhere || audience === 'requester')
      .map(({ destination }): Addressed => ({ destination, notice: fact }));
  });
  return [...cards, ...facts];
}

function toldFact(event: GrantEvent, grant: Grant, nameOf: (person: string) => string): Notice | null {
  switch (event.name) {
    case 'requested':
    case 'ownerless_waived':
    case 'approved':
      return null;
    case 'activated':
      // Without legs the card itself is the news.
      return grant.legs.length === 0 ? null : fact(grant, event.name, event.at, null, null, null);
    case 'denied':
    case 'revoked':
      return fact(grant, event.name, event.at, null, event.by && nameOf(event.by), event.reason);
    case 'withdrawn':
      return event.by === null ? fact(grant, event.name, event.at, null, null, event.reason) : null;
    case 'ended':
      return fact(grant, event.name, event.at, null, nameOf(event.by), null);
    case 'lapsed':
    case 'expired':
      return fact(grant, event.name, event.at, event.dueAt, null, null);
  }
}

const fact = (
  grant: Grant,
  name: ToldFact,
  at: Date,
  dueAt: Date | null,
  by: string | null,
  reason: string | null,
): Notice => ({
  kind: 'fact',
  grant: grant.id,
  fact: name,
  at: at.toISOString(),
  dueAt: dueAt?.toISOString() ?? null,
  by,
  reason,
});
