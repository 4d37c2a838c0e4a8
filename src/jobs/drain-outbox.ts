import { setTimeout as pass } from 'node:timers/promises';
import type { Addressed, Notice } from '../domain/notices.ts';
import type { Log } from '../log.ts';
import { asOneWork } from '../log.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Tx } from '../store/database.ts';
import {
  claimLane,
  distrustPosted,
  foldable,
  type HeldLane,
  headOf,
  isOlderThan,
  keepLane,
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
export function drainOutbox(deps: OutboxDeps, onError: (error: unknown) => void, onDone?: () => void): Alarm {
  const stopping = new AbortController();
  const { ring, stop } = workers(
    AT_ONCE,
    {
      next: (taken) => deliverNext(deps, taken, stopping.signal),
      untilNext: () => deps.db.acrossTenants('when the next notice is due', untilNextDelivery),
    },
    onError,
    onDone,
  );
  return {
    ring,
    stop: () => {
      stopping.abort();
      return stop();
    },
  };
}

/** A lane that is held, and what is to be told in it now. */
interface Turn {
  lease: Lease;
  head: QueuedNotice;
  folded: readonly QueuedNotice[];
}

/** Edits are quick and need no pause: so many follow one another before the lane gets in line again. */
const TURNS_IN_A_ROW = 20;

/** Takes one lane, delivers its first notice, and the ones behind it while nothing has to rest, and gives the lane back. */
async function deliverNext(deps: OutboxDeps, taken: () => void, stopping: AbortSignal): Promise<boolean> {
  const claimed = await deps.db.acrossTenants('take a lane of the outbox', async (tx) => {
    const lease = await claimLane(tx);
    return lease && { lease, turn: await turnIn(tx, lease) };
  });
  if (!claimed) return false;
  taken();
  if (claimed.turn === null) {
    await deps.db.acrossTenants('give a lane back', (tx) => releaseLane(tx, claimed.lease, 0));
    return true;
  }
  let turn: Turn | null = claimed.turn;
  for (let left = TURNS_IN_A_ROW - 1; turn; left -= 1) turn = await takeTurn(deps, turn, left > 0, stopping);
  return true;
}

async function turnIn(tx: Tx, lease: HeldLane): Promise<Turn | null> {
  const head = await headOf(tx, lease, lease.rested);
  return head && { lease, head, folded: await foldable(tx, lease, head) };
}

/** @returns the next turn in this lane, where it may go on at once */
const takeTurn = (deps: OutboxDeps, turn: Turn, mayGoOn: boolean, stopping: AbortSignal): Promise<Turn | null> =>
  asOneWork(async () => {
    const tried = await attempt(deps, turn.head, turn.lease.destination, turn.folded);
    const goOn = mayGoOn && tried.kind === 'delivered' && !tried.posted;
    return whileLeased(() => settle(deps, turn, tried, goOn), stopping);
  });

/** Together shorter than a lease (ms). */
const PAUSES_WHILE_LEASED_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000];

/**
 * What Slack said is written down as soon as the database takes it: until the lease is over nobody else may go on in this
 * lane, and then they would say it again. A second time does no harm; the lease's token decides, as ever.
 */
async function whileLeased<T>(settleIt: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  for (const pause of PAUSES_WHILE_LEASED_MS) {
    try {
      return await settleIt();
    } catch (error) {
      await pass(pause, undefined, { signal: stopping }).catch(() => {
        throw error;
      });
    }
  }
  return settleIt();
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

async function settle(deps: OutboxDeps, turn: Turn, tried: Tried, goOn: boolean): Promise<Turn | null> {
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
  if (head.notice.kind !== 'card' || head.tenant === null || tried.card === null) return;
  await rememberPosted(tx, head.notice.grant, head.tenant, lease.destination, tried.card);
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
  if (!(await settleDead(tx, head.id, error))) return; // on record before, by a commit whose answer was lost
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
