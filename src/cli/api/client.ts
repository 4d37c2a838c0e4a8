import { randomUUID } from 'node:crypto';
import { setTimeout as pass } from 'node:timers/promises';
import { exits, NotDone } from '../exits.ts';
import { failureOf } from './failures.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A JSON object of the API. What is in it was written by others, and is looked at before it is used. */
export type Thing = Readonly<Record<string, unknown>>;

export interface Answered {
  document: unknown;
  /** By the API's machine; null where it did not say. */
  at: Date | null;
}

/** The API, as whoever signed in. */
export interface Api {
  /**
   * Asks for something. What changes something carries a key of its own: a lost answer is asked for again, and nothing is
   * done twice.
   * @throws NotDone
   */
  call(method: Method, path: string, body?: unknown): Promise<Answered>;
}

export interface ApiParts {
  url: string;
  /** What opens the door; asked anew where the API does not take it, with what it did not take. */
  bearer: (refused: string | null) => Promise<string | null>;
  /** How long one try may take (ms). */
  timeoutMs: number;
}

/** Pauses before another try (ms): a process that is replaced, a database that fails over. */
const AGAIN_AFTER_MS = [300, 1_200, 3_000];
/** Nothing longer is read: no page of the API is (characters). */
const LONGEST_ANSWER = 32 * 1024 * 1024;

export function apiOf({ url, bearer, timeoutMs }: ApiParts): Api {
  const once = async (method: Method, path: string, token: string, sent: Sent): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      headers: { accept: 'application/json', authorization: `Bearer ${token}`, ...sent.headers },
      body: sent.body,
      redirect: 'manual', // what opens the door goes nowhere else
      signal: AbortSignal.timeout(timeoutMs),
    });
  return {
    call: async (method, path, body) => {
      const sent = sentOf(method, body);
      let token = await bearer(null);
      if (token === null) throw new NotDone(exits.stranger, SIGN_IN);
      let renewed = false;
      for (let tries = 0; ; tries += 1) {
        const tried = await once(method, path, token, sent).then(readAnswer).catch(lostBy(url, timeoutMs));
        if (tried instanceof NotDone) {
          const pause = AGAIN_AFTER_MS[tries];
          if (pause === undefined) throw tried;
          await pass(pause);
        } else if (tried.status === 401 && !renewed) {
          renewed = true;
          token = await bearer(token);
          if (token === null) throw failureOf(tried);
        } else if (isPassing(tried.status) && AGAIN_AFTER_MS[tries] !== undefined) {
          await pass(AGAIN_AFTER_MS[tries]);
        } else if (tried.status >= 200 && tried.status < 300) {
          return { document: tried.document, at: tried.at };
        } else throw failureOf(tried);
      }
    },
  };
}

const SIGN_IN = 'Nobody is signed in. Run: breakglass sign-in, or set BREAKGLASS_KEY.';

/** What goes away by itself: somebody in between has nobody to ask, or the database is being replaced. */
const isPassing = (status: number): boolean => [502, 503, 504].includes(status);

interface Sent {
  headers: Record<string, string>;
  body: string | null;
}

/** A body and its key, made once for every try. */
const sentOf = (method: Method, body: unknown): Sent => ({
  headers: {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
  },
  body: body === undefined ? null : JSON.stringify(body),
});

/** An answer, read to its end. */
export interface Read extends Answered {
  status: number;
  /** Where it is no JSON. */
  text: string;
  retryAfter: string | null;
}

async function readAnswer(response: Response): Promise<Read> {
  const text = (await response.text()).slice(0, LONGEST_ANSWER);
  const date = response.headers.get('date');
  const at = date === null ? null : new Date(date);
  return {
    ...{ status: response.status, text, retryAfter: response.headers.get('retry-after') },
    at: at && !Number.isNaN(at.getTime()) ? at : null,
    document: /json/.test(response.headers.get('content-type') ?? '') ? parsed(text) : undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No answer came: where it was looked for, and nothing of what was sent. */
const lostBy =
  (url: string, timeoutMs: number) =>
  (error: unknown): NotDone => {
    const { host } = new URL(url);
    const slow = error instanceof Error && error.name === 'TimeoutError';
    const why = slow ? `nothing came within ${timeoutMs / 1_000} seconds` : causeOf(error);
    return new NotDone(exits.unreachable, `The API at ${host} does not answer: ${why}.`);
  };

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null;
  const code = cause && 'code' in cause ? String(cause.code) : 'the connection failed';
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nobody listens there',
    ENOTFOUND: 'there is no such host',
    ECONNRESET: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
  };
  return words[code] ?? code.toLowerCase();
}

const isThing = (value: unknown): value is Thing =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of an answer; an empty one where something else came. */
export const thingIn = (value: unknown): Thing => (isThing(value) ? value : {});
/** Objects of an answer. */
export const thingsIn = (value: unknown): Thing[] => (Array.isArray(value) ? value.filter(isThing) : []);
/** What is there as text; empty where nothing is. */
export const textIn = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** Every row of a list, page by page, up to `most`. */
export async function rowsOf(
  api: Api,
  path: string,
  most = 1_000,
): Promise<{ rows: Thing[]; at: Date | null; whole: boolean }> {
  const rows: Thing[] = [];
  const divider = path.includes('?') ? '&' : '?';
  for (let cursor = ''; ; ) {
    const { document, at } = await api.call('GET', `${path}${divider}limit=200${cursor}`);
    const page = thingIn(document);
    rows.push(...thingsIn(page.data));
    const next = textIn(page.next);
    if (next === '' || rows.length >= most) return { rows: rows.slice(0, most), at, whole: next === '' };
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}
