import { recordOf } from '../domain/audit.ts';
import type { Addressed, Notice, OpenReview } from '../domain/notices.ts';
import { fallOverdue, needsReminder, reviewStateAt, type Unanswered } from '../domain/review.ts';
import type { GrantId } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { requesterPlaces } from '../store/deliveries.ts';
import { loadGrant, loadGrants } from '../store/grants.ts';
import { enqueue } from '../store/outbox.ts';
import { readClock } from '../store/policies.ts';
import { claimReminders, lockUnanswered, markReminded, saveReview } from '../store/reviews.ts';
import type { Context, InForce } from './context.ts';
import { redrawReview } from './redraw-review.ts';

type Owed = Unanswered & { grant: GrantId };

/** A list that is longer is cut: who wants all asks for it. */
export const LISTED = 40;

export interface Reminded {
  escalated: number;
  /** Reviews in the daily list; 0 where it was not due. */
  listed: number;
}

/**
 * Tells of reviews that nobody answered, by the database's clock: each once when it becomes overdue, to security, ops and
 * the operator; and all of them to security in one list a day. Several processes may look at once: one tells.
 * After a standstill, what was missed is one list, not many.
 */
export const remindOfReviews = ({ db, inForce }: Context, requestId: string): Promise<Reminded> =>
  db.acrossTenants('remind of reviews', async (tx) => {
    if (!(await claimReminders(tx))) return { escalated: 0, listed: 0 };
    const owed = await lockUnanswered(tx);
    const { now } = await readClock(tx);
    let escalated = 0;
    for (const each of owed) if (await escalate(tx, each, now, inForce(), requestId)) escalated += 1;
    // Who was told of it just now is not told again today.
    const due = owed.some((each) => fallOverdue(each, now).length === 0 && needsReminder(each, now));
    if (!due) return { escalated, listed: 0 };
    const reviews = await listOf(tx, owed, now);
    const notice: Notice = { kind: 'reviews_open', reviews, more: Math.max(0, owed.length - LISTED) };
    await enqueue(tx, [{ destination: inForce().channels.security, notice }], { tenant: null, requestId });
    await markReminded(
      tx,
      owed.map(({ grant }) => grant),
    );
    return { escalated, listed: owed.length };
  });

async function escalate(tx: Tx, owed: Owed, now: Date, { channels }: InForce, requestId: string): Promise<boolean> {
  const [event] = fallOverdue(owed, now);
  const at = event && (await loadGrant(tx, owed.grant));
  if (!event || !at) return false;
  const { grant, accounts } = at;
  await saveReview(tx, grant, event);
  const name = `slack:${accounts.get(owed.operator) ?? owed.operator}`;
  await recordAudit(tx, [recordOf(event, grant, 'system:clock', () => name)], requestId);
  await redrawReview(tx, grant, channels, requestId, [channels.ops]);
  const told = (destination: string, audience: 'reviewers' | 'operator'): Addressed => ({
    destination,
    notice: { kind: 'review_overdue', grant: grant.id, audience },
  });
  const places = [...new Set([channels.security, channels.ops])].map((place) => told(place, 'reviewers'));
  const operators = (await requesterPlaces(tx, grant.id)).map((place) => told(place, 'operator'));
  await enqueue(tx, [...places, ...operators], { tenant: grant.tenant, requestId });
  return true;
}

/** The overdue ones first. */
export async function listOf(tx: Tx, owed: readonly Owed[], now: Date): Promise<OpenReview[]> {
  const listed = [...owed]
    .sort((a, b) => Number(a.excused !== null) - Number(b.excused !== null) || a.dueAt.getTime() - b.dueAt.getTime())
    .slice(0, LISTED);
  const grants = await loadGrants(
    tx,
    listed.map(({ grant }) => grant),
  );
  return listed.flatMap((each) => {
    const at = grants.get(each.grant);
    const state = reviewStateAt(each, now);
    if (!at || state === 'reviewed') return [];
    const operator = at.accounts.get(each.operator) ?? each.operator;
    const { grant, tenant } = at;
    return [
      { grant: grant.id, tenant: tenant.name, scope: grant.scope, operator, dueAt: each.dueAt.toISOString(), state },
    ];
  });
}
