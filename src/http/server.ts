import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyServerFactory } from 'fastify';
import type { CheckDesk } from '../usecases/check.ts';
import { metadataRoute } from './authzen/metadata.ts';
import { BadRequest } from './authzen/question.ts';
import { evaluationRoutes } from './authzen/routes.ts';
import { searchRoutes } from './authzen/search.ts';
import { type ApiDoor, behindTheDoor, stillAtTheDoor } from './door.ts';
import { readJson } from './json.ts';
import { alsoInOutages, countAnswers, type Metering, metricsRoute } from './metrics.ts';
import { PREFIX, type SignInPages, signInPages } from './pages/sign-in.ts';
import { sayProblem } from './problem.ts';
import { Refused, sayWhyNot, type Trouble } from './refusals.ts';
import { serve } from './v1/endpoint.ts';
import { endpointsOf, type V1Parts } from './v1/index.ts';
import { openApiOf } from './v1/openapi.ts';

/** The side door, listening. */
export interface ApiServer {
  port: number;
  stop(): Promise<void>;
}

export interface Health {
  /** What keeps the process from taking work now; empty when it is ready. One word each. */
  notReady(): Promise<string[]>;
}

/** In PEM. Clients show certificates where there is an authority that signs them; who shows none comes in by a key or token. */
export interface TlsFiles {
  cert: Buffer;
  key: Buffer;
  clientCa: Buffer | null;
}

export interface Network {
  /** Plain HTTP where it is not given. */
  tls?: TlsFiles;
  /** Whose word about a caller's address is taken. */
  trustedProxies?: readonly string[];
}

export interface ApiParts {
  health: Health;
  desk: CheckDesk;
  /** Who comes in, and how. */
  door: ApiDoor;
  /** How callers reach this API, without a slash at the end; null where nobody said. */
  publicUrl: string | null;
  trouble: Trouble;
  /** What stands behind /v1; null where checks alone are answered. */
  v1: Omit<V1Parts, 'trouble'> | null;
  /** How it is reached: by TLS, through proxies. */
  network?: Network;
  /** Counts answers, and shows what was counted at /metrics. */
  metering?: Metering;
  /** The pages that people sign in on; left out where no identity provider asks them to. */
  signIn?: SignInPages | null;
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

/** With a server of our own making, Fastify leaves the limits to us. */
const tlsServer =
  ({ cert, key, clientCa }: TlsFiles): FastifyServerFactory =>
  (handler) => {
    const clients = clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
    const timing = {
      handshakeTimeout: limits.request,
      headersTimeout: limits.request,
      connectionsCheckingInterval: limits.look,
    };
    const server = createServer({ cert, key, minVersion: 'TLSv1.2', ...clients, ...timing }, handler);
    server.requestTimeout = limits.request;
    server.keepAliveTimeout = limits.idle;
    return server;
  };

/** The API, not listening yet. */
export function apiServer({
  health,
  desk,
  door,
  publicUrl,
  trouble,
  v1,
  network = {},
  metering,
  signIn,
}: ApiParts): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: LONGEST_BODY,
    requestTimeout: limits.request,
    // Fastify sets the limit of a whole request by itself, and leaves Node's own for the headers and for how often to look.
    http: { headersTimeout: limits.request, connectionsCheckingInterval: limits.look },
    keepAliveTimeout: limits.idle,
    forceCloseConnections: 'idle',
    // Whose word about a caller's address is taken: nobody's, where nobody is named.
    trustProxy: network.trustedProxies?.length ? [...network.trustedProxies] : false,
    ...(network.tls && { serverFactory: tlsServer(network.tls) }),
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
  if (metering) {
    countAnswers(server, metering);
    server.register(async (figures) => {
      behindTheDoor(figures, { ...door, authenticate: alsoInOutages(door.authenticate) }, 'auditor');
      metricsRoute(figures, metering);
    });
  }
  healthRoutes(server, health);
  metadataRoute(server, publicUrl);
  server.register(async (access) => {
    const limit = behindTheDoor(access, door, 'service');
    access.addHook('preValidation', async ({ body }) => {
      if (body === undefined) throw new BadRequest('Expected a JSON object as the body, found nothing.');
    });
    evaluationRoutes(access, { desk, limit, trouble });
    access.register(async (searches) => searchRoutes(searches, { desk, limit }));
  });
  if (signIn) server.register(async (pages) => signInPages(pages, signIn), { prefix: PREFIX });
  if (v1) administration(server, { ...v1, trouble }, door, publicUrl);
  return server;
}

/** Everything under /v1, and the document that describes it. What goes wrong there is a problem (RFC 9457). */
function administration(server: FastifyInstance, parts: V1Parts, door: ApiDoor, publicUrl: string | null): void {
  const endpoints = endpointsOf(parts);
  const document = openApiOf(endpoints, publicUrl);
  server.get('/openapi.json', async () => document);
  server.register(
    async (v1) => {
      v1.setErrorHandler(sayProblem(parts.trouble));
      v1.setNotFoundHandler(() => {
        throw new Refused(404, 'There is nothing here.');
      });
      behindTheDoor(v1, door, null);
      stillAtTheDoor(v1, door);
      serve(v1, endpoints, parts.context);
    },
    { prefix: '/v1' },
  );
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
