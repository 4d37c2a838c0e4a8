import { expire, lapse } from '../domain/close.ts';
import type { GrantEvent } from '../domain/events.ts';
import type { Policy } from '../domain/policy.ts';
import { type DueGrant, dueGrants } from '../store/due.ts';
import { type GrantInContext, loadGrant, lockGrant } from '../store/grants.ts';
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
export async function closeDue(context: Context, requestId: string): Promise<number> {
  let closed = 0;
  for (;;) {
    const due = await context.db.acrossTenants('find what is due', (tx) => dueGrants(tx, BATCH));
    let progress = 0;
    const failures: unknown[] = [];
    const close = async (queue: DueGrant[]): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        try {
          if (await closeOne(context, next, requestId)) progress += 1;
        } catch (error) {
          failures.push(error); // one grant that can't be closed must not keep the others open
        }
      }
    };
    for (const moment of moments(due)) await Promise.all(Array.from({ length: AT_ONCE }, () => close(moment)));
    closed += progress;
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${due.length} due grants could not be closed`, {
        cause: failures[0],
      });
    if (due.length < BATCH || progress === 0) return closed;
  }
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
      const events = at ? whatIsDue(at, inForce().policy) : [];
      if (!at || events.length === 0) return false;
      await saveChange(tx, { before: at.grant, events, actor: 'system:clock', accounts: at.accounts, requestId });
      return true;
    },
    'close what is due',
  );

/** What the clock has to say about a grant by now: it expired, it lapsed, or nothing. */
export function whatIsDue({ grant, now }: GrantInContext, policy: Policy): readonly GrantEvent[] {
  const { events = [] } = grant.status.state === 'active' ? expire(grant, now) : lapse(grant, now, policy);
  return events;
}
