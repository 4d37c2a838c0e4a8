import { end as decideEnd } from '../domain/close.ts';
import type { Actor } from '../domain/people.ts';
import type { GrantId } from '../domain/words.ts';
import type { Context, Outcome, Work } from './context.ts';
import { decideOnGrant } from './decide-on-grant.ts';

/** "I'm done": the requester gives access back before it runs out. */
export const end = (
  context: Context,
  { actor, grant }: { actor: Actor; grant: GrantId },
  work: Work,
): Promise<Outcome> =>
  decideOnGrant(context, {
    name: 'end',
    grant,
    actor,
    body: null,
    work,
    decide: ({ grant: held, now }) => decideEnd(held, actor, now),
  });
