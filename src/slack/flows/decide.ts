import { approve } from '../../usecases/approve.ts';
import { refused } from '../../usecases/context.ts';
import { deny } from '../../usecases/deny.ts';
import { actingPerson, type Door } from '../door.ts';
import { approveShorterForm, denyForm } from '../views/decision-forms.ts';
import { stepUpModal, stepUpOffer } from '../views/link.ts';
import { refusalSentence } from '../views/refusals.ts';
import { commentOf, type FormState, minutesOf } from '../views/request-form.ts';
import {
  answering,
  answerSubmission,
  type ButtonArgs,
  madeUp,
  openForm,
  requestIdOf,
  type SubmissionArgs,
  subjectOf,
  tell,
  tellRefusal,
} from './asking.ts';
import { signInInstead } from './link.ts';

/** The Approve button: the button's leg is the leg filled, whatever other roles the person holds. */
export const clickApprove = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const subject = subjectOf(args.action.value);
    if (!subject?.leg) return tell(door, args.respond, refusalSentence(await madeUp(door, args, 'approve')));
    const actor = await actingPerson(door, args.body.user.id);
    const command = { actor, grant: subject.grant, leg: subject.leg, minutes: null, comment: null };
    const work = { requestId: requestIdOf(args), deliveryKey: args.body.trigger_id };
    const outcome = await approve(door.context, command, work);
    const instead = outcome.kind === 'refused' && (await signInInstead(door, outcome, command, work.requestId));
    if (instead && 'address' in instead) return tell(door, args.respond, stepUpOffer(instead.address));
    await tellRefusal(door, args.respond, instead ? refused(instead.refusal) : outcome, actor);
  });

/** Approving for less time and denying ask a question first. Who may is looked at when the answer comes. */
export const clickApproveShorter = (door: Door, args: ButtonArgs): Promise<void> =>
  openAbout(door, args, 'approve', approveShorterForm);
export const clickDeny = (door: Door, args: ButtonArgs): Promise<void> => openAbout(door, args, 'deny', denyForm);

const openAbout = (door: Door, args: ButtonArgs, verb: string, form: typeof denyForm): Promise<void> =>
  answering(door, args.respond, async () => {
    const { action, body, respond } = args;
    if (!subjectOf(action.value)?.leg) return tell(door, respond, refusalSentence(await madeUp(door, args, verb)));
    const opened = await openForm(door, body.trigger_id, form(action.value ?? ''));
    if (opened === null) await tell(door, respond, 'Slack did not open the form in time. Press the button again.');
  });

const shorterTitle = 'Approve for less time';

export const submitApproveShorter = (door: Door, args: SubmissionArgs): Promise<void> =>
  answerSubmission(door, args, shorterTitle, async () => {
    const subject = subjectOf(args.view.private_metadata);
    if (!subject?.leg) return madeUp(door, args, 'approve');
    const state = args.view.state.values as FormState;
    const actor = await actingPerson(door, args.body.user.id);
    const command = {
      actor,
      grant: subject.grant,
      leg: subject.leg,
      minutes: minutesOf(state),
      comment: commentOf(state) || null,
    };
    const requestId = requestIdOf(args);
    const outcome = await approve(door.context, command, { requestId, deliveryKey: args.view.id });
    const instead = outcome.kind === 'refused' && (await signInInstead(door, outcome, command, requestId));
    if (!instead) return { actor, outcome };
    if ('refusal' in instead) return { actor, outcome: refused(instead.refusal) };
    return { actor, outcome, instead: stepUpModal(shorterTitle, instead.address) };
  });

export const submitDeny = (door: Door, args: SubmissionArgs): Promise<void> =>
  answerSubmission(door, args, 'Deny the request', async () => {
    const subject = subjectOf(args.view.private_metadata);
    if (!subject?.leg) return madeUp(door, args, 'deny');
    const actor = await actingPerson(door, args.body.user.id);
    const command = {
      actor,
      grant: subject.grant,
      leg: subject.leg,
      reason: commentOf(args.view.state.values as FormState),
    };
    return {
      actor,
      outcome: await deny(door.context, command, { requestId: requestIdOf(args), deliveryKey: args.view.id }),
    };
  });
