import { approve as decideApprove } from '../domain/decide.ts';
import type { SignIn } from '../domain/linking.ts';
import type { Actor } from '../domain/people.ts';
import type { GrantId, LegRole } from '../domain/words.ts';
import type { Context, Outcome, Work } from './context.ts';
import { decideOnGrant, type GrantVerb } from './decide-on-grant.ts';

export interface ApproveCommand {
  actor: Actor;
  grant: GrantId;
  leg: LegRole;
  /** Shorter than what stands, in minutes; null for as it stands. */
  minutes: number | null;
  comment: string | null;
  /** What the identity provider said of the sign-in that this rests on; left out for a plain click. */
  signIn?: SignIn | null;
}

/** Fill one leg of a request; the last one activates the grant. */
export const approve = (
  context: Context,
  { actor, grant, ...approval }: ApproveCommand,
  work: Work,
  admit?: GrantVerb['admit'],
): Promise<Outcome> =>
  decideOnGrant(context, {
    name: 'approve',
    grant,
    actor,
    // How somebody signed in is no part of what they ask: signed in anew, the same is a repeat.
    body: { ...approval, signIn: undefined },
    work,
    ...(admit && { admit }),
    decide: ({ grant: asked, now, tenant }, policy, admitted) =>
      decideApprove(asked, admitted, approval, { now, policy, owners: tenant.owners }),
  });
