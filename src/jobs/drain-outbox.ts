import type { Addressed, Notice } from '../domain/notices.ts';
import type { Log } from '../log.ts';
import { asOneWork } from '../log.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Tx } from '../store/database.ts';
import {
  claimLane,
  distrustPosted,
  foldable,
  headOf,
  isOlderThan,
  type Lease,
  postpone,
  type QueuedNotice,
  releaseLane,
  rememberPosted,
  requesterPlaces,
  settleDead,
  settleDelivered,
  untilNextDelivery,
} from '../store/deliveries.ts';
import { enqueue } from '../store/outbox.ts';
import type { Alarm } from './alarm.ts';
import { workers } from './workers.ts';

/** What came of one try; the door to Slack says it, the outbox acts on it. */
export type Tried =
  | {
      kind: 'delivered';
      ts: string | null;
      channel: string | null;
      posted: boolean;
      card: { channel: string; ts: string; versionShown: number; versionFound: number | null } | null;
    }
  | { kind: 'postponed'; error: string; retryAfterMs: number | null }
  | { kind: 'refused'; error: string };

export interface OutboxDeps {
  db: Database;
  log: Log;
  /** `folded` are facts to be said in the same message. */
  deliver: (queued: QueuedNotice, destination: string, folded: readonly QueuedNotice[]) => Promise<Tried>;
  channels: () => { security: string; ops: string };
  deadAfterMinutes: () => number;
}

/** About one message a second is what Slack takes in a channel (milliseconds). */
const PACE_MS = 1_050;
const AT_ONCE = 8;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 5 * 60_000;

/**
 * Delivers what is due, lane by lane: within one destination strictly in order, between them side by side.
 * A lane that nobody answers in keeps one worker busy and no other lane waiting.
 */
export const drainOutbox = (deps: OutboxDeps, onError: (error: unknown) => void): Alarm =>
  workers(
    AT_ONCE,
    {
      next: (taken) => deliverNext(deps, taken),
      untilNext: () => deps.db.acrossTenants('when the next notice is due', untilNextDelivery),
    },
    onError,
  );

/** Takes one lane, delivers its first notice and gives the lane back. */
async function deliverNext(deps: OutboxDeps, taken: () => void): Promise<boolean> {
  const claimed = await deps.db.acrossTenants('take a lane of the outbox', async (tx) => {
    const lease = await claimLane(tx);
    const head = lease && (await headOf(tx, lease));
    return lease && { lease, head, folded: head ? await foldable(tx, lease, head) : [] };
  });
  if (!claimed) return false;
  taken();
  const { lease, head, folded } = claimed;
  if (head === null) {
    await deps.db.acrossTenants('give a lane back', (tx) => releaseLane(tx, lease, 0));
    return true;
  }
  await asOneWork(async () => {
    const tried = await attempt(deps, head, lease.destination, folded);
    await settle(deps, lease, head, folded, tried);
  });
  return true;
}

/** A try that ends in an error nobody foresaw counts as one, so that its notice can't hold the lane for ever. */
async function attempt(
  { deliver, log }: OutboxDeps,
  head: QueuedNotice,
  destination: string,
  folded: readonly QueuedNotice[],
): Promise<Tried> {
  try {
    return await deliver(head, destination, folded);
  } catch (error) {
    log.error({ err: error, notice: String(head.id), destination }, 'delivering a notice went wrong');
    return { kind: 'postponed', error: error instanceof Error ? error.name : 'unknown_error', retryAfterMs: null };
  }
}

async function settle(
  deps: OutboxDeps,
  lease: Lease,
  head: QueuedNotice,
  folded: readonly QueuedNotice[],
  tried: Tried,
): Promise<void> {
  const { db, log } = deps;
  const kept = await db.acrossTenants('settle a notice', async (tx) => {
    const pause = tried.kind === 'delivered' && tried.posted ? PACE_MS : 0;
    if (!(await releaseLane(tx, lease, tried.kind === 'postponed' ? (tried.retryAfterMs ?? 0) : pause))) {
      await afterLostLease(tx, lease, head, tried);
      return false;
    }
    if (tried.kind === 'delivered') {
      await afterDelivery(tx, lease, head, tried);
      for (const { id } of folded) await settleDelivered(tx, id, tried.ts);
    } else if (tried.kind === 'refused') await bury(tx, deps, lease, head, tried.error);
    else await afterPostponed(tx, deps, lease, head, tried);
    return true;
  });
  const line = { notice: String(head.id), kind: head.notice.kind, destination: lease.destination, for: head.requestId };
  if (!kept) log.warn(line, 'a lane was taken over while a notice was being delivered');
  else if (tried.kind === 'delivered') log.info(line, 'notice delivered');
  else log.warn({ ...line, slack_error: tried.error, attempts: head.attempts + 1 }, 'notice not delivered');
}

async function afterDelivery(
  tx: Tx,
  { destination }: Lease,
  head: QueuedNotice,
  tried: Extract<Tried, { kind: 'delivered' }>,
): Promise<void> {
  await settleDelivered(tx, head.id, tried.ts);
  if (head.notice.kind !== 'card' || head.tenant === null || tried.card === null) return;
  await rememberPosted(tx, head.notice.grant, head.tenant, destination, tried.card);
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

/** A notice that will never arrive is out of the way of others, and somebody learns of it. */
async function bury(
  tx: Tx,
  { channels }: OutboxDeps,
  { destination }: Lease,
  head: QueuedNotice,
  error: string,
): Promise<void> {
  const { notice, tenant, requestId } = head;
  await settleDead(tx, head.id, error);
  const grant = 'grant' in notice && tenant !== null ? notice.grant : null;
  const details = { notice: String(head.id), kind: notice.kind, destination, error };
  await recordAudit(tx, [{ action: 'notice.dead', actor: 'system:outbox', tenant, grant, details }], requestId);
  await enqueue(tx, await announcements(tx, channels(), destination, notice, error), { tenant, requestId });
}

async function announcements(
  tx: Tx,
  { security, ops }: ReturnType<OutboxDeps['channels']>,
  destination: string,
  notice: Notice,
  error: string,
): Promise<Addressed[]> {
  // No announcement announces itself: what security can't be told, ops is told instead, and there it ends.
  if (notice.kind === 'undeliverable' && destination !== security) return [];
  const told = new Set([destination === security ? ops : security]);
  // A request nobody can see must not wait in silence: whoever asked is told as well.
  if (notice.kind === 'card') for (const place of await requesterPlaces(tx, notice.grant)) told.add(place);
  told.delete(destination);
  const grant = 'grant' in notice ? notice.grant : null;
  const announcement: Notice =
    notice.kind === 'undeliverable'
      ? notice
      : { kind: 'undeliverable', grant, notice: notice.kind, destination, error };
  return [...told].map((each) => ({ destination: each, notice: announcement }));
}

/**
 * Somebody else delivers in this lane by now and may have shown something newer before our message arrived, if it did
 * (no answer says nothing). What stands there is unknown, so the card is drawn once more, by whoever holds the lane.
 */
async function afterLostLease(
  tx: Tx,
  { destination }: Lease,
  { notice, tenant, requestId }: QueuedNotice,
  tried: Tried,
): Promise<void> {
  const mayHaveArrived =
    tried.kind === 'delivered' ? tried.card !== null : tried.kind === 'postponed' && tried.retryAfterMs === null;
  if (notice.kind !== 'card' || !mayHaveArrived) return;
  await distrustPosted(tx, notice.grant, destination);
  await enqueue(tx, [{ destination, notice }], { tenant, requestId });
}
