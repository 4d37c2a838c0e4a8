import { revoke as decideRevoke } from '../domain/close.ts';
import type { Actor } from '../domain/people.ts';
import type { GrantId } from '../domain/words.ts';
import type { Context, Outcome, Work } from './context.ts';
import { decideOnGrant } from './decide-on-grant.ts';

export interface RevokeCommand {
  actor: Actor;
  grant: GrantId;
  reason: string;
}

/** Stop access at once: an owner of the tenant, ops, security or an admin, with a reason. */
export const revoke = (context: Context, { actor, grant, reason }: RevokeCommand, work: Work): Promise<Outcome> =>
  decideOnGrant(context, {
    name: 'revoke',
    grant,
    actor,
    body: { reason },
    work,
    decide: ({ grant: held, now, tenant }) => decideRevoke(held, actor, reason, { now, owners: tenant.owners }),
  });
