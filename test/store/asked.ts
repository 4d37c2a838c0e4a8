import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Answer } from '../../src/domain/check.ts';
import { outcomesOf } from '../../src/store/checks/outcomes.ts';
import { type AnswerRow, type Asked, answering as statementFor } from '../../src/store/checks/statement.ts';
import type { TestApi } from '../support/api.ts';

/** May Olivia read Acme's content now? Asked by the bot itself. */
export const asked = ({ world }: TestApi, overrides: Partial<Asked> = {}): Asked => ({
  ...{ actor: 'system:test', key: null, tenant: world.acmeKey },
  ...{ subject: 'slack:T0HOME:U0OLIVIA', provider: 'slack', issuer: 'T0HOME', externalId: 'U0OLIVIA' },
  ...{ action: 'content.read', needs: ['content_access'], resourceType: 'document', resourceId: 'doc-1' },
  ...{ requestId: 'a-test', contextRequestId: null, evaluationId: randomUUID() },
  ...overrides,
});

/** A session that answers as a connection of the pool does, and commits when the test says so. */
export async function answering({ db }: TestApi): Promise<pg.Client> {
  const session = await db.session('app');
  await session.query('set role breakglass_check');
  return session;
}

/** The statement of the pool, for some questions at once; the answers in their order. */
export async function answersOf(
  session: pg.Client,
  { inForce }: TestApi,
  questions: readonly Asked[],
): Promise<Answer[]> {
  const call = { questions, semantic: 'execute_all', epoch: inForce.epoch } as const;
  const { text, values } = statementFor([call]);
  const { rows } = await session.query<AnswerRow>(text, values);
  const [outcomes = []] = outcomesOf([call], rows[0] ?? { epoch: null, answers: null });
  return outcomes.map((outcome) => {
    if ('failure' in outcome) throw outcome.failure;
    return outcome.answer;
  });
}
