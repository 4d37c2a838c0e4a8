/** The HTTP side: reads requests, lets faults strike, answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ApiCall, ApiError, type Reply } from './calls.ts';
import { respond } from './chat.ts';
import type { Hit } from './faults.ts';
import { takeUpload } from './files.ts';
import { asObject, type JsonObject, parseJson } from './json.ts';
import { perform, rateLimited, readable } from './web-api.ts';
import type { World } from './world.ts';

const BODY_LIMIT = 4 * 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_LIMIT) throw new ApiError('request_too_large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function argsOf(request: IncomingMessage, url: URL, body: string): JsonObject {
  const query = Object.fromEntries(url.searchParams);
  const isJson = request.headers['content-type']?.startsWith('application/json') ?? false;
  const posted = isJson ? (asObject(parseJson(body)) ?? {}) : Object.fromEntries(new URLSearchParams(body));
  return { ...query, ...posted };
}

const tokenOf = (request: IncomingMessage, args: JsonObject): string | undefined => {
  const bearer = /^Bearer\s+(\S+)/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? (typeof args.token === 'string' ? args.token : undefined);
};

const internalError = (status = 500): Reply => ({ status, body: { ok: false, error: 'internal_error' } });

class Exchange {
  readonly #world: World;
  readonly #call: ApiCall;
  readonly #response: ServerResponse;
  readonly #perform: () => Reply;
  #gone = false;

  constructor(world: World, call: ApiCall, response: ServerResponse, carryOut: () => Reply) {
    this.#world = world;
    this.#call = call;
    this.#response = response;
    this.#perform = carryOut;
    response.on('close', () => {
      this.#gone = true;
    });
  }

  /** A call's life: recorded, perhaps struck by a fault, carried out, answered. */
  async run(): Promise<void> {
    const hit = this.#world.faults.hit(this.#call);
    this.#world.calls.push(this.#call);
    this.#told();
    if (hit === undefined) this.#send(this.#perform());
    else await this.#struck(hit);
  }

  async #struck(hit: Hit): Promise<void> {
    const { fault } = hit;
    switch (fault.kind) {
      case 'rate_limited':
        return this.#send(rateLimited(fault.retryAfter));
      case 'error_before':
        return this.#send(internalError(fault.status));
      case 'error_after':
        this.#perform();
        return this.#send(internalError(fault.status));
      case 'platform_error':
        return this.#send({ status: 200, body: { ok: false, error: fault.error } });
      case 'reset':
        return this.#cut();
      case 'reset_after':
        this.#perform();
        return this.#cut();
      case 'half_answer':
        return this.#breakOff(this.#perform());
      case 'hang':
        return this.#hang(fault.effect, hit);
    }
  }

  async #hang(effect: 'at_once' | 'at_release' | undefined, { hold, abandon }: Hit): Promise<void> {
    const early = effect === 'at_once' ? this.#perform() : undefined;
    const released = hold();
    this.#response.on('close', () => {
      abandon();
      this.#told();
    });
    this.#told();
    await released;
    if (early !== undefined) this.#send(early);
    else if (effect === 'at_release' || !this.#gone) this.#send(this.#perform());
  }

  #send(reply: Reply): void {
    const scopes = this.#world.options.scopes;
    this.#call.answer = reply;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      ...(scopes === undefined ? {} : { 'x-oauth-scopes': scopes.join(',') }),
      ...reply.headers,
    };
    if (!this.#gone) this.#response.writeHead(reply.status, headers).end(JSON.stringify(reply.body));
    this.#told();
  }

  #breakOff(reply: Reply): void {
    const body = JSON.stringify(reply.body);
    this.#response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    this.#response.write(body.slice(0, Math.floor(body.length / 2)), () => this.#cut());
  }

  #cut(): void {
    this.#response.socket?.resetAndDestroy();
    this.#told();
  }

  #told(): void {
    this.#world.changes.emit({ kind: 'call', call: this.#call });
  }
}

function answerResponseUrl(world: World, path: string, args: JsonObject): Reply {
  try {
    respond(args, world, world.responseUrls.use(path));
    return { status: 200, body: { ok: true } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const gone = error.code.endsWith('_url');
    return { status: gone ? 404 : 400, body: { ok: false, error: error.code, ...error.details } };
  }
}

/**
 * A browser says where a page comes from, and that it is one where it says nothing else: it sends no origin for a
 * picture. The bot says neither. A page of a name that was made to lead here brings that name as its host.
 */
export function isFromAPage(world: World, { headers }: IncomingMessage): boolean {
  const { port } = new URL(world.origin);
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  return isBrowser || ![`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? '');
}

async function handle(
  world: World,
  connect: () => string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (world.down) return void request.socket.resetAndDestroy();
  if (isFromAPage(world, request)) return void response.writeHead(403).end('Only the bot may call this.');
  const url = new URL(request.url ?? '/', world.origin);
  if (url.pathname.startsWith('/upload/')) return takeUpload(world, url.pathname, request, response);
  const isApi = url.pathname.startsWith('/api/');
  if (!isApi && !url.pathname.startsWith('/response/')) return void response.writeHead(404).end();
  const args = argsOf(request, url, await bodyOf(request));
  const method = isApi ? url.pathname.slice('/api/'.length) : 'response_url';
  const call: ApiCall = { method, args: readable(args), at: world.now(), fault: undefined, answer: undefined };
  const token = tokenOf(request, args);
  const carryOut = isApi
    ? () => perform(world, call, token, connect)
    : () => answerResponseUrl(world, url.pathname, args);
  await new Exchange(world, call, response, carryOut).run();
}

/** Listens on 127.0.0.1 only: it has no business anywhere else. */
export function listen(world: World, connect: () => string): Promise<Server> {
  const server = createServer((request, response) => {
    handle(world, connect, request, response).catch((error: unknown) => {
      // A caller that went away while it was still sending is not our trouble; anything else must be seen.
      if (response.destroyed) return;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (!response.headersSent) response.writeHead(500).end(JSON.stringify({ ok: false, error: 'fatal_error', text }));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(world.options.port ?? 0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      world.origin = `http://127.0.0.1:${address.port}`;
      resolve(server);
    });
  });
}
