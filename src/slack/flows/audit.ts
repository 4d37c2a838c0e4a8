import { hasRole } from '../../domain/people.ts';
import { type Look, lookAtAudit } from '../../usecases/look-at-audit.ts';
import { actingPerson, type Door } from '../door.ts';
import { commands } from '../ids.ts';
import { auditTrailMessage, placeIn } from '../views/audit-trail.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import { answering, type ButtonArgs, type CommandArgs, requestIdOf, tell } from './asking.ts';

/** `/support-access audit TENANT`: the tenant's audit trail, newest first, while one has access to it. */
export const commandAudit = (door: Door, tenantKey: string | undefined, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    if (tenantKey === undefined) {
      const which = `Type ${commands.support_access} audit TENANT, with the key of the tenant.`;
      return tell(door, args.respond, which);
    }
    await show(door, args, args.command.user_id, { tenantKey, before: null });
  });

/** The Older button: the next page, looked at as anew. What the button says is only where to go on. */
export const clickAuditOlder = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, () => show(door, args, args.body.user.id, placeIn(args.action.value)));

async function show(
  door: Door,
  args: CommandArgs | ButtonArgs,
  user: string,
  place: Pick<Look, 'tenantKey' | 'before'>,
): Promise<void> {
  const actor = await actingPerson(door, user);
  if (actor.unsure && !hasRole(actor, 'operator')) return tell(door, args.respond, unknownStandingSentence);
  const look = await lookAtAudit(door.context, door.desk, { actor, ...place }, requestIdOf(args));
  await tell(door, args.respond, look.kind === 'refused' ? refusalSentence(look.refusal) : auditTrailMessage(look));
}
