/** Sends payloads to the bot, by signed HTTP or over Socket Mode, and waits for its acknowledgement. */
import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { newId } from './ids.ts';
import { asString, copy, isObject, type JsonObject, parseJson } from './json.ts';
import { LIVES } from './limits.ts';
import type { Sockets } from './socket-mode.ts';
import type { World } from './world.ts';

export type DeliveryKind = 'command' | 'interactive' | 'event';

/** How the bot took a payload. `response` is what it acknowledged with, if anything; plain text becomes `{text}`. */
export type Ack =
  | { kind: 'acked'; response: JsonObject | undefined }
  /** Not within the three seconds. */
  | { kind: 'timeout' }
  | { kind: 'http'; status: number }
  /** Nobody answered: no URL, no socket, or the connection broke. */
  | { kind: 'unreachable'; reason: string };

export interface Delivery {
  id: string;
  kind: DeliveryKind;
  body: JsonObject;
  at: number;
  retry: Retry | undefined;
  ack: Ack | undefined;
}

export interface Retry {
  num: number;
  reason: 'http_timeout' | 'http_error' | 'connection_failed' | 'too_many_redirects' | 'ssl_error' | 'unknown_error';
}

export interface PostOptions {
  /** Signed unless told. `false` sends no signature, `wrong` signs with another secret. */
  sign?: boolean | 'wrong';
  /** Seconds added to the timestamp; negative is the past. */
  timestampSkewSeconds?: number;
  contentType?: string;
  headers?: { [name: string]: string };
}

export interface Posted {
  status: number;
  body: string;
  contentType: string;
}

const FORM = 'application/x-www-form-urlencoded';

/** Slack's v0 signature: HMAC-SHA256 over version, timestamp and the raw body. */
export const signature = (secret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

/** A form has only text: an object goes as its JSON, whatever `toString` it brings. */
const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** The body as it goes over the wire, with its content type. */
export function encoded(kind: DeliveryKind, body: JsonObject): { text: string; contentType: string } {
  if (kind === 'event') return { text: JSON.stringify(body), contentType: 'application/json' };
  const fields = kind === 'interactive' ? { payload: JSON.stringify(body) } : body;
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => [name, asText(value)]);
  return { text: new URLSearchParams(pairs).toString(), contentType: FORM };
}

/** An acknowledgement's body as Slack reads it. */
function responseOf({ body, contentType }: Posted): JsonObject | undefined {
  if (body === '') return undefined;
  const parsed = contentType.startsWith('application/json') ? parseJson(body) : undefined;
  return isObject(parsed) ? parsed : { text: body };
}

export class Deliverer {
  readonly deliveries: Delivery[] = [];
  readonly #world: World;
  readonly #sockets: Sockets;
  /** A connection a request: a bot that restarts on the same port must not meet a dead one. */
  readonly #agent = new Agent({ keepAlive: false });
  #url: URL | undefined;

  constructor(world: World, sockets: Sockets) {
    this.#world = world;
    this.#sockets = sockets;
  }

  /** Where signed posts go; undefined sends payloads over Socket Mode instead. */
  pointAt(url: string | undefined): void {
    this.#url = url === undefined ? undefined : new URL(url);
  }

  async deliver(kind: DeliveryKind, body: JsonObject, retry?: Retry): Promise<Delivery & { ack: Ack }> {
    const delivery: Delivery = {
      id: newId('Dl'),
      kind,
      body: copy(body),
      at: this.#world.now(),
      retry,
      ack: undefined,
    };
    this.deliveries.push(delivery);
    this.#world.changes.emit({ kind: 'delivery', delivery });
    const ack = this.#url === undefined ? await this.#overSocket(delivery) : await this.#overHttp(delivery);
    delivery.ack = ack;
    this.#world.changes.emit({ kind: 'delivery', delivery });
    return { ...delivery, ack };
  }

  /** The same payload once more: same trigger, same view, same event id. */
  redeliver(delivery: Delivery, retry?: Retry): Promise<Delivery & { ack: Ack }> {
    return this.deliver(delivery.kind, delivery.body, retry);
  }

  /** A raw post to the bot's URL, as an attacker or a broken proxy would. Resolves with whatever it answers. */
  async post(text: string, options: PostOptions = {}, signal?: AbortSignal): Promise<Posted> {
    const url = this.#url;
    if (url === undefined) throw new Error('pointAt() has not been told where the bot listens');
    return await new Promise((resolve, reject) => {
      const headers = this.#headers(text, options);
      const request = httpRequest(url, { method: 'POST', agent: this.#agent, headers, ...(signal ? { signal } : {}) });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: string[] = [];
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: chunks.join(''),
            contentType: response.headers['content-type'] ?? '',
          }),
        );
      });
      request.end(text);
    });
  }

  stop(): void {
    this.#agent.destroy();
  }

  #headers(text: string, { sign = true, timestampSkewSeconds = 0, contentType = FORM, headers }: PostOptions) {
    const timestamp = Math.floor(Date.now() / 1000) + timestampSkewSeconds;
    const secret = sign === 'wrong' ? 'not-the-signing-secret' : this.#world.options.signingSecret;
    return {
      'content-type': contentType,
      'content-length': String(Buffer.byteLength(text)),
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      ...(sign === false
        ? {}
        : { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': signature(secret, timestamp, text) }),
      ...headers,
    };
  }

  async #overHttp({ kind, body, retry }: Delivery): Promise<Ack> {
    const { text, contentType } = encoded(kind, body);
    const headers: { [name: string]: string } =
      retry === undefined ? {} : { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason };
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#ackMs);
    try {
      const posted = await this.post(text, { contentType, headers }, late.signal);
      return posted.status === 200
        ? { kind: 'acked', response: responseOf(posted) }
        : { kind: 'http', status: posted.status };
    } catch (error) {
      if (late.signal.aborted) return { kind: 'timeout' };
      return { kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  async #overSocket({ kind, body, retry }: Delivery): Promise<Ack> {
    const type = { command: 'slash_commands', interactive: 'interactive', event: 'events_api' }[kind];
    const attempt = kind === 'event' ? { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' } : {};
    const answer = await this.#sockets.send({ type, payload: body, ...attempt }, this.#ackMs);
    if (answer.kind !== 'acked') return answer;
    const response = answer.payload;
    return { kind: 'acked', response: response && Object.keys(response).length > 0 ? response : undefined };
  }

  get #ackMs(): number {
    return this.#world.options.ackTimeoutMs ?? LIVES.ackMs;
  }
}

export const deliveryLine = ({ kind, body, ack }: Delivery): string => {
  const what = asString(body.command) ?? asString(body.type) ?? '';
  const who = isObject(body.user) ? asString(body.user.id) : asString(body.user_id);
  return `${kind} ${what} from ${who ?? 'Slack'} -> ${ack === undefined ? 'not acknowledged yet' : JSON.stringify(ack)}`;
};
