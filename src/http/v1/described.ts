import { z } from 'zod';
import type { ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi';

/** What the document says of routes that have readers and answers of their own: checks, figures, health. */

const entity = z.looseObject({
  type: z.string(),
  id: z.string(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const kindOnly = z.looseObject({ type: z.string() });
const action = z.looseObject({ name: z.string(), properties: z.record(z.string(), z.unknown()).optional() });
const context = z.record(z.string(), z.unknown()).optional();
const decision = z.looseObject({ decision: z.boolean(), context: z.record(z.string(), z.unknown()).optional() });
const question = z.looseObject({ subject: entity, action, resource: entity, context });
const results = z.object({ results: z.array(z.looseObject({})) });

const plain: ZodOpenApiResponsesObject = Object.fromEntries(
  (['400', '401', '403', '413', '429', '503'] as const).map((status) => [
    status,
    {
      description: 'Why not, as the specification says: in plain text',
      content: { 'text/plain': { schema: z.string() } },
    },
  ]),
);

const asks = (operationId: string, summary: string, body: z.ZodType, answered: z.ZodType) => ({
  post: {
    ...{ operationId, summary, tags: ['Checks'], 'x-roles': ['service'] },
    requestBody: { required: true, content: { 'application/json': { schema: body } } },
    responses: {
      '200': { description: 'The answer', content: { 'application/json': { schema: answered } } },
      ...plain,
    },
  },
});

/** OpenID AuthZEN Authorization API 1.0 (docs/checks.md), and what monitoring reads. */
export const accessPaths: ZodOpenApiPathsObject = {
  '/access/v1/evaluation': asks('evaluate', 'May this person do this on this tenant now?', question, decision),
  '/access/v1/evaluations': asks(
    'evaluateAll',
    'The same about several things at once',
    z.looseObject({
      subject: entity.optional(),
      action: action.optional(),
      resource: entity.optional(),
      context,
      evaluations: z.array(z.looseObject({})).optional(),
    }),
    z.looseObject({}),
  ),
  '/access/v1/search/subject': asks(
    'searchSubjects',
    'Who may do this there now?',
    z.looseObject({ subject: kindOnly, action, resource: entity, context }),
    results,
  ),
  '/access/v1/search/resource': asks(
    'searchTenants',
    'On which tenants may this person do this now?',
    z.looseObject({ subject: entity, action, resource: kindOnly, context }),
    results,
  ),
  '/access/v1/search/action': asks(
    'searchActions',
    'What may this person do there now?',
    z.looseObject({ subject: entity, resource: entity, context }),
    results,
  ),
  '/metrics': {
    get: {
      ...{ operationId: 'readMetrics', summary: 'Figures for monitoring', tags: ['Process'], 'x-roles': ['auditor'] },
      responses: { '200': { description: 'Figures', content: { 'text/plain': { schema: z.string() } } }, ...plain },
    },
  },
};

const state = (description: string) => ({
  description,
  content: { 'application/json': { schema: z.looseObject({ status: z.string() }) } },
});
const anybody = { security: [], 'x-roles': [] };

/** What anybody may ask. */
export const openPaths: ZodOpenApiPathsObject = {
  '/.well-known/authzen-configuration': {
    get: {
      ...{ operationId: 'describeChecks', summary: 'Where checks are asked', tags: ['Checks'], ...anybody },
      responses: {
        '200': { description: 'Metadata', content: { 'application/json': { schema: z.looseObject({}) } } },
        '400': { description: 'The request names no address', content: { 'text/plain': { schema: z.string() } } },
      },
    },
  },
  '/openapi.json': {
    get: {
      ...{ operationId: 'describeApi', summary: 'This document', tags: ['Process'], ...anybody },
      responses: {
        '200': { description: 'The document', content: { 'application/json': { schema: z.looseObject({}) } } },
        '4XX': { description: 'The request can not be read' },
      },
    },
  },
  '/healthz': {
    get: {
      ...{ operationId: 'isAlive', summary: 'Whether the process runs', tags: ['Process'], ...anybody },
      responses: { '200': state('It runs'), '4XX': { description: 'The request can not be read' } },
    },
  },
  '/readyz': {
    get: {
      ...{ operationId: 'isReady', summary: 'Whether it takes work', tags: ['Process'], ...anybody },
      responses: {
        '200': state('It does'),
        '503': state('It does not, and why'),
        '4XX': { description: 'The request can not be read' },
      },
    },
  },
};
