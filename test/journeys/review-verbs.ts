import { cast, channels } from '../../sandbox/cast.ts';
import { type Message, renderView } from '../../sandbox/slack/index.ts';
import { noteField, reviewQuestions } from '../../src/domain/review-answers.ts';
import type { TestStack } from '../support/stack.ts';
import { approve, as, ask, cardIn, eventually, press, read, untilState, type Who } from './verbs.ts';

/** What people do with a session that is over, each in one line. */

/** Olivia's session on Acme, which Anna and Sam agreed to. */
export async function active(stack: TestStack): Promise<string> {
  const grant = await ask(stack);
  await approve(stack, 'anna', channels.acme.id, grant);
  await approve(stack, 'sam', channels.security.id, grant);
  await untilState(stack, grant, 'active');
  return grant;
}

export async function closed(stack: TestStack): Promise<string> {
  const grant = await active(stack);
  await press(stack, 'olivia', cast.olivia.id, grant, 'end');
  await cardIn(stack, cast.olivia.id, grant, 'Ended');
  return grant;
}

/** The card of a review in a channel, as soon as it shows what it should. */
export const reviewIn = (stack: TestStack, destination: string, grant: string, shows = ''): Promise<Message> =>
  eventually(
    stack,
    async () => {
      const [at] = await stack.db.query<{ channel: string; ts: string }>(
        'superuser',
        "select channel, ts from posted_messages where grant_id = $1 and destination = $2 and subject = 'review'",
        [grant, destination],
      );
      const message = at && stack.slack.message(at.channel, at.ts);
      return message && read(stack, message).includes(shows) ? message : undefined;
    },
    `the review of ${grant} in ${destination} to show "${shows}"`,
  );

/** Presses a button of a review's card, also as somebody who does not see it. */
export async function pressOnReview(stack: TestStack, who: Who, grant: string, button: string): Promise<void> {
  const person = as(stack, who);
  if (person.view) await person.close({ all: true });
  await person.click(await reviewIn(stack, channels.security.id, grant), button, { force: true });
}

/** And waits for the form that it opens. */
export async function openOnReview(stack: TestStack, who: Who, grant: string, button: 'review' | 'excuse') {
  await pressOnReview(stack, who, grant, button);
  await as(stack, who).modal(button === 'review' ? 'review_session' : 'excuse_review');
}

/** Answers whatever is still open behind everybody's back, so that it is in nobody's way in the next test. */
export const answerAll = ({ db }: TestStack) =>
  db.query(
    'superuser',
    `update reviews set reviewed_at = breakglass_now(), answers = '{}', version = version + 1,
            reviewer_id = (select person_id from legs where legs.grant_id = reviews.grant_id limit 1)
      where reviewed_at is null`,
  );

/** A form of answers as it has to be filled in: everything is done. */
export const allDone = (changes: Record<string, string> = {}): Record<string, string> => ({
  ...Object.fromEntries(reviewQuestions.map((question) => [question, 'yes'])),
  [noteField('preventive_work_filed')]: 'https://tickets.example.com/OPS-7',
  ...changes,
});

/** What stands in the window of somebody, as they read it; as soon as it says this. */
export const windowOf = (stack: TestStack, who: Who, says: string): Promise<string> => {
  const shown = () => {
    const { view } = as(stack, who);
    return view && renderView(view, stack.slack.reader());
  };
  return stack.slack.until(() => (shown()?.includes(says) ? shown() : undefined), `a window that says "${says}"`);
};
