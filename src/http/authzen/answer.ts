import type { Answer } from '../../domain/check.ts';
import type { Outcome } from '../../store/checks/outcomes.ts';
import type { BadRequest } from './question.ts';

/** AuthZEN's Decision. */
export interface Decision {
  decision: boolean;
  context: Record<string, unknown>;
}

/**
 * An answer as it leaves the house. A denial that rests on nothing says nothing more: the tenant is unknown, not the
 * key's to ask about, or nobody granted anything, and these are one answer (promise 6).
 */
export function decisionOf({ allowed, reason, grants, expiresAt, missing, evaluationId }: Answer): Decision {
  return {
    decision: allowed,
    context: {
      reason,
      ...(grants.length > 0 && { grants }),
      ...(expiresAt && { expires_at: expiresAt.toISOString() }),
      ...(missing.length > 0 && { missing_scopes: missing }),
      evaluation_id: evaluationId,
    },
  };
}

/** What is wrong with one of several questions is the answer to that one: no (AuthZEN 1.0, "Errors"). */
export const mistakeIn = ({ message }: BadRequest): Decision => ({
  decision: false,
  context: { error: { status: 400, message } },
});

const unanswered: Decision = {
  decision: false,
  context: { error: { status: 503, message: 'No answer can be given to this one now.' } },
};

export const decisionFrom = (outcome: Outcome): Decision =>
  'answer' in outcome ? decisionOf(outcome.answer) : unanswered;
