import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activeGrant } from '../support/builders.ts';
import { invalid, mistakeIn, type Operation, operationsOf, type Parameter, valid } from './by-document.ts';
import { type ApiWithPeople, apiWithPeople } from './callers.ts';

/** Requests of each sort to each operation; `FUZZ_REQUESTS=300` for more. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 12);

let api: ApiWithPeople;
let operations: Operation[] = [];
const credentials: Record<string, string> = {};
let grants: string[] = [];
beforeAll(async () => {
  api = await apiWithPeople();
  operations = operationsOf(JSON.parse(await (await fetch(`${api.url}/openapi.json`)).text()));
  const nothing = { subjects: [], actions: [] };
  credentials.service = await api.key({ name: 'all-service' });
  credentials.auditor = await api.key({ name: 'all-auditor', role: 'auditor', ...nothing });
  credentials.admin = await api.key({ name: 'all-admin', role: 'admin', ...nothing });
  // One who may never be ended, so that the fuzzing does not lock itself out.
  credentials.person = api.as('U0OLIVIA');
  const { session, world } = api;
  grants = [await activeGrant(session, world), await activeGrant(session, world, { tenant_id: world.globex })];
});
afterAll(() => api.stop());

/** The document, read once more where the tests are made: the same as the server gives. */
const { endpointsOf } = await import('../../src/http/v1/index.ts');
const { openApiOf } = await import('../../src/http/v1/openapi.ts');
const none = () => Promise.reject(new Error('Nothing is done here.'));
const described = operationsOf(
  JSON.parse(
    JSON.stringify(
      openApiOf(
        endpointsOf({
          ...{ context: { db: null, inForce: none, refusals: null } as never, bundles: { make: none } },
          ...{ directMessage: () => '', groupMembers: none, trouble: { outage: () => {}, defect: () => {} } },
        }),
        null,
      ),
    ),
  ),
);

const pathValue = ({ name, schema }: Parameter) => {
  const known: Record<string, () => readonly string[]> = {
    id: () => [...grants, '1', '2'],
    key: () => [api.world.acmeKey, api.world.globexKey],
    name: () => ['digest', 'all-service'],
  };
  return fc.oneof(
    fc.nat().map((at) => known[name]?.()[at % (known[name]?.().length ?? 1)] ?? 'x'),
    valid(schema).map(String),
    fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/\p{Surrogate}/u.test(text)),
  );
};

/** A request by the document: the path, the query, the body. `wrong` spoils the query or the body. */
function requestFor({ parameters, body }: Operation, wrong: boolean) {
  const of = (place: Parameter['in']) => parameters.filter((each) => each.in === place);
  const shape = wrong ? invalid : valid;
  return fc.record({
    path: fc.record(Object.fromEntries(of('path').map((each) => [each.name, pathValue(each)]))),
    query: fc.record(Object.fromEntries(of('query').map((each) => [each.name, shape(each.schema).map(String)])), {
      requiredKeys: of('query')
        .filter(({ required }) => required)
        .map(({ name }) => name),
    }),
    body: body === null ? fc.constant(undefined) : shape(body),
    repeat: fc.option(fc.stringMatching(/^[a-z]{1,8}$/), { nil: undefined }),
  });
}

async function send(
  operation: Operation,
  request: { path: Record<string, string>; query: Record<string, string>; body: unknown; repeat: string | undefined },
  by: string,
) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(request.path[name] ?? ''));
  const wellFormed = Object.entries(request.query).map(([name, value]) => [name, Buffer.from(value).toString()]);
  const query = wellFormed.length > 0 ? `?${new URLSearchParams(Object.fromEntries(wellFormed))}` : '';
  return fetch(`${api.url}${path}${query}`, {
    method: operation.method,
    headers: {
      ...(credentials[by] && { authorization: `Bearer ${credentials[by]}` }),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...(request.repeat && operation.method !== 'GET' && { 'idempotency-key': request.repeat }),
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  });
}

/** What an answer breaks of what the document says of it; null where it keeps it. */
async function broken(operation: Operation, answer: Response): Promise<string | null> {
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
  const text = await answer.text();
  const { status } = answer;
  const said = operation.answers[String(status)] ?? operation.answers[`${Math.floor(status / 100)}XX`];
  if (said === undefined) return `the status ${status} is not described: ${text.slice(0, 200)}`;
  const schema = said[type];
  if (Object.keys(said).length === 0) return null;
  if (schema === undefined) return `the type ${type} is not described for ${status}`;
  if (!type.endsWith('json') || type.includes('ndjson')) return null;
  return mistakeIn(schema, JSON.parse(text));
}

/** These end or change what the others stand on; the keys and tenants here outlive it. */
const asAuthorised = ({ roles }: Operation): string => roles[0] ?? '';

/** What went wrong here since the last look. */
let seen = 0;
function defects(): readonly Record<string, string>[] {
  const fresh = api.troubles.slice(seen).filter((each) => 'defect' in each);
  seen = api.troubles.length;
  return fresh;
}

describe.each(described.map((operation) => [operation.id, operation] as const))('%s', (_, operation) => {
  test.each([
    ['valid', false],
    ['invalid', true],
  ])('answers %s requests as the document says, and never with a 500', async (__, wrong) => {
    await fc.assert(
      fc.asyncProperty(requestFor(operation, wrong), async (request) => {
        const answer = await send(operation, request, asAuthorised(operation));
        expect(answer.status, JSON.stringify(request)).not.toBe(500);
        expect(await broken(operation, answer), JSON.stringify(request)).toBeNull();
      }),
      { numRuns: REQUESTS },
    );
    expect(defects()).toEqual([]);
  });
});

test('the document that is tested here is the one that the server gives', () => {
  expect(operations.map(({ id }) => id).sort()).toEqual(described.map(({ id }) => id).sort());
});
