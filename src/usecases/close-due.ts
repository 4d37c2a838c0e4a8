import { expire, lapse } from '../domain/close.ts';
import type { GrantEvent } from '../domain/events.ts';
import type { Policy } from '../domain/policy.ts';
import type { GrantId } from '../domain/words.ts';
import { type DueGrant, dueGrants } from '../store/due.ts';
import type { GrantInContext } from '../store/grant-rows.ts';
import { loadGrant, lockGrant } from '../store/grants.ts';
import type { Context } from './context.ts';
import { saveChange } from './save.ts';

/** As many at once as leave connections for people. */
const AT_ONCE = 4;
const BATCH = 200;
/** What fell due this close together happened at one moment: it is closed side by side, in whatever order (ms). */
const ONE_MOMENT_MS = 1_000;

/**
 * Expires and lapses what is due, longest due first: after a standstill, people read it in the order in which it happened.
 * Any number of processes may do it at once: the row lock and the state decide, so nothing happens twice.
 * @returns how many grants this call closed
 * @throws AggregateError after everything else is closed, when some could not be
 */
export async function closeDue(context: Context, requestId: string, batch = BATCH): Promise<number> {
  let closed = 0;
  let found = 0;
  const failures: unknown[] = [];
  const left: GrantId[] = []; // looked at and not closed by this call: a batch full of them would hide the others
  const close = async (grant: DueGrant): Promise<void> => {
    try {
      if (await closeOne(context, grant, requestId)) closed += 1;
      else left.push(grant.id);
    } catch (error) {
      failures.push(error); // one grant that can't be closed must not keep the others open
      left.push(grant.id);
    }
  };
  for (let more = true; more; ) {
    const due = await context.db.acrossTenants('find what is due', (tx) => dueGrants(tx, batch, left));
    for (const moment of moments(due)) await sideBySide(moment, close);
    found += due.length;
    more = due.length === batch;
  }
  if (failures.length === 0) return closed;
  const message = `${failures.length} of ${found} due grants could not be closed`;
  throw new AggregateError(failures, message, { cause: failures[0] });
}

async function sideBySide(queue: DueGrant[], close: (grant: DueGrant) => Promise<void>): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await close(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What fell due together, the longest due first. */
function moments(due: readonly DueGrant[]): DueGrant[][] {
  const all: DueGrant[][] = [];
  for (const grant of due) {
    const last = all.at(-1);
    const since = last?.[0] ? grant.due.getTime() - last[0].due.getTime() : Number.POSITIVE_INFINITY;
    if (last && since < ONE_MOMENT_MS) last.push(grant);
    else all.push([grant]);
  }
  return all;
}

const closeOne = ({ db, inForce }: Context, { id, tenant }: DueGrant, requestId: string): Promise<boolean> =>
  db.inTenant(
    tenant,
    async (tx) => {
      await lockGrant(tx, id);
      const at = await loadGrant(tx, id);
      const { policy, channels } = inForce();
      const events = at ? whatIsDue(at, policy) : [];
      if (!at || events.length === 0) return false;
      const by = { actor: 'system:clock', accounts: at.accounts };
      await saveChange(tx, { before: at.grant, events, ...by, requestId, channels });
      return true;
    },
    'close what is due',
  );

/** What the clock has to say about a grant by now: it expired, it lapsed, or nothing. */
export function whatIsDue({ grant, now }: GrantInContext, policy: Policy): readonly GrantEvent[] {
  const { events = [] } = grant.status.state === 'active' ? expire(grant, now) : lapse(grant, now, policy);
  return events;
}
