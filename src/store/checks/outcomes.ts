import { type Answer, stopsAt } from '../../domain/check.ts';
import { isOfOneItem } from './sharing.ts';
import type { AnswerRow, Asked, AskedTogether, Told } from './statement.ts';

/** The key was revoked, or expired, between the door and the answer. */
export class KeyGone extends Error {
  override name = 'KeyGone';
}

/** This process decides by another configuration than the one in force: no answer until it has that one too. */
export class StalePolicy extends Error {
  override name = 'StalePolicy';
}

/** What one question came to: an answer that is on record, or a failure of its own. */
export type Outcome = { answer: Answer } | { failure: unknown };

/** Hands each call the outcomes of its questions; fewer than questions where its semantic stopped at one. */
export function outcomesOf(calls: readonly AskedTogether[], { epoch, answers }: AnswerRow): Outcome[][] {
  const byNumber = new Map(answers?.map((told) => [told[0], told]));
  let n = 0;
  return calls.map((call) =>
    call.questions.flatMap((question) => {
      const told = byNumber.get(n);
      n += 1;
      if (call.epoch !== epoch) return [{ failure: new StalePolicy('Another configuration is in force.') }];
      return told ? [outcomeOf(question, told)] : [];
    }),
  );
}

function outcomeOf({ evaluationId }: Asked, [, mayAsk, reason, grants, expiresAt, missing]: Told): Outcome {
  if (!mayAsk) return { failure: new KeyGone('The key does not count any more.') };
  const allowed = reason === 'granted';
  const until = expiresAt === null ? null : new Date(expiresAt);
  return { answer: { allowed, reason, evaluationId, grants, expiresAt: until, missing } };
}

/**
 * Each question in a statement of its own: what is wrong with one is the failure of that one. Only while the caller waits:
 * each may wait for a lock, and others wait for its turn.
 */
export async function oneByOne(
  { questions, ...together }: AskedTogether,
  ask: (calls: readonly AskedTogether[]) => Promise<Outcome[][]>,
  wanted: () => boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const question of questions) {
    const outcome = await ask([{ questions: [question], ...together }]).then(
      ([answered]): Outcome => answered?.[0] ?? { failure: new Error('The database left a question unanswered.') },
      (failure: unknown): Outcome => {
        if (!isOfOneItem(failure)) throw failure;
        return { failure };
      },
    );
    outcomes.push(outcome);
    if (!wanted() || stopsAt(together.semantic, 'answer' in outcome && outcome.answer.allowed)) break;
  }
  return outcomes;
}
