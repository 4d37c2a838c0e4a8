import { leave } from '../domain/close.ts';
import { holders, type OpenGrant } from '../store/due.ts';
import { loadGrant, lockGrant } from '../store/grants.ts';
import type { Context } from './context.ts';
import { saveChange } from './save.ts';

/** Is this account an operator, now? `gone` where there is no such person any more, `unknown` when nobody could say. */
export type AskOperator = (account: string) => Promise<'yes' | 'no' | 'gone' | 'unknown'>;

/**
 * Takes back what people hold who are no operators any more. Only a certain "no" counts: an outage of Slack, during
 * which nobody can say, must not end an emergency's access.
 * @returns how many grants were taken back
 */
export async function dropLeavers(context: Context, isOperator: AskOperator, requestId: string): Promise<number> {
  const open = await context.db.acrossTenants('who has something open', holders);
  let dropped = 0;
  for (const { account, grants } of open) {
    const answer = await isOperator(account);
    // Neither Slack nor the file knows of the provider's groups: such access ends with its time, or with the person.
    const lost = grants.filter(({ byProvider }) => answer === 'gone' || (answer === 'no' && !byProvider));
    for (const grant of lost) if (await takeBack(context, grant, requestId)) dropped += 1;
  }
  return dropped;
}

const takeBack = ({ db, inForce }: Context, { id, tenant }: OpenGrant, requestId: string): Promise<boolean> =>
  db.inTenant(tenant, async (tx) => {
    await lockGrant(tx, id);
    const at = await loadGrant(tx, id);
    const { events = [] } = at ? leave(at.grant, at.now) : {};
    if (!at || events.length === 0) return false;
    const by = { actor: 'system:leavers', accounts: at.accounts };
    await saveChange(tx, { before: at.grant, events, ...by, requestId, channels: inForce().channels });
    return true;
  });
