/** A live grant allows it. */
export interface Allowed {
  kind: 'allowed';
  /** Under which the answer is on record; null where the server did not say. */
  evaluationId: string | null;
  /** The grants it rests on. */
  grants: readonly string[];
  /** When the first of them ends, ISO 8601 in UTC. For display: the server's clock decides, never ours. */
  expiresAt: string | null;
}

/** No live grant allows it, or the question named nobody or nothing. */
export interface Denied {
  kind: 'denied';
  /**
   * The server's word, such as `no_grant`, `expired` or `missing_scopes`, and `denied` where it gave none;
   * `no_subject`, `no_tenant` and `no_action` where it was not asked.
   */
  reason: string;
  evaluationId: string | null;
  /** Scopes the subject would need beside what they have. */
  missingScopes: readonly string[];
}

/** Nobody knows: there was no answer, or none that can be read. */
export interface Unavailable {
  kind: 'unavailable';
  /**
   * `timeout`: no whole answer in time. `unreachable`: no connection, a broken one, or a redirect, which is never
   * followed. `status`: another status than 200. `unreadable`: a 200 that is no AuthZEN answer.
   */
  why: 'timeout' | 'unreachable' | 'status' | 'unreadable';
  /** The HTTP status; null where there was none. 401 and 403 mean the guard's own key. */
  status: number | null;
  /** When the server wants to be asked again, in seconds; null where it did not say. */
  retryAfterSeconds: number | null;
}

export type Answer = Allowed | Denied | Unavailable;

export const unavailable = (why: Unavailable['why'], more: Partial<Unavailable> = {}): Unavailable => ({
  kind: 'unavailable',
  why,
  status: null,
  retryAfterSeconds: null,
  ...more,
});

/** A refusal that no server was asked for. */
export const deniedUnasked = (reason: string): Denied => ({
  kind: 'denied',
  reason,
  evaluationId: null,
  missingScopes: [],
});

/** What came back: the body's text, or null where it was too long. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string | null;
}

/** Reads a reply. Only a 200 with a JSON object whose `decision` is exactly true allows anything. */
export function answerIn({ status, headers, text }: Reply): Answer {
  const retryAfterSeconds = secondsIn(headers.get('retry-after'));
  if (status !== 200) return unavailable('status', { status, retryAfterSeconds });
  const body = isJson(headers.get('content-type')) ? objectIn(text) : null;
  if (typeof body?.decision !== 'boolean') return unavailable('unreadable', { status });
  const context = isObject(body.context) ? body.context : {};
  const evaluationId = stringOr(null, context.evaluation_id);
  if (body.decision) {
    const expiresAt = stringOr(null, context.expires_at);
    return { kind: 'allowed', evaluationId, grants: stringsIn(context.grants), expiresAt };
  }
  const reason = stringOr('denied', context.reason);
  return { kind: 'denied', reason, evaluationId, missingScopes: stringsIn(context.missing_scopes) };
}

const isJson = (type: string | null): boolean => /^application\/json\s*(;|$)/i.test(type ?? '');

function objectIn(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const stringOr = <T>(otherwise: T, value: unknown): string | T => (typeof value === 'string' ? value : otherwise);

const stringsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

const secondsIn = (header: string | null): number | null => (/^\d{1,9}$/.test(header ?? '') ? Number(header) : null);
