import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isOutage } from '../store/checks/open.ts';
import { KeyGone } from '../store/checks/outcomes.ts';
import { BadRequest } from './authzen/question.ts';

/** The door says no for a reason that has a status of its own. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** One and the same, whatever is wrong with the key (RFC 6750, section 3; AuthZEN 1.0, "Sender Authentication Failure"). */
export const unauthenticated = () =>
  new Refused(401, 'Expected a key or token of this service: Authorization: Bearer KEY.');

/** Told what went wrong here, so that it gets into the log; callers are told less. */
export interface Trouble {
  /** Nothing is wrong with the request: the database, or too much at once. May come thousands of times a second. */
  outage(error: Error): void;
  defect(error: Error): void;
}

/** A database that does not answer, or more to do than can be done in time. */
const RETRY_AFTER_SECONDS = 1;

/** What went wrong, as a status and a sentence that tells no more than the caller may know. */
export function refusalOf(thrown: unknown, trouble: Trouble, request: FastifyRequest): Refused {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof Refused) return error;
  if (error instanceof BadRequest) return new Refused(400, error.message);
  if (error instanceof KeyGone) return unauthenticated();
  if (isOutage(error)) {
    trouble.outage(error);
    return new Refused(503, 'No answer can be given now; nothing was allowed. Try again.', RETRY_AFTER_SECONDS);
  }
  const status = 'statusCode' in error ? Number(error.statusCode) : undefined;
  if (status === 413)
    return new Refused(413, `Expected a body of ${request.routeOptions.bodyLimit / 1024} kB or less.`);
  // A wrong content type is a bad request here, not a 415 (AuthZEN 1.0, certification scenario, "Invalid content type").
  if (status !== undefined && status >= 400 && status < 500) return new Refused(400, wordsFor(error));
  trouble.defect(error);
  return new Refused(500, 'Something went wrong here; nothing was allowed. The log says what.');
}

function wordsFor(error: Error): string {
  switch ('code' in error ? error.code : undefined) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'Expected the header Content-Type: application/json.';
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'Expected a JSON object as the body, found nothing.';
    default:
      return 'Expected a well-formed request.';
  }
}

/** Errors as AuthZEN has them: a status and a message string. */
export const sayWhyNot =
  (trouble: Trouble) =>
  (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refused = refusalOf(error, trouble, request);
    return answerWith(refused, reply).type('text/plain; charset=utf-8').send(refused.message);
  };

/** The status, and the headers that belong to it. */
export function answerWith({ status, retryAfterSeconds }: Refused, reply: FastifyReply): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="breakglass"');
  if (retryAfterSeconds !== null) reply.header('retry-after', retryAfterSeconds);
  return reply.code(status);
}
