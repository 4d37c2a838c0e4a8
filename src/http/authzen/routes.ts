import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Question, type Semantic, stopsAt } from '../../domain/check.ts';
import { type CheckDesk, check } from '../../usecases/check.ts';
import { type Caller, keyOf, type Shown } from '../identity/caller.ts';
import type { RateLimit } from '../rate-limit.ts';
import { Refused, type Trouble } from '../refusals.ts';
import { type Decision, decisionFrom, mistakeIn } from './answer.ts';
import { BadRequest, type Questions, questionFrom, questionsFrom } from './question.ts';

/** Who calls, put there by the door before anything of the request is read. */
declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    /** By what; kept for a second look. */
    shown: Shown;
  }
}

export interface AccessParts {
  desk: CheckDesk;
  limit: RateLimit;
  trouble: Trouble;
}

/** Access Evaluation and Access Evaluations of OpenID AuthZEN 1.0 (docs/checks.md). */
export function evaluationRoutes(server: FastifyInstance, { desk, limit, trouble }: AccessParts): void {
  const single = async (request: FastifyRequest): Promise<Decision> => {
    const question = questionFrom(request.body);
    const [outcome] = await ask(desk, request, [question], 'execute_all');
    if (outcome && 'failure' in outcome) throw outcome.failure;
    if (!outcome) throw new Error('A question was left without an answer.');
    return decisionFrom(outcome);
  };

  server.post('/access/v1/evaluation', single);
  server.post<{ Body: Record<string, unknown> }>('/access/v1/evaluations', async (request) => {
    const questions = questionsFrom(request.body);
    if (questions === null) return single(request);
    const { perSecond } = request.caller;
    if (questions.items.length > perSecond) {
      throw new BadRequest(`evaluations: this key gets ${perSecond} answers a second; ask fewer at once.`);
    }
    // One was taken at the door.
    await takeRoom(limit, request.caller, questions.items.length - 1);
    const decisions = await decideAll({ desk, trouble }, request, questions);
    return { evaluations: decisions };
  });
}

/** @throws Refused where the key has asked enough for this second */
export async function takeRoom(limit: RateLimit, caller: Caller, answers: number): Promise<void> {
  const wait = await limit.take(caller, answers);
  if (wait > 0) {
    throw new Refused(429, `This key gets ${caller.perSecond} answers a second.`, Math.ceil(wait / 1_000));
  }
}

const ask = (desk: CheckDesk, { caller, id }: FastifyRequest, questions: readonly Question[], semantic: Semantic) =>
  check(desk, asKey(caller), { questions, semantic }, id);

function asKey(caller: Caller) {
  const { id: key, defaultTenant } = keyOf(caller);
  return { key, defaultTenant };
}

/**
 * The decisions in the order of the items, up to the one that decides. A malformed item is a denial without a record:
 * nothing was asked; with "deny on first deny" nothing after it is asked either.
 */
async function decideAll(
  { desk, trouble }: Pick<AccessParts, 'desk' | 'trouble'>,
  request: FastifyRequest,
  { items, semantic }: Questions,
): Promise<Decision[]> {
  const firstWrong = items.findIndex((item) => item instanceof BadRequest);
  const looked = stopsAt(semantic, false) && firstWrong >= 0 ? items.slice(0, firstWrong + 1) : items;
  const questions = looked.filter((item): item is Question => !(item instanceof BadRequest));
  const outcomes = questions.length === 0 ? [] : await ask(desk, request, questions, semantic);
  for (const outcome of outcomes) if ('failure' in outcome) trouble.outage(errorFrom(outcome.failure));
  const answers = outcomes.map(decisionFrom);
  const decisions: Decision[] = [];
  for (const item of looked) {
    const decision = item instanceof BadRequest ? mistakeIn(item) : answers.shift();
    if (!decision) break;
    decisions.push(decision);
    if (stopsAt(semantic, decision.decision)) break;
  }
  return decisions;
}

const errorFrom = (failure: unknown): Error => (failure instanceof Error ? failure : new Error(String(failure)));
