import type { Notice } from '../domain/notices.ts';
import { attachmentsOf } from '../store/attachments.ts';
import type { Tx } from '../store/database.ts';

import type { Tenant } from '../store/grant-rows.ts';
import { loadGrant } from '../store/grants.ts';
import { type Posted, postedCard } from '../store/posted-cards.ts';
import { loadReview } from '../store/reviews.ts';
import { cardSubject, type TicketSettings } from './subjects.ts';
import { card, type Message } from './views/card.ts';
import { reviewCard } from './views/review-card.ts';

export type CardNotice = Extract<Notice, { kind: 'card' | 'review_card' }>;

/** A card as things are now, ready to be written out. */
interface Drawn {
  version: number;
  tenant: Tenant;
  message: () => Message;
}

/** What a card shows by now, and where it stands in a destination. In the grant's tenant. */
export async function lookAtCard(
  tx: Tx,
  notice: CardNotice,
  destination: string,
  settings: TicketSettings,
): Promise<{ drawn: Drawn | null; posted: Posted | null }> {
  const of = notice.kind === 'card' ? 'grant' : 'review';
  const drawn = await drawnFrom(tx, notice, settings);
  return { drawn, posted: await postedCard(tx, { grant: notice.grant, of }, destination) };
}

async function drawnFrom(tx: Tx, notice: CardNotice, settings: TicketSettings): Promise<Drawn | null> {
  const at = await loadGrant(tx, notice.grant);
  if (at === null) return null;
  const subject = cardSubject(settings, at);
  const { tenant } = at;
  if (notice.kind === 'card') return { version: at.grant.version, tenant, message: () => card(subject, notice) };
  const review = await loadReview(tx, notice.grant);
  if (review === null) return null;
  const evidence = await attachmentsOf(tx, notice.grant);
  const accounts = new Map([...at.accounts, ...review.accounts]);
  return {
    version: review.version,
    tenant,
    message: () => reviewCard({ ...subject, accounts, review, evidence }),
  };
}
