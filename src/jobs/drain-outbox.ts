import { setTimeout as pass } from 'node:timers/promises';
import { asOneWork } from '../log.ts';
import { claimLane, type QueuedNotice, releaseLane, untilNextDelivery } from '../store/deliveries.ts';
import type { Alarm } from './alarm.ts';
import { settle } from './settle.ts';
import { type OutboxDeps, type Tried, type Turn, turnIn } from './turn.ts';
import { workers } from './workers.ts';

/** Lanes that are delivered in side by side. */
const AT_ONCE = 8;

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

/** Edits are quick and need no pause: so many follow one another before the lane gets in line again, if they are quick. */
const TURNS_IN_A_ROW = 20;
const TURNS_WITHIN_MS = 2_000;

/** Takes one lane, delivers its first notice, and the ones behind it while nothing has to rest, and gives the lane back. */
async function deliverNext(deps: OutboxDeps, taken: () => void, stopping: AbortSignal): Promise<boolean> {
  const claimed = await deps.db.acrossTenants('take a lane of the outbox', async (tx) => {
    const lease = await claimLane(tx);
    return lease && { lease, turn: await turnIn(tx, lease) };
  });
  if (!claimed) return false;
  taken();
  // Whoever was on the way to a lane when a stop was called for leaves it to the next bot.
  if (claimed.turn === null || stopping.aborted) {
    await deps.db.acrossTenants('give a lane back', (tx) => releaseLane(tx, claimed.lease, 0));
    return true;
  }
  const enough = AbortSignal.any([stopping, AbortSignal.timeout(TURNS_WITHIN_MS)]);
  let turn: Turn | null = claimed.turn;
  for (let left = TURNS_IN_A_ROW - 1; turn; left -= 1) {
    turn = await takeTurn(deps, turn, () => left > 0 && !enough.aborted, stopping);
  }
  return true;
}

/** @returns the next turn in this lane, where it may go on at once */
const takeTurn = (deps: OutboxDeps, turn: Turn, mayGoOn: () => boolean, stopping: AbortSignal): Promise<Turn | null> =>
  asOneWork(async () => {
    const tried = await attempt(deps, turn.head, turn.lease.destination, turn.folded);
    const goOn = tried.kind === 'delivered' && !tried.posted && mayGoOn();
    return whileLeased(deps, () => settle(deps, turn, tried, goOn), stopping);
  });

/** Between two tries to write down what Slack said (ms); all of it within a lease. */
const PAUSES_WHILE_LEASED_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000];
const WRITTEN_WITHIN_MS = 45_000;

/**
 * What Slack said is written down as soon as the database takes it: until the lease is over nobody else may go on in this
 * lane, and then they would say it again. A second time does no harm; the lease's token decides, as ever.
 */
async function whileLeased<T>({ log }: OutboxDeps, settleIt: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(WRITTEN_WITHIN_MS)]);
  for (const pause of PAUSES_WHILE_LEASED_MS) {
    try {
      return await settleIt();
    } catch (error) {
      if (pause === PAUSES_WHILE_LEASED_MS[0]) {
        log.warn({ err: error }, 'what Slack said of a notice could not be written down; it is tried again');
      }
      await pass(pause, undefined, { signal }).catch(() => {
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
