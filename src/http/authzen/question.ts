import { z } from 'zod';
import { type Question, type Semantic, semantics } from '../../domain/check.ts';
import { isStorable } from '../../domain/text.ts';

/** Longest name, id or tenant key that is taken (characters). */
const LONGEST = 1_024;
/** Long defaults are written down once for each question: longest in all (characters). */
const LONGEST_TOGETHER = 262_144;
/** Most questions in one request. */
export const MOST_EVALUATIONS = 500;

/** A request that can't be answered: what was expected and what was found, for the person who wrote the caller. */
export class BadRequest extends Error {
  override name = 'BadRequest';
}

const text = () =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'expected text') })
    .max(LONGEST, { error: `expected ${LONGEST} characters or fewer` })
    .refine(isStorable, { error: 'expected text without NUL and lone surrogates' });
const anyText = text();
const record = z.record(z.string(), z.unknown(), { error: 'expected an object' });
const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape, { error: ({ input }) => (input === undefined ? 'is missing' : 'expected an object') });

/** What has no `id` is what a search looks for; a given one is ignored (AuthZEN 1.0, sections "Subject Search API" ff.). */
export const entities = {
  subject: object({ type: text(), id: text(), properties: record.optional() }),
  subjectType: object({ type: text() }),
  action: object({ name: text(), properties: record.optional() }),
  resource: object({ type: text(), id: text(), properties: record.optional() }),
  resourceType: object({ type: text() }),
  context: record.optional(),
};

const question = object({
  subject: entities.subject,
  action: entities.action,
  resource: entities.resource,
  context: entities.context,
});
type Entities = z.infer<typeof question>;

/** Reads a whole request, or one of several: whatever it has beside what is asked for is ignored. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? issue.path.join('.') : 'the body';
  throw new BadRequest(`${where}: ${issue?.message ?? 'expected something else'}.`);
}

/** @throws BadRequest */
function textAt(value: unknown, where: string): string {
  const parsed = anyText.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadRequest(`${where}: ${parsed.error.issues[0]?.message ?? 'expected text'}.`);
}

/**
 * One question from the body of a request.
 * @throws BadRequest
 */
export function questionFrom(body: unknown): Question {
  const { subject, action, resource, context } = read(question, body);
  return {
    subject: subject.type === 'user' ? subject.id : unknownSubject(subject),
    action: action.name,
    actionProperties: action.properties ?? {},
    resource: { type: resource.type, id: resource.id },
    resourceProperties: resource.properties ?? {},
    tenant: tenantOf(resource),
    contextRequestId: requestIdOf(context),
  };
}

/** A subject that is no person is nobody we know; the answer is a denial, and its record says what was asked. */
const unknownSubject = ({ type, id }: { type: string; id: string }): string => `other:${type}:${id}`;

/**
 * The tenant's key: of the resource's properties, or the resource itself.
 * @throws BadRequest where the two say different things
 */
export function tenantOf({
  type,
  id,
  properties,
}: {
  type: string;
  id?: string;
  properties?: Entities['context'];
}): string | null {
  const named = properties !== undefined && Object.hasOwn(properties, 'tenant') ? properties.tenant : undefined;
  const itself = type === 'tenant' ? id : undefined;
  if (named === undefined) return itself ?? null;
  const tenant = textAt(named, 'resource.properties.tenant');
  if (itself !== undefined && itself !== tenant) {
    throw new BadRequest('resource: expected one tenant, and its id and properties.tenant name two.');
  }
  return tenant;
}

function requestIdOf(context: Entities['context']): string | null {
  const given = context !== undefined && Object.hasOwn(context, 'request_id') ? context.request_id : undefined;
  if (given === undefined || given === null) return null;
  return textAt(given, 'context.request_id');
}

/** Several questions, each with the defaults of the whole request put in: one that is wrong is no reason to refuse the others. */
export interface Questions {
  semantic: Semantic;
  items: readonly (Question | BadRequest)[];
}

const several = object({
  evaluations: z.array(record, { error: 'expected a list of objects' }).max(MOST_EVALUATIONS, {
    error: `expected ${MOST_EVALUATIONS} evaluations or fewer`,
  }),
  options: z
    .object(
      {
        evaluations_semantic: z
          .enum(semantics, { error: `expected one of ${semantics.join(', ')}` })
          .default('execute_all'),
      },
      { error: 'expected an object' },
    )
    .default({ evaluations_semantic: 'execute_all' }),
});

/**
 * The questions of an Access Evaluations request. A member that an item has replaces the whole default of that name.
 * @returns null where the request is a single question: without `evaluations`, or with an empty list
 * @throws BadRequest for what is wrong with the request as a whole
 */
export function questionsFrom(body: Record<string, unknown>): Questions | null {
  if (body.evaluations === undefined || (Array.isArray(body.evaluations) && body.evaluations.length === 0)) return null;
  const { evaluations, options } = read(several, body);
  const { subject, action, resource, context } = body;
  const items = evaluations.map((item) => itemFrom({ subject, action, resource, context, ...item }));
  if (items.reduce((sum, item) => sum + lengthOf(item), 0) > LONGEST_TOGETHER) {
    throw new BadRequest(`evaluations: expected ${LONGEST_TOGETHER} characters or fewer, with the defaults put in.`);
  }
  return { semantic: options.evaluations_semantic, items };
}

/** What is written down of a question. */
const lengthOf = (item: Question | BadRequest): number =>
  item instanceof BadRequest
    ? 0
    : [item.subject, item.action, item.tenant, item.resource.type, item.resource.id, item.contextRequestId].reduce(
        (sum, text) => sum + (text?.length ?? 0),
        0,
      );

function itemFrom(body: Record<string, unknown>): Question | BadRequest {
  try {
    return questionFrom(body);
  } catch (error) {
    if (error instanceof BadRequest) return error;
    throw error;
  }
}
