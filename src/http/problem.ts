import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../domain/refusals.ts';
import { problemWords } from './problem-words.ts';
import { answerWith, Refused, refusalOf, type Trouble } from './refusals.ts';

/** A refusal with members of its own beside those of every problem (RFC 9457, section 3.2). */
export class Problem extends Refused {
  override name = 'Problem';
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, detail: string, members: Readonly<Record<string, unknown>> = {}) {
    super(status, detail);
    this.members = members;
  }
}

/** What a rule says, as this door says it: `refusal` is its stable word. */
export function problemOf(refusal: Refusal): Problem {
  const { status, detail } = problemWords(refusal);
  return new Problem(status, detail, { refusal: refusal.kind });
}

/** Errors under /v1 are problem details (RFC 9457): a title by the status, a detail for the person who wrote the caller. */
export const sayProblem =
  (trouble: Trouble) =>
  (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refused = refusalOf(error, trouble, request);
    const { status, message } = refused;
    const problem = {
      ...{ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: message },
      ...(refused instanceof Problem && refused.members),
      request_id: request.id,
    };
    return answerWith(refused, reply)
      .type('application/problem+json')
      .send(Buffer.from(JSON.stringify(problem))); // a text would get a charset, which this type has not
  };
