import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { accessPaths, openPaths } from './described.ts';
import type { Endpoint, Tag } from './endpoint.ts';

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    request_id: z.string(),
    refusal: z.string().optional().meta({ description: 'The stable word of a rule that says no' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const problemStatuses = ['400', '401', '403', '404', '409', '413', '422', '429', '503'] as const;
const meanings: Readonly<Record<(typeof problemStatuses)[number], string>> = {
  400: 'The request can not be read',
  401: 'Nobody vouches for the caller',
  403: 'The caller may not do this',
  404: 'There is no such thing, or it is not to be seen',
  409: 'A rule says no',
  413: 'The body is too long',
  422: 'A value is not what a rule expects',
  429: 'Too many requests; Retry-After says when to come back',
  503: 'No answer can be given now; nothing was done',
};
const problems = Object.fromEntries(
  problemStatuses.map((status) => [
    status,
    { description: meanings[status], content: { 'application/problem+json': { schema: problem } } },
  ]),
);

const tags: Readonly<Record<Tag | 'Checks', string>> = {
  Access: 'Requests, decisions, and what becomes of access',
  Audit: 'The audit trail, and evidence',
  Checks: 'OpenID AuthZEN 1.0: may this person do this on this tenant now?',
  Tenants: 'Tenants and their owners',
  Keys: 'API keys',
  Schedules: 'What is sent at a time of day',
  Notices: 'The outbox: what waits, and what was given up',
  Process: 'The process itself, its configuration, and who calls',
};

/** What the API can do, as OpenAPI 3.1: made of the same schemas that read requests. */
export function openApiOf(endpoints: readonly Endpoint[], publicUrl: string | null) {
  const paths: ZodOpenApiPathsObject = {};
  for (const each of endpoints) {
    const at = `/v1${each.path}`;
    paths[at] = { ...paths[at], [each.method]: operationOf(each) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Breakglass',
      version: '1',
      description: 'Emergency and support access to tenants: asked for, agreed to, checked, ended, on record.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl ?? '/' }],
    security: [{ bearer: [] }, { certificate: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, or an access token of the identity provider',
        },
      },
    },
    paths: { ...paths, ...accessPaths, ...openPaths },
  });
  // OpenAPI 3.1 has this kind; the package's types don't.
  const certificate = { type: 'mutualTLS', description: 'A client certificate that the configuration names' };
  const { components = {} } = document;
  return {
    ...document,
    components: { ...components, securitySchemes: { ...components.securitySchemes, certificate } },
  };
}

function operationOf({
  id,
  summary,
  tag,
  roles,
  params,
  query,
  body,
  answer,
  method,
}: Endpoint): ZodOpenApiOperationObject {
  const { status, description, content } = answer;
  const answered = Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, { schema: schema ?? z.string() }]),
  );
  const repeatable = method !== 'get';
  return {
    operationId: id,
    summary,
    tags: [tag],
    'x-roles': [...roles],
    ...((params || query || repeatable) && {
      requestParams: {
        ...(params && { path: params }),
        ...(query && { query }),
        ...(repeatable && { header: idempotency }),
      },
    }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [String(status)]: {
        description: description || (STATUS_CODES[status] ?? ''),
        ...(Object.keys(answered).length > 0 && { content: answered }),
      },
      ...problems,
    },
  };
}

const idempotency = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .meta({ description: 'The same key and body again have no second effect, for a week' }),
});
