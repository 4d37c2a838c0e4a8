import { withdraw as decideWithdraw } from '../domain/close.ts';
import type { Actor } from '../domain/people.ts';
import type { GrantId } from '../domain/words.ts';
import type { Context, Outcome, Work } from './context.ts';
import { decideOnGrant } from './decide-on-grant.ts';

/** The requester takes back a request that waits. */
export const withdraw = (
  context: Context,
  { actor, grant }: { actor: Actor; grant: GrantId },
  work: Work,
): Promise<Outcome> =>
  decideOnGrant(context, {
    name: 'withdraw',
    grant,
    actor,
    body: null,
    work,
    decide: ({ grant: asked, now }) => decideWithdraw(asked, actor, now),
  });
