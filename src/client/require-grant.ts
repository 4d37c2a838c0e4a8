import type { Allowed, Answer } from './answer.ts';
import { type Doors, doorsOf } from './doors.ts';
import { problemOf } from './problem.ts';
import type { Question, Resource } from './question.ts';

/** A value, or how to find it in a request. What a function throws is an error of the framework; nobody is let in. */
export type From<R, T> = T | ((request: R) => T | Promise<T>);

type Name = string | null | undefined;

/** What a request must be allowed to do. For Hono, `R` is its context. */
export interface Rule<R extends object> {
  /** For example `content.read`. */
  action: From<R, string>;
  /** The tenant's key, from where the service itself keeps what belongs to whom. */
  tenant: From<R, Name>;
  /** Whoever the service has authenticated, never what the request says of itself. */
  subject: From<R, Name>;
  resource?: From<R, Resource | undefined> | undefined;
  requestId?: From<R, string | undefined> | undefined;
}

const evaluations = new WeakMap<object, Allowed>();

/** The answer that let this request in (for Hono: this context), the last of several; null where none did. */
export const evaluationOf = (request: object): Allowed | null => evaluations.get(request) ?? null;

export const requireGrant = <R extends object>(
  check: (question: Question) => Promise<Answer>,
  rule: Rule<R>,
): Doors<R> =>
  doorsOf(async (request) => {
    const answer = await check(await questionOf(rule, request));
    if (answer.kind !== 'allowed') return problemOf(answer);
    evaluations.set(request, answer);
    return null;
  });

const questionOf = async <R extends object>(rule: Rule<R>, request: R): Promise<Question> => ({
  subject: await found(rule.subject, request),
  action: await found(rule.action, request),
  tenant: await found(rule.tenant, request),
  resource: await found(rule.resource, request),
  requestId: await found(rule.requestId, request),
});

const found = <R, T extends string | object | null | undefined>(from: From<R, T>, request: R): T | Promise<T> =>
  typeof from === 'function' ? from(request) : from;
