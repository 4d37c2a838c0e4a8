import { attachEvidence } from '../../usecases/attach-evidence.ts';
import { actingPerson, type Door } from '../door.ts';
import { refusalSentence } from '../views/refusals.ts';
import type { FormState } from '../views/request-form.ts';
import { attachForm, evidenceOf } from '../views/review-form.ts';
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
} from './asking.ts';

/** The operator's own button: what was done, in their words, with links. */
export const clickAttach = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const { action, body, respond } = args;
    const subject = subjectOf(action.value);
    if (!subject) return tell(door, respond, refusalSentence(await madeUp(door, args, 'attach')));
    const opened = await openForm(door, body.trigger_id, attachForm(subject.grant));
    if (opened === null) await tell(door, respond, 'Slack did not open the form in time. Press the button again.');
  });

export const submitAttach = (door: Door, args: SubmissionArgs): Promise<void> =>
  answerSubmission(door, args, 'Attach evidence', async () => {
    const subject = subjectOf(args.view.private_metadata);
    if (!subject) return madeUp(door, args, 'attach');
    const actor = await actingPerson(door, args.body.user.id);
    const evidence = evidenceOf(args.view.state.values as FormState);
    const work = { requestId: requestIdOf(args), deliveryKey: args.view.id };
    const command = { by: { person: actor }, grant: subject.grant, evidence };
    const { receipt, ...outcome } = await attachEvidence(door.context, command, work);
    const late = receipt?.late ? ' It came after the access had ended and is marked late.' : '';
    return { actor, outcome, done: `Attached and on record.${late} SHA-256 of the note: ${receipt?.sha256}` };
  });
