import type { KnownBlock } from '@slack/types';
import type { Notice, OpenReview } from '../../domain/notices.ts';
import type { Actor } from '../../domain/people.ts';
import { mayNotReview, type Review, reviewStateAt } from '../../domain/review.ts';
import { buttons, commands } from '../ids.ts';
import { link, mention, moment, mrkdwn, typed } from '../text.ts';
import { button, type CardSubject, type Message, row } from './card.ts';
import { listed } from './status.ts';
import { openReviewWords, scopeWords } from './words.ts';

const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(text) });

/** A review fell due and nobody answered: what follows from that, and what to do. */
export function reviewOverdueMessage(
  { audience }: Extract<Notice, { kind: 'review_overdue' }>,
  { grant, tenant, accounts }: CardSubject,
): Message {
  const who = mention(accounts.get(grant.requester));
  const text = `*Review overdue:* ${scopeWords[grant.scope].name} on ${typed(tenant.name)} by ${who}, ticket ${typed(grant.ticket, 150)}. Until somebody reviews it, or security excuses it, ${who} can't open another break-glass session.`;
  const blocks = [section(text)];
  return {
    text,
    blocks:
      audience === 'reviewers'
        ? [...blocks, row('review', [button(buttons.review, 'Review', grant.id, 'primary')])]
        : blocks,
  };
}

/** Once a day: what nobody answered yet. */
export function openReviewsMessage({ reviews, more }: Extract<Notice, { kind: 'reviews_open' }>): Message {
  const count = reviews.length + more;
  const title = count === 1 ? 'A session waits for its review' : `${count} sessions wait for their review`;
  const blocks = listed(section(`*${title}*`), reviews, (each) => reviewBlock(each, null, true), more);
  return { text: title, blocks: [...blocks, section(`All of them: \`${commands.break_glass} reviews\``)] };
}

/** A review in somebody's list. */
export interface ReviewLine {
  subject: CardSubject;
  review: Review;
  /** Of its card; null where none can be given. */
  address: string | null;
}

/** Reviews that nobody answered, for who asked: each with a button where they may answer it. */
export function reviewsMessage(lines: readonly ReviewLine[], whose: 'all' | 'own', actor: Actor): Message {
  const title = whose === 'all' ? 'Sessions that wait for their review' : 'Your sessions that wait for their review';
  if (lines.length === 0) {
    const nothing =
      whose === 'all' ? 'No session waits for its review.' : 'None of your sessions waits for its review.';
    return { text: nothing, blocks: [section(nothing)] };
  }
  const blocks = listed(section(`*${title}*`), lines, ({ subject, review, address }) =>
    reviewBlock(openReviewOf(subject, review), address, mayNotReview(subject.grant, review, actor) === null),
  );
  return { text: title, blocks };
}

function openReviewOf({ grant, tenant, now, accounts }: CardSubject, review: Review): OpenReview {
  const state = reviewStateAt(review, now);
  return {
    ...{ grant: grant.id, tenant: tenant.name, scope: grant.scope, dueAt: review.dueAt.toISOString() },
    ...{ operator: accounts.get(grant.requester) ?? '', state: state === 'reviewed' ? 'open' : state },
  };
}

function reviewBlock(
  { grant, tenant, scope, operator, dueAt, state }: OpenReview,
  address: string | null,
  mayAnswer: boolean,
): KnownBlock {
  const what = `${scopeWords[scope].name} on ${typed(tenant, 120)}`;
  const shown = address ? link(address, what) : what;
  const text = `${shown} by ${mention(operator)}. ${openReviewWords[state]} ${moment(new Date(dueAt))}.`;
  return {
    ...{ type: 'section', text: mrkdwn(text), block_id: `review_${grant}` },
    ...(mayAnswer ? { accessory: button(buttons.review, 'Review', grant) } : {}),
  };
}
