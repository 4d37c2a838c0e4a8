import type { Problem } from './problem.ts';

/** Refuses a request, or null where it may go on. */
export type Gate<R> = (request: R) => Promise<Problem | null>;

/** What of Express's response is needed: Node's own part. */
export interface ExpressResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/** What of Fastify's reply is needed. */
export interface FastifyReply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}

/**
 * One rule for four kinds of doors. Denied: 403, `application/problem+json` with `reason` and `evaluation_id`.
 * Not to be checked: 503 with `Retry-After`. Allowed: on to the handler, which may ask for `evaluationOf`.
 */
export interface Doors<R extends object> {
  /** Middleware of Express 4 and 5, and of whatever else speaks `(request, response, next)`. */
  express: (request: R, response: ExpressResponse, next: (error?: unknown) => void) => Promise<void>;
  /** A `preHandler` hook. */
  fastify: (request: R, reply: FastifyReply) => Promise<unknown>;
  /** Middleware, before the handler. */
  hono: (context: R, next: () => Promise<void>) => Promise<Response | undefined>;
  /** Wraps a handler of Fetch API requests. */
  fetch: <Q extends R, Rest extends unknown[]>(
    handler: (request: Q, ...rest: Rest) => Response | Promise<Response>,
  ) => (request: Q, ...rest: Rest) => Promise<Response>;
}

export function doorsOf<R extends object>(anyGate: Gate<R>): Doors<R> {
  const gate = failingWithErrors(anyGate);
  return {
    express: throughExpress(gate),
    fastify: throughFastify(gate),
    hono: async (context, next) => {
      const refusal = await gate(context);
      if (refusal) return responseOf(refusal);
      await next();
      return undefined;
    },
    fetch:
      (handler) =>
      async (request, ...rest) => {
        const refusal = await gate(request);
        return refusal ? responseOf(refusal) : handler(request, ...rest);
      },
  };
}

/**
 * A gate that throws nothing but errors: Express takes `undefined` for none and goes on to the handler, and the word
 * 'route' for a way around it.
 */
const failingWithErrors =
  <R>(gate: Gate<R>): Gate<R> =>
  (request) =>
    gate(request).catch((thrown: unknown) => {
      throw thrown instanceof Error ? thrown : new Error('A rule of the guard threw no error.', { cause: thrown });
    });

const throughExpress =
  <R>(gate: Gate<R>) =>
  (request: R, response: ExpressResponse, next: (error?: unknown) => void): Promise<void> =>
    isRefused(gate, request, response).then((refused) => {
      // Not caught: what the handler throws must not come back to `next` a second time.
      if (!refused) next();
    }, next);

async function isRefused<R>(gate: Gate<R>, request: R, response: ExpressResponse): Promise<boolean> {
  const refusal = await gate(request);
  if (refusal) endWith(refusal, response);
  return refusal !== null;
}

function endWith({ status, headers, body }: Problem, response: ExpressResponse): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}

const throughFastify =
  <R>(gate: Gate<R>) =>
  async (request: R, reply: FastifyReply): Promise<unknown> => {
    const refusal = await gate(request);
    if (!refusal) return undefined;
    reply.code(refusal.status);
    for (const [name, value] of Object.entries(refusal.headers)) reply.header(name, value);
    reply.send(refusal.body);
    // Returned, since a reply can be awaited: Fastify goes on only when it is sent, and stops there. Without that, a
    // service whose onSend hooks take their time would run its handler all the same.
    return reply;
  };

const responseOf = ({ status, headers, body }: Problem): Response => new Response(body, { status, headers });
