/** What is to be seen or changed. */
export interface Resource {
  type: string;
  id: string;
  /** Must be JSON. `tenant` is always the question's own. */
  properties?: Readonly<Record<string, unknown>> | undefined;
}

/** May this subject do this action on this tenant now? */
export interface Question {
  /** `slack:TEAM:USER`, `oidc:ISSUER#SUB`, or an identity provider's bare subject. Nobody is never allowed. */
  subject: string | null | undefined;
  /** For example `content.read`. */
  action: string;
  /** The tenant's key. No tenant is never allowed. */
  tenant: string | null | undefined;
  /** The tenant itself where nothing narrower is named. */
  resource?: Resource | undefined;
  /** What the service calls this piece of work; it is on record with the answer. */
  requestId?: string | undefined;
}

/** A question in which nothing is missing. */
export interface WholeQuestion extends Question {
  subject: string;
  tenant: string;
}

/** What no question goes without; the words are the reasons of the refusal. */
export type Missing = 'no_subject' | 'no_tenant' | 'no_action';

/** The question, or what it lacks, whatever its types promise: it may come from JavaScript. */
export function wholeOf(question: Question): WholeQuestion | Missing {
  const { subject, tenant, action } = question;
  if (!isNamed(subject)) return 'no_subject';
  if (!isNamed(tenant)) return 'no_tenant';
  return isNamed(action) ? { ...question, subject, tenant } : 'no_action';
}

const isNamed = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * The body of an evaluation request (AuthZEN 1.0, "Access Evaluation Request").
 * @throws TypeError where the resource's properties are no JSON
 */
export function bodyOf({ subject, action, tenant, resource, requestId }: WholeQuestion): string {
  const { type, id, properties } = resource ?? { type: 'tenant', id: tenant };
  return JSON.stringify({
    subject: { type: 'user', id: subject },
    action: { name: action },
    resource: { type, id, properties: { ...properties, tenant } },
    ...(requestId === undefined ? {} : { context: { request_id: requestId } }),
  });
}

/** Headers that name the piece of work; none where a header could not carry the name as it is. */
export const requestIdHeaders = (requestId: string | undefined): Record<string, string> =>
  requestId !== undefined && /^[\x21-\x7e]{1,128}$/.test(requestId) ? { 'x-request-id': requestId } : {};
