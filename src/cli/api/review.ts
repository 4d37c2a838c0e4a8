import { readFileSync } from 'node:fs';
import { type ReviewQuestion, reviewQuestions, reviewVerdicts } from '../../domain/review-answers.ts';
import { asWord } from '../../domain/words.ts';
import { command } from '../command.ts';
import { WrongUse } from '../exits.ts';
import { ask, remark } from '../terminal.ts';
import { thingIn } from './client.ts';
import { grantFacts, grantWord, idFor } from './grants.ts';
import { shownGrant } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

const asked: Readonly<Record<ReviewQuestion, string>> = {
  cause_documented: 'Is the cause documented?',
  evidence_produced: 'Was evidence produced?',
  permissions_reviewed: 'Were permissions reviewed?',
  preventive_work_filed: 'Was preventive work filed? (the note has the link)',
  temporary_credentials_removed: 'Were temporary credentials removed?',
  temporary_network_access_removed: 'Was temporary network access removed?',
  secrets_rotated_or_not_exposed: 'Were secrets rotated, or not exposed?',
};
const short = { y: 'yes', n: 'no', '-': 'not_applicable' } as const;

export const review = command({
  name: 'review',
  with: 'api',
  says: 'answer the questions that a break-glass session leaves',
  words: [grantWord],
  options: {
    answers: { takes: 'FILE', says: 'the answers as JSON, instead of being asked' },
    ...apiOptions,
  },
  notes: [
    `FILE: {"${reviewQuestions[0]}": {"answer": "yes", "note": ""}, ...} for ${reviewQuestions.join(', ')};`,
    `an answer is one of ${reviewVerdicts.join(', ')}; a "no" needs a note, and preventive work a link.`,
  ],
  run: async ({ words: [typed = ''], options }) => {
    const fromFile = options.answers === undefined ? null : answersIn(options.answers);
    const api = await signedIn(options);
    const id = await idFor(api, typed);
    if (fromFile === null) {
      const { document, at } = await api.call('GET', `/v1/grants/${id}`);
      for (const line of grantFacts(thingIn(document), at).split('\n')) remark(line);
    }
    const answers = fromFile ?? (await askedFor());
    return shownGrant(options, await api.call('POST', `/v1/grants/${id}/review`, { answers }));
  },
});

/** @throws WrongUse */
function answersIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error;
    throw new WrongUse(`--answers: ${missing ? `can't read ${file} (${error.code})` : `${file} is no JSON`}.`);
  }
}

async function askedFor(): Promise<Record<string, { answer: string; note: string }>> {
  const instead = 'Say --answers FILE.';
  const answers: Record<string, { answer: string; note: string }> = {};
  for (const question of reviewQuestions) {
    let answer: string | undefined;
    while (answer === undefined) {
      const typed = (await ask(`${asked[question]} [y, n, - for not applicable] `, instead)).toLowerCase();
      answer = asWord(reviewVerdicts, typed) ?? short[typed as keyof typeof short];
    }
    answers[question] = { answer, note: await ask('  Note: ', instead) };
  }
  return answers;
}
