/** Socket Mode: WebSockets on which payloads travel in envelopes; each goes to one connection, in turn. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { secret } from './ids.ts';
import { asObject, asString, type JsonObject, parseJson } from './json.ts';
import { SOCKET_CONNECTIONS } from './limits.ts';
import { isFromAPage } from './server.ts';
import type { World } from './world.ts';

type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

type Answer =
  | { kind: 'acked'; payload: JsonObject | undefined }
  | { kind: 'timeout' }
  | { kind: 'unreachable'; reason: string };

interface Pending {
  socket: WebSocket;
  answer: (answer: Answer) => void;
}

export class Sockets {
  readonly #world: World;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #open: WebSocket[] = [];
  readonly #pending = new Map<string, Pending>();
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** How many connections are open. */
  get count(): number {
    return this.#open.length;
  }

  /** A URL that lets one connection in, as apps.connections.open gives it. */
  connectUrl(): string {
    const ticket = secret();
    this.#tickets.add(ticket);
    return `${this.#world.origin.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${this.#world.bot.app}`;
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      if (isFromAPage(this.#world, request)) return socket.destroy();
      // Without resolving the address, which may be none.
      const [, query] = (request.url ?? '').split('?');
      const ticket = new URLSearchParams(query).get('ticket') ?? '';
      if (this.#world.down || !this.#tickets.delete(ticket)) return socket.destroy();
      this.#server.handleUpgrade(request, socket, head, (connection) => this.#welcome(connection));
    });
  }

  /** Sends an envelope over the next connection and waits for its acknowledgement. */
  send(envelope: JsonObject, timeoutMs: number): Promise<Answer> {
    const socket = this.#open[this.#turn++ % Math.max(1, this.#open.length)];
    if (socket === undefined) return Promise.resolve({ kind: 'unreachable', reason: 'no URL and no socket' });
    const id = randomUUID();
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer({ kind: 'timeout' }), timeoutMs);
      const answer = (given: Answer) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(given);
      };
      this.#pending.set(id, { socket, answer });
      socket.send(
        JSON.stringify({ ...envelope, envelope_id: id, accepts_response_payload: envelope.type !== 'events_api' }),
      );
    });
  }

  /** Tells connections to reconnect (all, or the one by its number in order of arrival), as Slack does every few hours. */
  disconnect(reason: DisconnectReason = 'refresh_requested', index?: number): void {
    for (const socket of this.#chosen(index)) {
      socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local-slack' } }));
    }
  }

  /** Cuts connections without a word. */
  cut(index?: number): void {
    for (const socket of this.#chosen(index)) socket.terminate();
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }

  #chosen(index: number | undefined): WebSocket[] {
    return index === undefined ? [...this.#open] : this.#open.slice(index, index + 1);
  }

  #welcome(socket: WebSocket): void {
    const full = this.#open.length >= SOCKET_CONNECTIONS;
    if (full) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      socket.close();
      return;
    }
    this.#open.push(socket);
    socket.on('message', (data) => this.#acknowledged(data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#gone(socket));
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#open.length,
        connection_info: { app_id: this.#world.bot.app },
        debug_info: { host: 'local-slack', build_number: 1, approximate_connection_time: 18_060 },
      }),
    );
    this.#world.changes.emit({ kind: 'sockets', open: this.#open.length });
  }

  #acknowledged(data: RawData): void {
    const message = asObject(parseJson(String(data)));
    const pending = this.#pending.get(asString(message?.envelope_id) ?? '');
    pending?.answer({ kind: 'acked', payload: asObject(message?.payload) });
  }

  #gone(socket: WebSocket): void {
    this.#open.splice(this.#open.indexOf(socket), 1);
    for (const pending of [...this.#pending.values()]) {
      if (pending.socket === socket) pending.answer({ kind: 'unreachable', reason: 'the socket closed' });
    }
    this.#world.changes.emit({ kind: 'sockets', open: this.#open.length });
  }
}
