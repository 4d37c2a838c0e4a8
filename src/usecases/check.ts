import { randomUUID } from 'node:crypto';
import { type Question, type Semantic, scopesFor, subjectName } from '../domain/check.ts';
import type { Policy } from '../domain/policy.ts';
import type { GrantId } from '../domain/words.ts';
import type { Checks } from '../store/checks/open.ts';
import { KeyGone, type Outcome, StalePolicy } from '../store/checks/outcomes.ts';
import type { Asked } from '../store/checks/statement.ts';
import type { InForce } from './context.ts';

/** What answering needs from outside. */
export interface CheckDesk {
  checks: Checks;
  inForce: () => InForce;
  /** The identity provider whose subjects may be named without it. */
  defaultIssuer: string | null;
  /** Told of each use of a grant, allowed or refused: whether that is unusually often is looked at beside the answer. */
  used: (grants: readonly GrantId[]) => void;
}

/** Who asks: a key, which may ask only within its bounds, or the bot itself for a person whom its door has proven. */
export type Asker = { key: string; defaultTenant: string | null } | { person: string };

/**
 * Answers questions, each with its record on disk (promise 4). Nothing is remembered from one call to the next.
 * @returns an outcome each, in order; fewer than questions where the semantic stopped at one
 * @throws KeyGone where the key was revoked meanwhile, StalePolicy under another configuration; otherwise whatever `Checks.answer` throws
 */
export async function check(
  desk: CheckDesk,
  asker: Asker,
  { questions, semantic }: { questions: readonly Question[]; semantic: Semantic },
  requestId: string,
): Promise<Outcome[]> {
  // Rules and epoch of one moment: what is asked by the one is never answered under the other.
  const { epoch, policy } = desk.inForce();
  const asked = questions.map((question) => withNeeds(desk, policy, asker, question, requestId));
  const outcomes = await desk.checks.answer({ questions: asked, semantic, epoch });
  for (const outcome of outcomes) {
    if ('failure' in outcome && (outcome.failure instanceof KeyGone || outcome.failure instanceof StalePolicy))
      throw outcome.failure;
    if ('answer' in outcome) desk.used(outcome.answer.grants);
  }
  return outcomes;
}

function withNeeds(desk: CheckDesk, policy: Policy, asker: Asker, question: Question, requestId: string): Asked {
  const subject = subjectName(question.subject, desk.defaultIssuer);
  const byKey = 'key' in asker;
  return {
    actor: byKey ? null : asker.person,
    key: byKey ? asker.key : null,
    subject: subject?.name ?? question.subject,
    provider: subject?.provider ?? null,
    issuer: subject?.issuer ?? null,
    externalId: subject?.externalId ?? null,
    tenant: question.tenant ?? (byKey ? asker.defaultTenant : null),
    action: question.action,
    needs: scopesFor(policy.actions, question),
    resourceType: question.resource.type,
    resourceId: question.resource.id,
    requestId,
    contextRequestId: question.contextRequestId,
    evaluationId: randomUUID(),
  };
}
