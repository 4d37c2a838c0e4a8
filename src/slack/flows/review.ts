import { openReviews } from '../../usecases/list-reviews.ts';
import { excuseReview, notForReview, review } from '../../usecases/review.ts';
import { slackFailure } from '../clients.ts';
import { actingPerson, type Door } from '../door.ts';
import { addressOf } from '../permalinks.ts';
import { cardSubject } from '../subjects.ts';
import { mrkdwn } from '../text.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import { commentOf, type FormState, messageModal } from '../views/request-form.ts';
import { answersOf, excuseForm, reviewForm } from '../views/review-form.ts';
import { reviewsMessage } from '../views/review-messages.ts';
import {
  answering,
  answerSubmission,
  type ButtonArgs,
  type CommandArgs,
  madeUp,
  openForm,
  requestIdOf,
  type SubmissionArgs,
  sentenceFor,
  subjectOf,
  tell,
} from './asking.ts';

/**
 * The Review button: the form opens at once, and seven answers are a lot to write for somebody who may not give them:
 * they are told in its place as soon as that is known.
 */
export const clickReview = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const { action, body, respond } = args;
    const subject = subjectOf(action.value);
    if (!subject) return tell(door, respond, refusalSentence(await madeUp(door, args, 'review')));
    const view = await openForm(door, body.trigger_id, reviewForm(subject.grant));
    if (view === null) return tell(door, respond, 'Slack did not open the form in time. Press the button again.');
    const actor = await actingPerson(door, body.user.id);
    const about = { actor, grant: subject.grant };
    const refused = await notForReview(door.context, about, { requestId: requestIdOf(args) });
    if (refused === null) return;
    const sentence = sentenceFor(refused, actor);
    await door.slack.quick.views
      .update({ view_id: view, view: messageModal('Review the session', mrkdwn(sentence)) })
      .catch((error: unknown) => {
        const { error: why } = slackFailure(error);
        // Closed or sent meanwhile: whoever sent it has its answer.
        if (why === 'not_found') return;
        door.log.warn({ slack_error: why }, 'a form could not be taken back');
        return tell(door, respond, sentence);
      });
  });

export const submitReview = (door: Door, args: SubmissionArgs): Promise<void> =>
  answerSubmission(door, args, 'Review the session', async () => {
    const subject = subjectOf(args.view.private_metadata);
    if (!subject) return madeUp(door, args, 'review');
    const actor = await actingPerson(door, args.body.user.id);
    const command = { actor, grant: subject.grant, answers: answersOf(args.view.state.values as FormState) };
    const work = { requestId: requestIdOf(args), deliveryKey: args.view.id };
    return { actor, outcome: await review(door.context, command, work) };
  });

export const clickExcuse = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const { action, body, respond } = args;
    const subject = subjectOf(action.value);
    if (!subject) return tell(door, respond, refusalSentence(await madeUp(door, args, 'excuse')));
    const opened = await openForm(door, body.trigger_id, excuseForm(subject.grant));
    if (opened === null) await tell(door, respond, 'Slack did not open the form in time. Press the button again.');
  });

export const submitExcuse = (door: Door, args: SubmissionArgs): Promise<void> =>
  answerSubmission(door, args, 'Excuse the review', async () => {
    const subject = subjectOf(args.view.private_metadata);
    if (!subject) return madeUp(door, args, 'excuse');
    const actor = await actingPerson(door, args.body.user.id);
    const command = { actor, grant: subject.grant, reason: commentOf(args.view.state.values as FormState) };
    const work = { requestId: requestIdOf(args), deliveryKey: args.view.id };
    return { actor, outcome: await excuseReview(door.context, command, work) };
  });

/** `/breakglass reviews`: what waits for an answer, with the way to it. */
export const commandReviews = (door: Door, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const actor = await actingPerson(door, args.command.user_id);
    if (actor.standing === 'unknown') return tell(door, args.respond, unknownStandingSentence);
    const found = await openReviews(door.context, actor, requestIdOf(args));
    if (found.kind === 'refused') return tell(door, args.respond, sentenceFor(found, actor));
    const lines = await Promise.all(
      found.reviews.map(async ({ at, review: owed, card }) => ({
        subject: cardSubject(door, at),
        review: owed,
        address: await addressOf(door, card),
      })),
    );
    await tell(door, args.respond, reviewsMessage(lines, found.whose, actor));
  });
