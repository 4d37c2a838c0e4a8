import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import type { KeyRole } from '../domain/words.ts';
import type { BundleDesk } from '../usecases/bundle-desk.ts';
import type { CheckDesk } from '../usecases/check.ts';
import type { Context } from '../usecases/context.ts';
import { type Authenticate, type RateLimit, rateLimit } from './auth.ts';
import { metadataRoute } from './authzen/metadata.ts';
import { BadRequest } from './authzen/question.ts';
import { evaluationRoutes, takeRoom } from './authzen/routes.ts';
import { searchRoutes } from './authzen/search.ts';
import { readJson } from './json.ts';
import { sayProblem } from './problem.ts';
import { Refused, sayWhyNot, type Trouble, unauthenticated } from './refusals.ts';
import { attachmentRoutes } from './v1/attachments.ts';
import { auditRoutes } from './v1/audit.ts';
import { evidenceRoutes } from './v1/evidence.ts';

/** The side door, listening. */
export interface ApiServer {
  port: number;
  stop(): Promise<void>;
}

export interface Health {
  /** What keeps the process from taking work now; empty when it is ready. One word each. */
  notReady(): Promise<string[]>;
}

export interface ApiParts {
  health: Health;
  desk: CheckDesk;
  authenticate: Authenticate;
  /** How callers reach this API, without a slash at the end; null where nobody said. */
  publicUrl: string | null;
  trouble: Trouble;
  /** What stands behind /v1; null where checks alone are answered. */
  context: Context | null;
  /** Makes bundles of evidence; null where nobody asks for any. */
  bundles: BundleDesk | null;
}

/** Bytes. */
const LONGEST_BODY = 64 * 1024;
/** Who sends a request slowly, and who keeps a connection without using it, is let go (ms). */
const limits = { request: 5_000, look: 1_000, idle: 65_000 };
/** Who sends half a request and waits does not hold up a stop for longer (ms). */
const GO_WITHIN_MS = 1_000;

/** The API's port: health, open to anyone who can reach it and telling little; checks, for keys. */
export async function startApi(parts: ApiParts, { port, host }: { port: number; host: string }): Promise<ApiServer> {
  const server = apiServer(parts);
  await server.listen({ port, host });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: async () => {
      const impatient = setTimeout(() => server.server.closeAllConnections(), GO_WITHIN_MS);
      await server.close();
      clearTimeout(impatient);
    },
  };
}

/** The API, not listening yet. */
export function apiServer({
  health,
  desk,
  authenticate,
  publicUrl,
  trouble,
  context,
  bundles,
}: ApiParts): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: LONGEST_BODY,
    requestTimeout: limits.request,
    // Fastify sets the limit of a whole request by itself, and leaves Node's own for the headers and for how often to look.
    http: { headersTimeout: limits.request, connectionsCheckingInterval: limits.look },
    keepAliveTimeout: limits.idle,
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => workName(headers['x-request-id']) ?? randomUUID(),
  });
  readJson(server);
  server.setErrorHandler(sayWhyNot(trouble));
  server.setNotFoundHandler(() => {
    throw new Refused(404, 'There is nothing here.');
  });
  // Whatever becomes of it, the answer carries the caller's name for the request (AuthZEN 1.0, "Request Identification").
  server.addHook('onRequest', async ({ headers, id }, reply) => {
    const given = headers['x-request-id'];
    reply.header('x-request-id', typeof given === 'string' ? given : id);
  });
  healthRoutes(server, health);
  metadataRoute(server, publicUrl);
  server.register(async (access) => {
    const limit = behindTheDoor(access, authenticate, 'service');
    access.addHook('preValidation', async ({ body }) => {
      if (body === undefined) throw new BadRequest('Expected a JSON object as the body, found nothing.');
    });
    evaluationRoutes(access, { desk, limit, trouble });
    access.register(async (searches) => searchRoutes(searches, { desk, limit }));
  });
  if (context)
    server.register(async (v1) => administration(v1, context, { authenticate, trouble, bundles }), { prefix: '/v1' });
  return server;
}

/** Everything under /v1. What goes wrong there is a problem (RFC 9457). */
function administration(
  v1: FastifyInstance,
  context: Context,
  door: Pick<ApiParts, 'authenticate' | 'trouble' | 'bundles'>,
): void {
  v1.setErrorHandler(sayProblem(door.trouble));
  v1.setNotFoundHandler(() => {
    throw new Refused(404, 'There is nothing here.');
  });
  behindTheDoor(v1, door.authenticate, null);
  v1.register(async (audit) => auditRoutes(audit, { context, trouble: door.trouble }));
  v1.register(async (evidence) => attachmentRoutes(evidence, { context, trouble: door.trouble }));
  const { bundles } = door;
  if (bundles) v1.register(async (evidence) => evidenceRoutes(evidence, { context, bundles }));
}

/**
 * What comes before every answer: who calls, how much they asked lately, and only then what they sent.
 * @param role of the keys that are let in; null where each route says so itself
 */
export function behindTheDoor(server: FastifyInstance, authenticate: Authenticate, role: KeyRole | null): RateLimit {
  const limit = rateLimit();
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    // Two of them are none: who stands before us might have looked at the other one.
    const [authorization, ...more] = request.raw.headersDistinct.authorization ?? [];
    const caller = more.length === 0 ? await authenticate(authorization) : null;
    if (caller === null) throw unauthenticated();
    request.caller = caller;
    await takeRoom(limit, caller, 1);
    if (role !== null && caller.role !== role) throw new Refused(403, `This needs a key of the role ${role}.`);
  });
  return limit;
}

/** How the caller calls this piece of work, where it can be a word of a log line and of the audit. */
const workName = (given: string | string[] | undefined): string | null =>
  typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : null;

/** Alive and ready. A process that is stopping is alive and not ready, so that a load balancer looks elsewhere first. */
function healthRoutes(server: FastifyInstance, health: Health): void {
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const missing = await health.notReady();
    return missing.length === 0 ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', missing });
  });
}
