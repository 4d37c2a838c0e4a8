import type { Channels } from '../domain/notices.ts';
import type { Policy } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { Database } from '../store/database.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import type { RefusalLog } from './refusal-log.ts';

/** The configuration this process decides by. */
export interface InForce {
  epoch: number;
  policy: Policy;
  channels: Omit<Channels, 'owner'>;
  file: FileSays;
}

/** What the file names is the file's, and nobody else's to change (docs/adr/0017). */
export interface FileSays {
  /** People without a team of their own are of this one. */
  team: string;
  /** Keys of tenants. */
  tenants: ReadonlySet<string>;
  /** When the digest is sent; null for never. */
  digest: { cron: string; timezone: string } | null;
  /** A notice that waits for longer is given up. */
  deadAfterMinutes: number;
}

/** What every verb needs from outside. */
export interface Context {
  db: Database;
  inForce: () => InForce;
  refusals: RefusalLog;
}

/** Who asks, through which piece of work: the same id is in the log lines and the audit rows. */
export interface Work {
  requestId: string;
  /** By what a second delivery of the same request is recognised; null where the verb itself makes repeats harmless. */
  deliveryKey: string | null;
}

/** What came of a verb. A refusal carries the people it mentions, so that a door can name them. */
export type Outcome =
  | { kind: 'done'; at: GrantInContext }
  | { kind: 'repeated'; grant: string }
  | { kind: 'refused'; refusal: Refusal; accounts: ReadonlyMap<string, string> };

export type Refused = Extract<Outcome, { kind: 'refused' }>;

export const refused = (refusal: Refusal, accounts: ReadonlyMap<string, string> = new Map()): Refused => ({
  kind: 'refused',
  refusal,
  accounts,
});
