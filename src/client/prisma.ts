import type { Answer } from './answer.ts';
import { AccessRefused, CheckUnavailable } from './errors.ts';
import { type Models, modelsOf } from './prisma-models.ts';
import { type Operation, reachOf } from './prisma-reach.ts';
import type { Question } from './question.ts';

/** The action that each access to a model needs. */
export interface ModelActions {
  read: string;
  /** Whoever may write sees the rows that were written. */
  write: string;
}

/** On whose behalf a query is made, and whose data it is about. */
export interface Caller {
  tenant: string | null | undefined;
  subject: string | null | undefined;
  requestId?: string | undefined;
}

export interface PrismaGuardOptions {
  /** Guarded models by their name in the schema. A model that only shows another's rows must be named too. */
  models: Readonly<Record<string, ModelActions>>;
  /** Asked for each query that touches a guarded model; typically it looks into an AsyncLocalStorage. Nobody: refused. */
  who: () => Caller | null | undefined | Promise<Caller | null | undefined>;
  /** SQL is not looked into: it is refused, whatever it touches, unless it is let through unchecked. */
  raw?: 'refuse' | 'allow' | undefined;
}

/** Takes a client and gives it back guarded, with its types as they were. */
export type PrismaExtension = (client: unknown) => Unchanged;

/** How Prisma's types say that an extension adds nothing. */
interface Unchanged {
  $extends: { extArgs: Record<'result' | 'model' | 'query' | 'client', Record<never, never>> };
}

interface Query {
  model?: string | undefined;
  operation: string;
  args: unknown;
  query: (args: unknown) => Promise<unknown>;
}

interface Extensible {
  $extends(extension: { name: string; query: { $allOperations(query: Query): Promise<unknown> } }): Unchanged;
}

type Check = (question: Question) => Promise<Answer>;

/**
 * A client extension that makes no query on a guarded model without a live grant, also where it is reached through
 * another one. It sees what is asked of this client: not what the database does by itself (cascades, triggers, views),
 * nor what is asked of the client's `$parent`, nor how an extension that is added after it changes a query. It does
 * not filter rows by tenant.
 *
 * Queries then reject with `AccessRefused` or `CheckUnavailable`; of a batch, none is made. Each query asks once for
 * each action it needs.
 * @throws TypeError, when it is applied, where the client's relations can't be read or a model is not there
 */
export function prismaExtension(check: Check, options: PrismaGuardOptions): PrismaExtension {
  return (client) => {
    const models = modelsOf(client);
    assertGuardable(models, options.models);
    if (!isExtensible(client)) throw new TypeError('prismaExtension: expected a client that can be extended');
    return client.$extends({
      name: 'breakglass',
      query: {
        async $allOperations({ query, ...operation }) {
          const questions = questionsOn(models, options, operation);
          if (questions.length > 0) await insist(check, await options.who(), questions);
          return query(operation.args);
        },
      },
    });
  };
}

function assertGuardable(models: Models, guarded: PrismaGuardOptions['models']): void {
  for (const [model, { read, write }] of Object.entries(guarded)) {
    if (!models.has(model)) throw new TypeError(`prismaExtension: expected a model of the schema, not ${model}`);
    // From JavaScript one may be missing, and would then need no grant.
    if (!read || !write) throw new TypeError(`prismaExtension: expected an action to read and one to write ${model}`);
  }
}

const isExtensible = (client: unknown): client is Extensible =>
  typeof client === 'object' && client !== null && '$extends' in client && typeof client.$extends === 'function';

/** What a query has to be allowed, without whose it is. */
type OpenQuestion = Pick<Question, 'action' | 'resource'>;

/** @throws AccessRefused for SQL and what is like it */
function questionsOn(
  models: Models,
  { models: guarded, raw = 'refuse' }: PrismaGuardOptions,
  { model, ...operation }: Omit<Query, 'query'>,
): OpenQuestion[] {
  const isRaw = model === undefined || operation.operation.endsWith('Raw');
  if (isRaw && raw !== 'allow') throw new AccessRefused({ reason: 'raw_query', evaluationId: null });
  return model === undefined ? [] : questionsFor(models, guarded, { ...operation, model });
}

/** One question for each action, about all the guarded models that need it. */
function questionsFor(models: Models, guarded: PrismaGuardOptions['models'], operation: Operation): OpenQuestion[] {
  const byAction = new Map<string, Set<string>>();
  for (const { model, access } of reachOf(models, operation)) {
    const action = Object.hasOwn(guarded, model) ? guarded[model]?.[access] : undefined;
    if (action) byAction.set(action, (byAction.get(action) ?? new Set()).add(model));
  }
  const properties = { operation: `${operation.model}.${operation.operation}` };
  return [...byAction].map(([action, touched]) => ({
    action,
    resource: { type: 'model', id: [...touched].sort().join(','), properties },
  }));
}

/** @throws AccessRefused or CheckUnavailable unless every question is answered with yes; the first no is enough */
async function insist(check: Check, caller: Caller | null | undefined, questions: OpenQuestion[]): Promise<void> {
  const { subject, tenant, requestId }: Caller = caller ?? { subject: null, tenant: null };
  for (const question of questions) {
    const answer = await check({ ...question, subject, tenant, requestId });
    if (answer.kind === 'denied') throw new AccessRefused(answer);
    if (answer.kind === 'unavailable') throw new CheckUnavailable(answer);
  }
}
