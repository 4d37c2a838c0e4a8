import { linkOfPerson } from '../../usecases/link-identity.ts';
import { myStatus, tenantStatus } from '../../usecases/status.ts';
import { actingPerson, type Door } from '../door.ts';
import { cardSubject } from '../subjects.ts';
import { typed } from '../text.ts';
import { linkStanding } from '../views/link.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import { statusMessage } from '../views/status.ts';
import { answering, type CommandArgs, requestIdOf, tell } from './asking.ts';

/** `status`: what one has open. `status TENANT`: what is open on a tenant, for those who answer for it. */
export const commandStatus = (door: Door, tenantKey: string | undefined, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const actor = await actingPerson(door, args.command.user_id);
    if (actor.standing === 'unknown') return tell(door, args.respond, unknownStandingSentence);
    if (tenantKey === undefined) {
      const open = await myStatus(door.context, actor);
      const subjects = open.map((each) => cardSubject(door, each));
      const linked = door.signInAddress && linkStanding(await linkOfPerson(door.context, actor));
      return tell(door, args.respond, statusMessage('What you have open', subjects, 'You have nothing open.', linked));
    }
    const found = await tenantStatus(door.context, actor, tenantKey, requestIdOf(args));
    if (found.kind === 'refused') return tell(door, args.respond, refusalSentence(found.refusal));
    const subjects = found.open.map((each) => cardSubject(door, each));
    const name = typed(found.name);
    await tell(door, args.respond, statusMessage(`Open on ${name}`, subjects, `Nothing is open on ${name}.`));
  });
