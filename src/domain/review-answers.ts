import { commentMistake } from './decide.ts';
import type { Refusal } from './refusals.ts';
import { isWebLink, visible } from './text.ts';
import { asWord } from './words.ts';

/** What the runbook asks after every break-glass session. */
export const reviewQuestions = [
  'cause_documented',
  'evidence_produced',
  'permissions_reviewed',
  'preventive_work_filed',
  'temporary_credentials_removed',
  'temporary_network_access_removed',
  'secrets_rotated_or_not_exposed',
] as const;
export type ReviewQuestion = (typeof reviewQuestions)[number];

export const reviewVerdicts = ['yes', 'no', 'not_applicable'] as const;
export type ReviewVerdict = (typeof reviewVerdicts)[number];

export interface ReviewAnswer {
  answer: ReviewVerdict;
  /** What there is to say or to link to; empty where nothing is. */
  note: string;
}
export type ReviewAnswers = Readonly<Record<ReviewQuestion, ReviewAnswer>>;

/** As somebody filled in the form: nothing in it is certain. */
export type GivenAnswers = Partial<Record<ReviewQuestion, { answer?: string | undefined; note?: string | undefined }>>;

/** Where what is typed beside an answer stands. */
export type NoteField = `${ReviewQuestion}_note`;
export const noteField = (question: ReviewQuestion): NoteField => `${question}_note`;

/**
 * The answers, or what is wrong with them. Each question has one; a "no" says why; what was filed so that it does not
 * happen again is linked to.
 */
export function readAnswers(given: GivenAnswers): { answers: ReviewAnswers } | { refusal: Refusal } {
  const verdicts = reviewQuestions.map((question) => asWord(reviewVerdicts, given[question]?.answer));
  const missing = reviewQuestions.filter((_, index) => verdicts[index] === undefined);
  if (missing.length > 0) return { refusal: { kind: 'questions_unanswered', missing } };
  const answers = Object.fromEntries(
    reviewQuestions.map((question, index) => [
      question,
      { answer: verdicts[index], note: given[question]?.note ?? '' },
    ]),
  ) as Record<ReviewQuestion, ReviewAnswer>;
  for (const question of reviewQuestions) {
    const refusal = noteMistake(question, answers[question]);
    if (refusal) return { refusal };
  }
  return { answers };
}

function noteMistake(question: ReviewQuestion, { answer, note }: ReviewAnswer): Refusal | null {
  const mistake = commentMistake(note, noteField(question));
  if (mistake) return mistake;
  if (answer === 'no' && visible(note) === '') return { kind: 'note_missing', question };
  if (question === 'preventive_work_filed' && answer === 'yes' && !note.split(/\s+/).some(isWebLink)) {
    return { kind: 'link_missing', question };
  }
  return null;
}
