import type { Log } from '../log.ts';
import type { Database, Tx } from '../store/database.ts';
import { foldable, type HeldLane, headOf, type Lease, type QueuedNotice } from '../store/deliveries.ts';

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

/** A lane that is held, and what is to be told in it now. */
export interface Turn {
  lease: Lease;
  head: QueuedNotice;
  folded: readonly QueuedNotice[];
}

/** Null where nothing may be told in this lane now. */
export async function turnIn(tx: Tx, lease: HeldLane): Promise<Turn | null> {
  const head = await headOf(tx, lease, lease.rested);
  return head && { lease, head, folded: await foldable(tx, lease, head) };
}
