import { applyAll } from '../domain/apply.ts';
import { recordOf } from '../domain/audit.ts';
import type { GrantEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import { type Addressed, noticesAfter, type Place } from '../domain/notices.ts';
import { reviewAfter } from '../domain/review.ts';
import { recordAudit } from '../store/audit.ts';
import { noteChange, type Tx } from '../store/database.ts';
import { updateGrant } from '../store/grants.ts';
import { enqueue, placesOf } from '../store/outbox.ts';
import { saveReview } from '../store/reviews.ts';
import type { InForce } from './context.ts';

export interface Change {
  before: Grant;
  events: readonly GrantEvent[];
  /** Who did it, as the audit names them. */
  actor: string;
  /** person -> `T0HOME:U0OPS` */
  accounts: ReadonlyMap<string, string>;
  requestId: string;
  channels: InForce['channels'];
  /** Where the grant's cards stand; looked up where not given. */
  places?: readonly Place[];
}

/**
 * State, audit rows and notices of one decision, in the caller's transaction: all or none (promise 3).
 * @returns the grant as it is now
 */
export async function saveChange(tx: Tx, change: Change): Promise<Grant> {
  const { before, events, actor, accounts, requestId, channels } = change;
  if (events.length === 0) return before;
  const after = { ...applyAll(before, events), version: before.version + 1 };
  const account = (person: string) => accounts.get(person) ?? person;
  const name = (person: string) => `slack:${account(person)}`;
  const opened = reviewAfter(after);

  await updateGrant(tx, before, after);
  for (const event of opened) await saveReview(tx, after, event);
  await recordAudit(
    tx,
    [...events, ...opened].map((event) => recordOf(event, after, actor, name)),
    requestId,
  );
  const places = change.places ?? (await placesOf(tx, after.id));
  const reviewCards = opened.map((): Addressed => {
    return { destination: channels.security, notice: { kind: 'review_card', grant: after.id } };
  });
  const notices = [...noticesAfter(events, after, places, account), ...reviewCards];
  await enqueue(tx, notices, { tenant: after.tenant, requestId });
  noteChange(tx, { before, after, events });
  return after;
}
