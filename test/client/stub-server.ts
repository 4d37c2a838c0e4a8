import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A question as it arrived. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: { action: { name: string } } & Record<string, unknown>;
}

/** How to answer: as a server should, or anything else a network can do. */
export type Answering = (response: ServerResponse, received: Received) => void;

/** An AuthZEN server that answers whatever it is told to, and remembers what arrived. */
export interface StubServer {
  url: string;
  /** Every whole request that arrived. */
  received: Received[];
  /** Connections that were made. */
  connections(): number;
  answer(answering: Answering): void;
  close(): Promise<void>;
}

export const granted = {
  reason: 'granted',
  grants: ['g-1'],
  expires_at: '2000-01-01T00:00:00.000Z',
  evaluation_id: 'e-1',
};

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answering =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

export const raw =
  (body: string, status = 200, type = 'application/json'): Answering =>
  (response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  };

export const allowing: Answering = json({ decision: true, context: granted });
export const denying = (reason: string): Answering =>
  json({ decision: false, context: { reason, evaluation_id: 'e-2' } });

export async function stubServer(answering: Answering = allowing): Promise<StubServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let answer = answering;
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    const arrived = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    received.push(arrived);
    answer(response, arrived);
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => sockets.size,
    answer: (next) => {
      answer = next;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
