import type { Denied, Unavailable } from './answer.ts';

/** A query was refused. `statusCode` is what Express and Fastify answer with where nobody catches it. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
  readonly statusCode = 403;
  /** As in `Denied`, or `raw_query`: SQL is not looked into. */
  readonly reason: string;
  /** Under which the answer is on record; null where nobody was asked. */
  readonly evaluationId: string | null;

  constructor({ reason, evaluationId }: Pick<Denied, 'reason' | 'evaluationId'>) {
    super(`Access refused: ${reason}`);
    this.reason = reason;
    this.evaluationId = evaluationId;
  }
}

/** Nobody could say whether a query is allowed, so it was not made. */
export class CheckUnavailable extends Error {
  override readonly name = 'CheckUnavailable';
  readonly statusCode = 503;
  readonly why: Unavailable['why'];
  /** Seconds; null where the server did not say. */
  readonly retryAfterSeconds: number | null;

  constructor({ why, retryAfterSeconds }: Unavailable) {
    super(`Access could not be checked: ${why}`);
    this.why = why;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
