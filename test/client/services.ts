import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import express from 'express';
import fastify from 'fastify';
import { type Context, type Env, Hono } from 'hono';
import { evaluationOf, type Guard, type Rule } from '../../src/client/index.ts';

/** A service with one guarded route, /tenants/acme/documents/42, that answers with the evaluation's id. */
export interface Service {
  get(): Promise<Response>;
  stop(): Promise<void>;
}

/** What the rules below look at; each framework's request is read for it by the service itself. */
export interface Seen {
  tenant: string;
  id: string;
}

export type Open = (guard: Guard, rule: Rule<Seen>, reached: () => void) => Promise<Service>;

/** The same rule for a framework's own kind of request. */
function ruleFor<R extends object>(rule: Rule<Seen>, seen: (request: R) => Seen): Rule<R> {
  const adapted = <T extends string | object | null | undefined>(from: T | ((seen: Seen) => T | Promise<T>)) =>
    typeof from === 'function' ? (request: R) => from(seen(request)) : from;
  return {
    action: adapted(rule.action),
    tenant: adapted(rule.tenant),
    subject: adapted(rule.subject),
    resource: adapted(rule.resource),
    requestId: adapted(rule.requestId),
  };
}

const path = '/tenants/acme/documents/42';
const pattern = '/tenants/:tenant/documents/:id';

export const throughExpress: Open = async (guard, rule, reached) => {
  const app = express();
  const doors = guard.requireGrant(
    ruleFor(rule, (request: express.Request<Seen & Record<string, string>>) => request.params),
  );
  app.get(pattern, doors.express, (request, response) => {
    reached();
    response.send(evaluationOf(request)?.evaluationId);
  });
  // Where the words 'route' and 'router' would lead to.
  app.use((_request, response) => {
    reached();
    response.send('around the guard');
  });
  app.use(((_error, _request, response, _next) =>
    response.status(500).send('failed')) satisfies express.ErrorRequestHandler);
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const { port } = server.address() as AddressInfo;
  return {
    get: () => fetch(`http://127.0.0.1:${port}${path}`),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};

export const throughFastify: Open = async (guard, rule, reached) => {
  const app = fastify();
  app.addHook('onSend', () => nextTurn());
  const doors = guard.requireGrant(
    ruleFor(rule, (request: fastify.FastifyRequest<{ Params: Seen }>) => request.params),
  );
  app.get<{ Params: Seen }>(pattern, { preHandler: doors.fastify }, (request) => {
    reached();
    return evaluationOf(request)?.evaluationId;
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { get: () => fetch(`${origin}${path}`), stop: () => app.close() };
};

export const throughHono: Open = async (guard, rule, reached) => {
  const app = new Hono();
  const doors = guard.requireGrant(ruleFor(rule, (context: Context<Env, typeof pattern>) => context.req.param()));
  app.get(pattern, doors.hono, (context) => {
    reached();
    return context.text(evaluationOf(context)?.evaluationId ?? '');
  });
  app.onError((_error, context) => context.text('failed', 500));
  return { get: async () => app.request(path), stop: async () => {} };
};

export const throughFetch: Open = async (guard, rule, reached) => {
  const seen = (request: Request): Seen => {
    const [, , tenant = '', , id = ''] = new URL(request.url).pathname.split('/');
    return { tenant, id };
  };
  const handler = guard.requireGrant(ruleFor(rule, seen)).fetch((request: Request, platform: { name: string }) => {
    reached();
    return new Response(platform.name === 'platform' ? evaluationOf(request)?.evaluationId : null);
  });
  return {
    get: () =>
      handler(new Request(`http://service${path}`), { name: 'platform' }).catch(
        () => new Response(null, { status: 500 }),
      ),
    stop: async () => {},
  };
};
