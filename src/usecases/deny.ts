import { deny as decideDeny } from '../domain/decide.ts';
import type { Actor } from '../domain/people.ts';
import type { GrantId, LegRole } from '../domain/words.ts';
import type { Context, Outcome, Work } from './context.ts';
import { decideOnGrant } from './decide-on-grant.ts';

export interface DenyCommand {
  actor: Actor;
  grant: GrantId;
  leg: LegRole;
  reason: string;
}

/** Close a request by denying one of its legs, with a reason for the requester. */
export const deny = (context: Context, { actor, grant, leg, reason }: DenyCommand, work: Work): Promise<Outcome> =>
  decideOnGrant(context, {
    name: 'deny',
    grant,
    actor,
    body: { leg, reason },
    work,
    decide: ({ grant: asked, now, tenant }, policy) =>
      decideDeny(asked, actor, leg, reason, { now, policy, owners: tenant.owners }),
  });
