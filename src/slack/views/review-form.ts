import type { InputBlock, ModalView } from '@slack/types';
import { EVIDENCE } from '../../domain/evidence.ts';
import {
  type GivenAnswers,
  noteField,
  type ReviewQuestion,
  reviewQuestions,
  reviewVerdicts,
} from '../../domain/review-answers.ts';
import { fields, modals } from '../ids.ts';
import { limits } from '../limits.ts';
import { plain } from '../text.ts';
import { comment, form } from './decision-forms.ts';
import { entered, type FormState } from './request-form.ts';
import { questionWords, verdictWords } from './words.ts';

/** The runbook's questions, each with an answer and room for a note. */
export const reviewForm = (grant: string): ModalView =>
  form(modals.reviewSession, 'Review the session', 'Send', grant, reviewQuestions.flatMap(questionBlocks));

function questionBlocks(question: ReviewQuestion): InputBlock[] {
  const { asked, short, hint = 'A note or links. A "no" says why, and who sees to it.' } = questionWords[question];
  return [
    {
      type: 'input',
      block_id: question,
      label: plain(asked),
      element: {
        type: 'radio_buttons',
        action_id: question,
        options: reviewVerdicts.map((value) => ({ text: plain(verdictWords[value], limits.optionText), value })),
      },
    },
    // Read aloud, a field has its label alone: seven that are called alike are none.
    text(noteField(question), `Note: ${short}`, { optional: true, multiline: true, hint }),
  ];
}

const text = (
  id: string,
  label: string,
  { optional = false, multiline = false, hint = '', max = limits.inputText as number },
): InputBlock => ({
  type: 'input',
  block_id: id,
  optional,
  label: plain(label),
  // Slack counts UTF-16 units here; the rule counts characters and is checked on submission.
  element: { type: 'plain_text_input', action_id: id, multiline, max_length: max },
  ...(hint === '' ? {} : { hint: plain(hint, 2000) }),
});

/** What was submitted; the rules decide what of it is an answer. */
export const answersOf = (state: FormState): GivenAnswers =>
  Object.fromEntries(
    reviewQuestions.map((question) => [
      question,
      { answer: entered(state, question), note: entered(state, noteField(question)) },
    ]),
  );

/** Why a review may be done later. */
export const excuseForm = (grant: string): ModalView =>
  form(modals.excuseReview, 'Excuse the review', 'Excuse', grant, [
    comment('Reason, for everyone who reviews and the record', false),
  ]);

/** What the operator has to show of a session. */
export const attachForm = (grant: string): ModalView =>
  form(modals.attachEvidence, 'Attach evidence', 'Attach', grant, [
    text(fields.title, 'Title', { max: EVIDENCE.title * 2 }),
    text(fields.note, 'What was done', { optional: true, multiline: true }),
    text(fields.links, 'Links', {
      optional: true,
      multiline: true,
      hint: `One a line, up to ${EVIDENCE.links}, each starting with https:// or http://.`,
    }),
  ]);

/** What was handed in with the form: a note, with links. */
export const evidenceOf = (state: FormState) => ({
  kind: 'note' as const,
  title: entered(state, fields.title) ?? '',
  content: entered(state, fields.note) ?? '',
  links: (entered(state, fields.links) ?? '').split('\n').flatMap((line) => line.trim() || []),
});
