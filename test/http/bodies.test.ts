import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant } from '../support/builders.ts';

/** What is sent to the check API by somebody who does not mean well, or can't write JSON. */
const BODIES = Number(process.env.FUZZ_PAYLOADS ?? 10_000);
const AT_ONCE = 40;

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const hostile = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 2_000 }),
  fc.constantFrom<unknown>('', '\0', '\ud800', '__proto__', 'constructor', 1e308, -0, null, true, [], {}),
);
/** Nearly somebody who has access, and never quite. */
const almostOlivia = fc.constantFrom(
  ...[OLIVIA.toLowerCase(), `${OLIVIA} `, ` ${OLIVIA}`, `${OLIVIA}\0`, OLIVIA.replaceAll(':', '\uff1a'), `${OLIVIA}:`],
  ...[
    `oidc:${OLIVIA}`,
    'slack:T0HOME:U0OLIVIA%00',
    'slack:T0HOME:U0OLIVIA OR 1=1',
    "'; drop table grants; --",
    'U0OLIVIA',
  ],
  ...['slack::U0OLIVIA', 'slack:T0HOME:', '*', '%', 'null', '{}'],
);
const entity = (id: fc.Arbitrary<unknown>, type: string) =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record(
        { type: fc.oneof(fc.constant(type), hostile), id: fc.oneof(id, hostile), properties: hostile },
        { requiredKeys: [] },
      ),
    },
    { weight: 1, arbitrary: hostile },
  );
const resource = fc.oneof(
  entity(hostile, 'tenant'),
  fc.record({
    type: hostile,
    id: fc.string(),
    properties: fc.record({ tenant: fc.oneof(hostile, fc.constant('acme')) }),
  }),
);
const members = {
  subject: entity(almostOlivia, 'user'),
  action: fc.oneof(
    fc.record({ name: fc.oneof(fc.constant('content.read'), hostile), properties: hostile }, { requiredKeys: [] }),
    hostile,
  ),
  resource,
  context: hostile,
};
const question = fc.record(members, { requiredKeys: [] });
const request = fc.record(
  {
    ...members,
    evaluations: fc.oneof(fc.array(fc.oneof(question, hostile), { maxLength: 8 }), hostile),
    options: fc.oneof(
      hostile,
      fc.record({
        evaluations_semantic: fc.oneof(
          hostile,
          fc.constantFrom('execute_all', 'deny_on_first_deny', 'permit_on_first_permit'),
        ),
      }),
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  { weight: 8, arbitrary: request.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: hostile.map((value) => JSON.stringify(value)) },
  // Cut off, or with something else in the middle.
  {
    weight: 2,
    arbitrary: fc.tuple(request, fc.nat(), fc.string({ unit: 'binary', maxLength: 5 })).map(([value, at, junk]) => {
      const text = JSON.stringify(value);
      return `${text.slice(0, at % (text.length + 1))}${junk}`;
    }),
  },
  // Deep rather than long.
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 30_000 })
      .map((depth) => `{"subject":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80_000 }) },
);
const path = fc.constantFrom(
  ...[
    '/access/v1/evaluation',
    '/access/v1/evaluations',
    '/access/v1/search/subject',
    '/access/v1/search/action',
    '/access/v1/search/resource',
  ],
);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const heapNow = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const sample = (count: number, seed?: number) =>
  fc.sample(fc.tuple(path, body), { numRuns: count, ...(seed && { seed }) });

async function send(requests: readonly [string, string][]): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let at = 0; at < requests.length; at += AT_ONCE) {
    await Promise.all(
      requests.slice(at, at + AT_ONCE).map(async ([to, text]) => {
        const response = await api.post(to, key, text);
        const answer = await response.text();
        statuses.add(response.status);
        if (response.status >= 500 || /"decision":\s*true/.test(answer))
          throw new Error(`${to} ${text}\n${response.status} ${answer}`);
      }),
    );
  }
  return statuses;
}

test(`of ${BODIES} bodies none is a 500 and none a yes, and the memory stays as it was`, async () => {
  await send(sample(Math.ceil(BODIES / 5), 1));
  const before = heapNow();
  const statuses = await send(sample(BODIES));
  expect([...statuses].filter((status) => ![200, 400, 413].includes(status))).toEqual([]);
  expect([200, 400].every((status) => statuses.has(status))).toBe(true);
  expect(heapNow() - before).toBeLessThan(16 * 1024 * 1024);
}, 120_000);

test('the service still answers those who ask properly', async () => {
  const good = {
    subject: { type: 'user', id: OLIVIA },
    action: { name: 'content.read' },
    resource: { type: 'tenant', id: api.world.acmeKey },
  };
  expect(await (await api.post('/access/v1/evaluation', key, good)).json()).toMatchObject({ decision: true });
});
