import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonObject, objectsIn } from '../../sandbox/slack/json.ts';
import { reviewStateAt } from '../../src/domain/review.ts';
import { noteField, reviewQuestions, reviewVerdicts } from '../../src/domain/review-answers.ts';
import type { Message } from '../../src/slack/views/card.ts';
import { type ReviewSubject, reviewCard } from '../../src/slack/views/review-card.ts';
import { answersOf, attachForm, evidenceOf, excuseForm, reviewForm } from '../../src/slack/views/review-form.ts';
import { openReviewsMessage, reviewOverdueMessage, reviewsMessage } from '../../src/slack/views/review-messages.ts';
import { auditor, everyAnswer, frozen, someone } from '../domain/builders.ts';
import { greedy, subject } from './views-grants.ts';
import { markupIn, objectionsTo, objectionsToView, wire } from './views-markup.ts';
import { openReview, retypedReview, reviewSubject } from './views-reviews.ts';

const everyCard = (rule: (of: ReviewSubject, message: Message) => void, numRuns = 500) =>
  fc.assert(
    fc.property(reviewSubject, (of) => {
      rule(of, reviewCard(frozen(of)));
    }),
    { numRuns },
  );
const buttonsIn = ({ blocks }: Message): string[] =>
  objectsIn(wire(blocks))
    .flatMap((block) => [...objectsIn(block.elements), ...objectsIn([block.accessory ?? null])])
    .filter(({ type }) => type === 'button')
    .map(({ action_id: id, value }) => `${id} ${value}`);
const said = (message: Message) => JSON.stringify(message.blocks);

describe('the card of a review, whatever was typed, however the session ended', () => {
  test('is taken by Slack and keeps the margin below what Slack refuses', () => {
    everyCard((_, message) => expect(objectionsTo(message)).toEqual([]));
  });

  test('is taken by Slack when every field is full of what takes the most room', () => {
    fc.assert(
      fc.property(reviewSubject, greedy, (of, character) => {
        const full = retypedReview(of, (max, counted) =>
          character.repeat(Math.floor(counted === 'units' ? max / character.length : max)),
        );
        expect(objectionsTo(reviewCard(full))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('has no mark, mention, link or line more than had everybody typed letters', () => {
    everyCard((of, message) => {
      expect(markupIn(message)).toEqual(markupIn(reviewCard(retypedReview(of, () => 'letters'))));
    });
  });

  test('can be answered until somebody did, and excused only once it is overdue', () => {
    everyCard(({ grant, review, now }, message) => {
      const buttons = {
        ...{ open: ['review', 'evidence'], overdue: ['review', 'excuse', 'evidence'] },
        ...{ excused: ['review', 'evidence'], reviewed: ['evidence'] },
      };
      expect(buttonsIn(message)).toEqual(buttons[reviewStateAt(review, now)].map((each) => `${each} ${grant.id}`));
    });
  });

  test('says where the review stands: due, overdue, excused or answered, question by question', () => {
    everyCard(({ review, now }, message) => {
      const state = reviewStateAt(review, now);
      expect(said(message).includes('*Overdue since')).toBe(state === 'overdue');
      expect(said(message).includes('*Due ')).toBe(state === 'open');
      expect(said(message).includes('*Excused by')).toBe(review.excused !== null);
      expect(said(message).includes('*Reviewed by')).toBe(state === 'reviewed');
      expect(said(message).includes('cause documented')).toBe(state === 'reviewed');
    });
  });

  test('names what was attached, and marks what came late', () => {
    everyCard(({ evidence }, message) => {
      expect(said(message).includes('none attached')).toBe(evidence.length === 0);
      if (evidence.length <= 6)
        expect(said(message).split(', late').length - 1).toBe(evidence.filter((e) => e.late).length);
      else expect(said(message)).toContain(`${evidence.length - 6} more, attached earlier`);
    }, 200);
  });
});

describe('the forms of a review', () => {
  const stateOf = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { [id]: { value } }]));

  test.each([
    ['review_session', reviewForm],
    ['excuse_review', excuseForm],
    ['attach_evidence', attachForm],
  ])('%s is taken by Slack and carries only which session it is about', (callback, form) => {
    const view = form('1f0c');
    expect(objectionsToView(view)).toEqual([]);
    expect(view).toMatchObject({ callback_id: callback, private_metadata: '1f0c' });
  });

  test('asks every question of the runbook, each with three answers and room for a note', () => {
    const blocks = objectsIn(wire(reviewForm('1f0c').blocks));
    expect(blocks.map(({ block_id: id }) => id)).toEqual(reviewQuestions.flatMap((each) => [each, noteField(each)]));
    const options = (block: JsonObject) =>
      objectsIn(wire(block.element as never) && (block.element as JsonObject).options);
    for (const block of blocks.filter(({ block_id: id }) => reviewQuestions.some((each) => each === id))) {
      expect(options(block).map(({ value }) => value)).toEqual([...reviewVerdicts]);
    }
  });

  test('has no two fields that are called alike, for whoever hears them', () => {
    const labels = objectsIn(wire(reviewForm('1f0c').blocks)).map(({ label }) => (label as JsonObject).text);
    expect(labels).toHaveLength(2 * reviewQuestions.length);
    expect(new Set(labels).size).toBe(labels.length);
  });

  test('what is filled in is read back as it was typed', () => {
    const state = Object.fromEntries(
      reviewQuestions.flatMap((question) => [
        [question, { [question]: { selected_option: { value: everyAnswer[question].answer } } }],
        [noteField(question), { [noteField(question)]: { value: everyAnswer[question].note } }],
      ]),
    );
    expect(answersOf(state)).toEqual(everyAnswer);
    expect(answersOf({}).cause_documented).toEqual({ answer: undefined, note: undefined });
  });

  test('links are read line by line, without the white space around them and without empty lines', () => {
    const state = stateOf({ title: ' T ', note: ' n ', links: ' https://a.example \r\n\n https://b.example\n' });
    expect(evidenceOf(state)).toEqual({
      ...{ kind: 'note', title: ' T ', content: ' n ' },
      links: ['https://a.example', 'https://b.example'],
    });
    expect(evidenceOf({})).toEqual({ kind: 'note', title: '', content: '', links: [] });
  });
});

describe('what is said of reviews, whatever was typed', () => {
  test('a day’s list is taken by Slack, with a button each, and counts those it has no room for', () => {
    fc.assert(
      fc.property(fc.array(openReview, { minLength: 1, maxLength: 40 }), fc.nat({ max: 500 }), (reviews, more) => {
        const message = openReviewsMessage(frozen({ kind: 'reviews_open', reviews, more }));
        expect(objectionsTo(message)).toEqual([]);
        const shown = buttonsIn(message).length;
        const unlisted = Number(/And (\d+) more/.exec(said(message))?.[1] ?? 0);
        expect(shown + unlisted).toBe(reviews.length + more);
        const calm = reviews.map((each) => ({ ...each, tenant: 'letters' }));
        const letters = openReviewsMessage({ kind: 'reviews_open', reviews: calm, more });
        if (buttonsIn(letters).length === shown) expect(markupIn(message)).toEqual(markupIn(letters));
      }),
      { numRuns: 300 },
    );
  });

  test('that one is overdue is taken by Slack, with a button for reviewers and none for the operator', () => {
    fc.assert(
      fc.property(subject, (of) => {
        const notice = { kind: 'review_overdue', grant: of.grant.id } as const;
        const told = reviewOverdueMessage({ ...notice, audience: 'reviewers' }, frozen(of));
        expect(objectionsTo(told)).toEqual([]);
        expect(buttonsIn(told)).toEqual([`review ${of.grant.id}`]);
        expect(buttonsIn(reviewOverdueMessage({ ...notice, audience: 'operator' }, of))).toEqual([]);
      }),
    );
  });

  test('the list of who asked has a button only where they may answer, and leads to each card', () => {
    const address = 'https://example.slack.com/archives/C0SEC/p1700000000000000';
    fc.assert(
      fc.property(reviewSubject, (of) => {
        const line = { subject: of, review: { ...of.review, reviewed: null }, address };
        const forWhom = (actor: typeof auditor) => reviewsMessage([line], 'all', actor);
        expect(objectionsTo(forWhom(auditor))).toEqual([]);
        expect(buttonsIn(forWhom(auditor))).toEqual([`review ${of.grant.id}`]);
        expect(buttonsIn(forWhom(someone('operator', { roles: { auditor: 'named' } })))).toEqual([]);
        expect(said(forWhom(auditor))).toContain(`<${address}|`);
        expect(said(reviewsMessage([{ ...line, address: null }], 'all', auditor))).not.toContain(address);
      }),
    );
  });

  test('and says in words where nothing waits', () => {
    for (const whose of ['all', 'own'] as const) {
      const message = reviewsMessage([], whose, auditor);
      expect(objectionsTo(message)).toEqual([]);
      expect(message.text).toMatch(/^No/);
    }
  });
});
