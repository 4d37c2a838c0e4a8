import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Refusal } from '../../domain/refusals.ts';
import type { ApiRole } from '../../domain/words.ts';
import type { Context, Work } from '../../usecases/context.ts';
import { BadRequest, read } from '../authzen/question.ts';
import type { Caller } from '../identity/caller.ts';
import { type Problem, problemOf } from '../problem.ts';
import { Refused } from '../refusals.ts';

/** What a handler works with: everything in it was looked at. */
export interface Asked<Params, Query, Body> {
  caller: Caller;
  params: Params;
  query: Query;
  body: Body;
  work: Work;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Puts a no on record and says it. */
  refuse(refusal: Refusal, about: string | null): Promise<Problem>;
}

/** What comes back where all went well, as the document describes it. */
export interface Answer {
  status: number;
  description: string;
  /** Its media types; JSON where there is just a schema. */
  content: Readonly<Record<string, z.ZodType | null>>;
}

/** Under which heading of the document. */
export type Tag = 'Access' | 'Audit' | 'Tenants' | 'Keys' | 'Schedules' | 'Notices' | 'Process';

interface Description {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** Under /v1, with `{name}` for a part that varies. */
  path: string;
  /** Names the operation in the document. */
  id: string;
  /** Names what is tried, where that is refused and on record. */
  verb: string;
  summary: string;
  tag: Tag;
  /** Who may call it: any of these. A route that says nothing does not compile. */
  roles: readonly [ApiRole, ...ApiRole[]];
  answer: Answer;
  /** Bytes, where a body may be longer than usual. */
  bodyLimit?: number;
  /** What a path is that leads nowhere, such as an id that is none. */
  unknown?: Refusal;
}

export interface Endpoint extends Description {
  params: z.ZodObject | null;
  query: z.ZodObject | null;
  body: z.ZodType | null;
  handle(asked: Asked<never, never, never>): Promise<unknown>;
}

type Read<S extends z.ZodType | undefined> = S extends z.ZodType ? z.infer<S> : null;

/** One route of the API: who may call it, what it takes and gives, and what it does. The OpenAPI document is made of these. */
export function endpoint<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  described: Description & {
    params?: P;
    query?: Q;
    body?: B;
    handle(asked: Asked<Read<P>, Read<Q>, Read<B>>): Promise<unknown>;
  },
): Endpoint {
  const { params, query, body, ...rest } = described;
  return { ...rest, params: params ?? null, query: query ?? null, body: body ?? null };
}

/** Puts routes behind the door: first whether the caller may, then whether what was sent can be read. */
export function serve(server: FastifyInstance, endpoints: readonly Endpoint[], context: Context): void {
  for (const each of endpoints) {
    const { method, path, bodyLimit } = each;
    server.route({
      method,
      url: path.replace(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: false,
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      onRequest: (request) => admit(context, each, request),
      handler: (request, reply) => answer(context, each, request, reply),
    });
  }
}

async function admit(context: Context, { roles, verb }: Endpoint, request: FastifyRequest): Promise<void> {
  if (roles.some((role) => request.caller.roles.has(role))) return;
  throw await refuser(context, verb, request)({ kind: 'wrong_role', needs: roles }, null);
}

const refuser =
  (context: Context, verb: string, { caller, id: requestId }: FastifyRequest): Asked<null, null, null>['refuse'] =>
  async (refusal, about) => {
    await context.refusals.record({ actor: { name: caller.name }, verb, refusal, about, requestId });
    return problemOf(refusal);
  };

async function answer(
  context: Context,
  { params, query, body, verb, unknown, answer: { status }, handle }: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const refuse = refuser(context, verb, request);
  const path = params?.safeParse(request.params);
  if (path && !path.success) throw await noSuchPath(unknown, refuse, request.params);
  const asked = {
    caller: request.caller,
    params: path?.data ?? null,
    query: query && queryIn(query, request.query),
    body: body && read(body, bodyOf(request)),
    work: { requestId: request.id, deliveryKey: repeatKeyOf(request) },
    ...{ request, reply, refuse },
  };
  // The schemas were read by the endpoint's own types, which are gone here.
  const answered = await handle(asked as Asked<never, never, never>);
  if (answered === reply) return reply;
  return reply.code(status).send(answered);
}

/** What a path leads to that is none of ours. */
async function noSuchPath(
  unknown: Refusal | undefined,
  refuse: Asked<null, null, null>['refuse'],
  params: unknown,
): Promise<Refused> {
  const [named] = typeof params === 'object' && params !== null ? Object.values(params) : [];
  return unknown
    ? refuse(unknown, typeof named === 'string' ? named : null)
    : new Refused(404, 'There is nothing here.');
}

function bodyOf({ body }: FastifyRequest): unknown {
  if (body === undefined) throw new BadRequest('Expected a JSON object as the body, found nothing.');
  return body;
}

/** Whatever nobody knows is refused, so that a misspelt filter is no wide one. */
function queryIn(schema: z.ZodObject, query: unknown): unknown {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') throw new Refused(400, `${issue.keys[0]}: there is no such parameter.`);
  throw new Refused(400, `${issue?.path.join('.')}: ${issue?.message ?? 'expected something else'}.`);
}

/** By what a caller lets us recognise the same request; null where it does not. */
function repeatKeyOf({ headers }: FastifyRequest): string | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  if (typeof given === 'string' && /^[\x21-\x7e]{1,255}$/.test(given)) return given;
  throw new BadRequest('Idempotency-Key: expected 1 to 255 visible ASCII characters.');
}

/** An answer in JSON. */
export const json = (schema: z.ZodType, description: string, status = 200): Answer => ({
  status,
  description,
  content: { 'application/json': schema },
});

export const nothing = (description: string): Answer => ({ status: 204, description, content: {} });
