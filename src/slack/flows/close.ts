import type { Kind } from '../../domain/words.ts';
import { end } from '../../usecases/end.ts';
import { revoke } from '../../usecases/revoke.ts';
import { myActive } from '../../usecases/status.ts';
import { withdraw } from '../../usecases/withdraw.ts';
import { actingPerson, type Door } from '../door.ts';
import { cardSubject } from '../subjects.ts';
import { revokeForm } from '../views/decision-forms.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import { commentOf, type FormState } from '../views/request-form.ts';
import { chooseEnd } from '../views/status.ts';
import { scopeWords } from '../views/words.ts';
import {
  answering,
  answerSubmission,
  type ButtonArgs,
  type CommandArgs,
  madeUp,
  openForm,
  requestIdOf,
  type SubmissionArgs,
  subjectOf,
  tell,
  tellRefusal,
} from './asking.ts';

/** Withdraw and "I'm done": the requester's own buttons. */
export const clickWithdraw = (door: Door, args: ButtonArgs): Promise<void> =>
  closeOwn(door, args, 'withdraw', withdraw);
export const clickEnd = (door: Door, args: ButtonArgs): Promise<void> => closeOwn(door, args, 'end', end);

const closeOwn = (door: Door, args: ButtonArgs, name: string, verb: typeof withdraw): Promise<void> =>
  answering(door, args.respond, async () => {
    const subject = subjectOf(args.action.value);
    if (!subject) return tell(door, args.respond, refusalSentence(await madeUp(door, args, name)));
    const actor = await actingPerson(door, args.body.user.id);
    const work = { requestId: requestIdOf(args), deliveryKey: args.body.trigger_id };
    await tellRefusal(door, args.respond, await verb(door.context, { actor, grant: subject.grant }, work), actor);
  });

/** `/breakglass end`: gives back what is active; where several could be meant, asks which. */
export const commandEnd = (door: Door, kind: Kind, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const actor = await actingPerson(door, args.command.user_id);
    if (actor.standing === 'unknown') return tell(door, args.respond, unknownStandingSentence);
    const active = await myActive(door.context, actor, kind);
    const [only, ...others] = active;
    if (!only)
      return tell(
        door,
        args.respond,
        `You have no active ${kind === 'break_glass' ? 'break-glass' : 'support'} access.`,
      );
    if (others.length > 0) return tell(door, args.respond, chooseEnd(active.map((each) => cardSubject(door, each))));
    const work = { requestId: requestIdOf(args), deliveryKey: args.command.trigger_id };
    const outcome = await end(door.context, { actor, grant: only.grant.id }, work);
    if (outcome.kind === 'refused') return tellRefusal(door, args.respond, outcome, actor);
    await tell(
      door,
      args.respond,
      `Done: ${scopeWords[only.grant.scope].name} is over. Everyone who saw the request is told.`,
    );
  });

export const clickRevoke = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const { action, body, respond } = args;
    if (!subjectOf(action.value)) return tell(door, respond, refusalSentence(await madeUp(door, args, 'revoke')));
    const opened = await openForm(door, body.trigger_id, revokeForm(action.value ?? ''));
    if (opened === null) await tell(door, respond, 'Slack did not open the form in time. Press the button again.');
  });

export const submitRevoke = (door: Door, args: SubmissionArgs): Promise<void> =>
  answerSubmission(door, args, 'Revoke access', async () => {
    const subject = subjectOf(args.view.private_metadata);
    if (!subject) return madeUp(door, args, 'revoke');
    const actor = await actingPerson(door, args.body.user.id);
    const command = { actor, grant: subject.grant, reason: commentOf(args.view.state.values as FormState) };
    return {
      actor,
      outcome: await revoke(door.context, command, { requestId: requestIdOf(args), deliveryKey: args.view.id }),
    };
  });
