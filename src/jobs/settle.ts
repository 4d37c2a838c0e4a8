import { cardOf } from '../domain/notices.ts';
import type { Tx } from '../store/database.ts';
import {
  isOlderThan,
  keepLane,
  type Lease,
  postpone,
  type QueuedNotice,
  releaseLane,
  settleDelivered,
} from '../store/deliveries.ts';
import { enqueue } from '../store/outbox.ts';
import { type CardKey, distrustPosted, rememberPosted } from '../store/posted-cards.ts';
import { bury } from './bury.ts';
import { type OutboxDeps, type Tried, type Turn, turnIn } from './turn.ts';

/** About one message a second is what Slack takes in a channel (milliseconds). */
const PACE_MS = 1_050;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 5 * 60_000;

/**
 * Writes down what came of a turn, if the lane is still ours, and gives the lane back or keeps it.
 * @param goOn whether the next turn may follow at once
 * @returns that turn; null where the lane was given back or lost
 */
export async function settle(deps: OutboxDeps, turn: Turn, tried: Tried, goOn: boolean): Promise<Turn | null> {
  const { db, log } = deps;
  const { lease, head } = turn;
  const settled = await db.acrossTenants('settle a notice', async (tx) => {
    const kept = goOn ? await keepLane(tx, lease) : null;
    if (!kept && (goOn || !(await releaseLane(tx, lease, restAfter(tried))))) {
      await afterLostLease(tx, lease, head, tried);
      return { kept: false, next: null };
    }
    if (tried.kind === 'delivered') await afterDelivery(tx, turn, tried);
    else if (tried.kind === 'refused') await bury(tx, deps, lease, head, tried.error);
    else await afterPostponed(tx, deps, lease, head, tried);
    const next = kept && (await turnIn(tx, kept));
    if (kept && next === null) await releaseLane(tx, lease, 0);
    return { kept: true, next };
  });
  const line = { notice: String(head.id), kind: head.notice.kind, destination: lease.destination, for: head.requestId };
  if (!settled.kept) log.warn(line, 'a lane was taken over while a notice was being delivered');
  else if (tried.kind === 'delivered') log.info(line, 'notice delivered');
  else log.warn({ ...line, slack_error: tried.error, attempts: head.attempts + 1 }, 'notice not delivered');
  return settled.next;
}

/** How long a destination rests (ms): as long as Slack says, and after a message as long as Slack's pace. */
function restAfter(tried: Tried): number {
  if (tried.kind === 'postponed') return tried.retryAfterMs ?? 0;
  return tried.kind === 'delivered' && tried.posted ? PACE_MS : 0;
}

async function afterDelivery(
  tx: Tx,
  { lease, head, folded }: Turn,
  tried: Extract<Tried, { kind: 'delivered' }>,
): Promise<void> {
  const told = [head, ...folded].map(({ id }) => id);
  await settleDelivered(tx, told, tried.ts);
  const card = cardIn(head);
  if (card === null || head.tenant === null || tried.card === null) return;
  await rememberPosted(tx, card, head.tenant, lease.destination, tried.card);
}

/** Which card a notice draws; null for what is no card. */
function cardIn({ notice }: QueuedNotice): CardKey | null {
  const of = cardOf(notice);
  return of && 'grant' in notice && notice.grant !== null ? { grant: notice.grant, of } : null;
}

async function afterPostponed(
  tx: Tx,
  deps: OutboxDeps,
  lease: Lease,
  head: QueuedNotice,
  { error, retryAfterMs }: Extract<Tried, { kind: 'postponed' }>,
): Promise<void> {
  if (await isOlderThan(tx, head.id, deps.deadAfterMinutes())) {
    await bury(tx, deps, lease, head, `not delivered in ${deps.deadAfterMinutes()} minutes, last: ${error}`);
    return;
  }
  await postpone(tx, head.id, error, retryAfterMs ?? backoff(head.attempts));
}

/** Doubles with each failure, with jitter so that replicas and lanes do not come back all at once. */
export function backoff(attempts: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 20));
  return full / 2 + (full / 2) * random();
}

/**
 * Somebody else delivers in this lane by now and may have shown something newer before our message arrived, if it did
 * (no answer says nothing). What stands there is unknown, so the card is drawn once more, by whoever holds the lane.
 */
async function afterLostLease(tx: Tx, { destination }: Lease, head: QueuedNotice, tried: Tried): Promise<void> {
  const { notice, tenant, requestId } = head;
  const card = cardIn(head);
  const mayHaveArrived =
    tried.kind === 'delivered' ? tried.card !== null : tried.kind === 'postponed' && tried.retryAfterMs === null;
  if (card === null || !mayHaveArrived) return;
  await distrustPosted(tx, card, destination);
  await enqueue(tx, [{ destination, notice }], { tenant, requestId });
}
