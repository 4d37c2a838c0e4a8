import type { Denied, Unavailable } from './answer.ts';

/** A refusal as it leaves the service (RFC 9457). Nothing in it says whom we asked, or how. */
export interface Problem {
  status: 403 | 503;
  headers: Readonly<Record<string, string>>;
  /** JSON. */
  body: string;
}

/** Where the server did not say how long; outages that pass pass soon. */
const RETRY_AFTER_SECONDS = 1;

export const problemOf = (answer: Denied | Unavailable): Problem =>
  answer.kind === 'denied' ? forbidden(answer) : unchecked(answer);

const forbidden = ({ reason, evaluationId, missingScopes }: Denied): Problem =>
  problem(403, 'Forbidden', 'No live grant allows this.', {
    reason,
    ...(evaluationId === null ? {} : { evaluation_id: evaluationId }),
    ...(missingScopes.length === 0 ? {} : { missing_scopes: missingScopes }),
  });

function unchecked({ retryAfterSeconds }: Unavailable): Problem {
  const refusal = problem(503, 'Service Unavailable', 'Whether this is allowed could not be checked.');
  const seconds = String(retryAfterSeconds ?? RETRY_AFTER_SECONDS);
  return { ...refusal, headers: { ...refusal.headers, 'retry-after': seconds } };
}

const problem = (status: Problem['status'], title: string, detail: string, more: object = {}): Problem => ({
  status,
  headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  body: JSON.stringify({ type: 'about:blank', title, status, detail, ...more }),
});
