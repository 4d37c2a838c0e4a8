import fc from 'fast-check';
import { type Attachment, attachmentKinds } from '../../src/domain/evidence.ts';
import type { OpenReview } from '../../src/domain/notices.ts';
import {
  type ReviewAnswer,
  type ReviewAnswers,
  reviewQuestions,
  reviewVerdicts,
} from '../../src/domain/review-answers.ts';
import { breakGlassScopes, scopes } from '../../src/domain/words.ts';
import type { ReviewSubject } from '../../src/slack/views/review-card.ts';
import { at } from '../domain/builders.ts';
import { account, retyped, subject } from './views-grants.ts';
import { name, text } from './views-texts.ts';

const moment = fc.integer({ min: -100, max: 20_000 }).map((minutes) => at(minutes));
const fact = fc.option(fc.record({ by: fc.constantFrom('operator', 'owner', 'security'), at: moment }));

const answer: fc.Arbitrary<ReviewAnswer> = fc.record({ answer: fc.constantFrom(...reviewVerdicts), note: text(1000) });
const answers: fc.Arbitrary<ReviewAnswers> = fc
  .array(answer, { minLength: reviewQuestions.length, maxLength: reviewQuestions.length })
  .map((given) => Object.fromEntries(reviewQuestions.map((question, i) => [question, given[i]])) as never);

const attachment: fc.Arbitrary<Attachment> = fc.record({
  id: fc.uuid(),
  kind: fc.constantFrom(...attachmentKinds),
  title: text(200),
  links: fc.array(fc.webUrl(), { maxLength: 10 }),
  bytes: fc.nat(),
  sha256: fc.constant('ab'.repeat(32)),
  late: fc.boolean(),
  addedBy: fc.oneof(
    account.map((each) => `slack:${each}`),
    name(60).map((each) => `key:${each}`),
  ),
  addedAt: moment,
});

const over = subject.filter(({ grant }) => 'closed' in grant.status && 'activatedAt' in grant.status);

/** A session that is over, of any kind of end, with a review in any state. */
export const reviewSubject: fc.Arbitrary<ReviewSubject> = fc
  .tuple(
    over,
    fc.record({ reviewed: fact, excused: fact, dueAt: moment, answers, excuseReason: text(1000) }),
    fc.array(attachment, { maxLength: 20 }),
    fc.constantFrom(...breakGlassScopes),
  )
  .map(([of, { excuseReason, reviewed, ...review }, evidence, scope]) => ({
    ...of,
    grant: { ...of.grant, kind: 'break_glass', scope, circumstance: of.grant.circumstance ?? 'critical_incident' },
    review: {
      ...review,
      operator: 'operator',
      reviewed,
      answers: reviewed && review.answers,
      excuseReason: review.excused && excuseReason,
    },
    evidence,
  }));

/** The same, had everybody typed something else. */
export function retypedReview(of: ReviewSubject, write: Parameters<typeof retyped>[1]): ReviewSubject {
  const { review, evidence } = of;
  const given = review.answers;
  const again =
    given &&
    Object.fromEntries(
      reviewQuestions.map((question) => [
        question,
        { ...given[question], note: given[question].note && write(1000, 'characters') },
      ]),
    );
  return {
    ...of,
    ...retyped(of, write),
    review: {
      ...review,
      answers: again as ReviewAnswers | null,
      excuseReason: review.excuseReason && write(1000, 'characters'),
    },
    evidence: evidence.map((each) => ({
      ...each,
      title: write(200, 'characters'),
      addedBy: each.addedBy.startsWith('key:') ? `key:${write(60, 'units')}` : each.addedBy,
    })),
  };
}

/** A line of a list of open reviews. */
export const openReview: fc.Arbitrary<OpenReview> = fc.record({
  grant: fc.uuid(),
  tenant: name(120),
  scope: fc.constantFrom(...scopes),
  operator: account,
  dueAt: moment.map((due) => due.toISOString()),
  state: fc.constantFrom('open', 'overdue', 'excused'),
});
