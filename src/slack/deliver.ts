import type { WebClient } from '@slack/web-api';
import type { Notice } from '../domain/notices.ts';
import type { Database } from '../store/database.ts';
import type { QueuedNotice } from '../store/deliveries.ts';
import { loadGrant } from '../store/grants.ts';
import type { Posted } from '../store/posted-cards.ts';
import { loadTenant } from '../store/tenants.ts';
import { type SlackFailure, slackFailure } from './clients.ts';
import { type CardNotice, lookAtCard } from './drawn-card.ts';
import { edit, post } from './posting.ts';
import { type ChannelReaders, mayBeShared } from './shared-channel.ts';
import { cardSubject } from './subjects.ts';
import type { Message } from './views/card.ts';
import { identityChangedMessage, linkQuestionMessage } from './views/link.ts';
import {
  digestMessage,
  type Fact,
  factMessage,
  foldedMessage,
  roleChangedMessage,
  tenantChangedMessage,
  undeliverableMessage,
  unusualUseMessage,
} from './views/messages.ts';
import { openReviewsMessage, reviewOverdueMessage } from './views/review-messages.ts';

import { checkpointMessage, sealAlarmMessage } from './views/seal.ts';

/** What came of trying to tell somebody. */
export type Delivery =
  /** Slack has it. `card` is where it stands and what it shows, to be remembered; `posted` is false for an edit. */
  | { kind: 'delivered'; ts: string | null; channel: string | null; posted: boolean; card: Shown | null }
  | { kind: 'postponed'; error: string; retryAfterMs: number | null }
  | { kind: 'refused'; error: string };

/** What is said about a grant as it is now. */
type AboutGrant = Extract<Notice, { kind: 'unusual_use' | 'review_overdue' }>;
/** What is said without a look at a grant. */
type News = Exclude<Notice, { kind: 'card' | 'fact' } | AboutGrant | { kind: 'review_card' }>;

/** Where a card stands by now, and what was remembered of that place before. */
type Shown = Posted & { versionFound: number | null };

export interface DeliverySettings {
  tickets: { link: string | null };
}

/** Slack's way of saying that the account or token is out of order, not the notice: it may come right. */
const outages = new Set([
  'token_revoked',
  'token_expired',
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'missing_scope',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'team_added_to_org',
  'ratelimited',
  'request_timeout',
  'accesslimited',
]);

/** What a delivery works with. */
export interface DeliveryDeps {
  db: Database;
  slack: WebClient;
  readers: ChannelReaders;
  settings: () => DeliverySettings;
}

/**
 * Delivers one notice, rendered as things are now, and never where people of another company would read it. Nothing is
 * read inside a transaction that is still open while Slack is asked.
 */
export async function deliver(
  queued: QueuedNotice,
  destination: string,
  folded: readonly QueuedNotice[],
  deps: DeliveryDeps,
): Promise<Delivery> {
  const { notice } = queued;
  try {
    switch (notice.kind) {
      case 'card':
      case 'review_card':
        return await deliverCard(queued, notice, destination, deps);
      case 'fact':
        return await deliverFacts([queued, ...folded], destination, deps);
      case 'unusual_use':
      case 'review_overdue':
        return await deliverAboutGrant(queued, notice, destination, deps);
      default:
        return await deliverNews(queued, notice, destination, deps);
    }
  } catch (error) {
    return afterFailure(slackFailure(error));
  }
}

const nothingToSay: Delivery = { kind: 'delivered', ts: null, channel: null, posted: false, card: null };

function afterFailure({ kind, error, retryAfterMs }: SlackFailure): Delivery {
  if (kind !== 'refused') return { kind: 'postponed', error, retryAfterMs: retryAfterMs ?? null };
  const name = error.split(' ')[0] ?? error;
  // Slack's client takes any text for Slack's word, also the page of a proxy in between: nobody refused anything then.
  if (!/^[a-z0-9_]+$/.test(name)) return { kind: 'postponed', error: 'not_an_answer_of_slack', retryAfterMs: null };
  return outages.has(name) ? { kind: 'postponed', error, retryAfterMs: null } : { kind: 'refused', error };
}

function render(notice: News): Message {
  switch (notice.kind) {
    case 'digest':
      return digestMessage(notice.summary);
    case 'undeliverable':
      return undeliverableMessage(notice);
    case 'tenant_changed':
      return tenantChangedMessage(notice);
    case 'role_changed':
      return roleChangedMessage(notice);
    case 'link_question':
      return linkQuestionMessage(notice);
    case 'identity_changed':
      return identityChangedMessage(notice);
    case 'reviews_open':
      return openReviewsMessage(notice);
    case 'checkpoint':
      return checkpointMessage(notice);
    case 'seal_alarm':
      return sealAlarmMessage(notice);
  }
}

async function deliverNews(
  queued: QueuedNotice,
  notice: News,
  destination: string,
  { db, slack, readers }: DeliveryDeps,
): Promise<Delivery> {
  const { tenant: id } = queued;
  const tenant = id === null ? null : await db.inTenant(id, (tx) => loadTenant(tx, id));
  // The channel that was the owners' until a change is told of it, as shared as it was allowed to be.
  const own = [tenant && mayBeShared(tenant), notice.kind === 'tenant_changed' ? notice.wasShared : null];
  if (await readers.areOfOthers(destination, own)) return sharedWithOthers;
  return tell(slack, destination, render(notice), queued);
}

/** One fact, or many at once in the order they happened. */
async function deliverFacts(
  all: readonly QueuedNotice[],
  destination: string,
  { db, slack, readers, settings }: DeliveryDeps,
): Promise<Delivery> {
  const [first] = all;
  const facts: Fact[] = [];
  const own: (string | null)[] = [];
  for (const { notice, tenant } of all) {
    if (notice.kind !== 'fact' || tenant === null) continue;
    const at = await db.inTenant(tenant, (tx) => loadGrant(tx, notice.grant));
    if (!at) continue;
    facts.push({ notice, subject: cardSubject({ settings }, at) });
    own.push(mayBeShared(at.tenant));
  }
  const [only] = facts;
  if (!first || !only) return { kind: 'refused', error: 'the grant of this fact is not to be seen' };
  // A channel that one tenant shares with its own people is no place for another tenant's facts.
  const shared = own.every((each) => each === own[0]) ? own.slice(0, 1) : [];
  if (await readers.areOfOthers(destination, shared)) return sharedWithOthers;
  const message = all.length > 1 ? foldedMessage(facts) : factMessage(only.notice, only.subject);
  return tell(slack, destination, message, first);
}

async function deliverAboutGrant(
  queued: QueuedNotice,
  notice: AboutGrant,
  destination: string,
  { db, slack, readers, settings }: DeliveryDeps,
): Promise<Delivery> {
  const { tenant } = queued;
  const at = tenant === null ? null : await db.inTenant(tenant, (tx) => loadGrant(tx, notice.grant));
  if (at === null) return { kind: 'refused', error: 'the grant of this notice is not to be seen' };
  if (await readers.areOfOthers(destination, [mayBeShared(at.tenant)])) return sharedWithOthers;
  const subject = cardSubject({ settings }, at);
  const message =
    notice.kind === 'unusual_use' ? unusualUseMessage(notice, subject) : reviewOverdueMessage(notice, subject);
  return tell(slack, destination, message, queued);
}

async function deliverCard(
  queued: QueuedNotice,
  notice: CardNotice,
  destination: string,
  { db, slack, readers, settings }: DeliveryDeps,
): Promise<Delivery> {
  const { tenant } = queued;
  if (tenant === null) return { kind: 'refused', error: 'a card without a tenant' };
  const { drawn, posted } = await db.inTenant(tenant, (tx) => lookAtCard(tx, notice, destination, { settings }));
  if (drawn === null) return { kind: 'refused', error: 'the grant of this card is not to be seen' };
  const { version } = drawn;
  if (posted && posted.versionShown >= version) return nothingToSay;
  if (await readers.areOfOthers(destination, [mayBeShared(drawn.tenant)])) return sharedWithOthers;
  const message = drawn.message();
  const shown = { versionShown: version, versionFound: posted?.versionShown ?? null };
  if (posted && (await edit(slack, posted, message, queued))) {
    const { ts, channel } = posted;
    return { kind: 'delivered', ts, channel, posted: false, card: { ts, channel, ...shown } };
  }
  const { ts, channel } = await post(slack, destination, message, queued);
  return { kind: 'delivered', ts, channel, posted: true, card: { ts, channel, ...shown } };
}

const sharedWithOthers: Delivery = { kind: 'refused', error: 'channel_is_shared_with_another_company' };

async function tell(slack: WebClient, destination: string, message: Message, queued: QueuedNotice): Promise<Delivery> {
  const { ts, channel } = await post(slack, destination, message, queued);
  return { kind: 'delivered', ts, channel, posted: true, card: null };
}
