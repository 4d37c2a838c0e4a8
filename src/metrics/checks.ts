import { checkReasons } from '../domain/check.ts';
import { type Checks, isOutage } from '../store/checks/open.ts';
import { KeyGone, type Outcome, StalePolicy } from '../store/checks/outcomes.ts';
import { Overloaded, TooLate } from '../store/checks/sharing.ts';
import { counter, type Figures, histogram } from './figures.ts';

/** Why a question got no answer. */
const failures = ['key_gone', 'policy_outdated', 'overloaded', 'too_late', 'database', 'other'] as const;
const answers = ['allowed', 'denied', 'failed'] as const;
const outcomes = ['answered', 'failed'] as const;

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];

/** Counts questions by their answers, and how long callers waited for them, searches left out. */
export function countChecks(figures: Figures): (checks: Checks) => Checks {
  const counted = counter(
    figures,
    'breakglass_checks_total',
    'Questions that were answered or could not be, by answer and reason.',
    { answer: answers, reason: [...checkReasons, ...failures] },
  );
  for (const reason of checkReasons) counted.inc({ answer: reason === 'granted' ? 'allowed' : 'denied', reason }, 0);
  for (const reason of failures) counted.inc({ answer: 'failed', reason }, 0);
  const duration = histogram(
    figures,
    'breakglass_check_duration_seconds',
    'From a question, or several in one request, to the answers that are on record.',
    { outcome: outcomes },
    BUCKETS,
  );

  const count = (outcome: Outcome): void => {
    if ('failure' in outcome) counted.inc({ answer: 'failed', reason: failureOf(outcome.failure) });
    else {
      const { allowed, reason } = outcome.answer;
      counted.inc({ answer: allowed ? 'allowed' : 'denied', reason });
    }
  };
  return (checks) => ({
    ...checks,
    answer: async (call) => {
      const stop = duration.startTimer();
      try {
        const found = await checks.answer(call);
        stop({ outcome: found.some((each) => 'answer' in each) ? 'answered' : 'failed' });
        for (const each of found) count(each);
        return found;
      } catch (error) {
        stop({ outcome: 'failed' });
        counted.inc({ answer: 'failed', reason: failureOf(error) }, call.questions.length);
        throw error;
      }
    },
  });
}

function failureOf(error: unknown): (typeof failures)[number] {
  if (error instanceof KeyGone) return 'key_gone';
  if (error instanceof StalePolicy) return 'policy_outdated';
  if (error instanceof Overloaded) return 'overloaded';
  if (error instanceof TooLate) return 'too_late';
  return isOutage(error) ? 'database' : 'other';
}
