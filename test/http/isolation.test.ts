import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wrongTries } from '../../src/http/identity/wrong-tries.ts';
import { apiServer } from '../../src/http/server.ts';
import { grantOf, ISSUER, OLIVIA, question, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant, aPerson } from '../support/builders.ts';
import { NO_GRANT, NOTHING_FOUND, wholeOf } from './answers.ts';

let api: TestApi;
/** Bound to Acme; and to Acme, which is also its tenant where a question names none. */
let key: string;
let withDefault: string;
beforeAll(async () => {
  api = await startTestApi();
  const { session, world } = api;
  // Olivia has access to both; Gwen to Globex alone.
  await activeGrant(session, world);
  await activeGrant(session, world, { tenant_id: world.globex });
  await grantOf(session, { ...world, acme: world.globex }, 'audit_view');
  await activeGrant(session, { ...world, operator: await aPerson(session, 'U0GWEN') }, { tenant_id: world.globex });
  key = await api.key({ tenants: [world.acmeKey] });
  withDefault = await api.key({ tenants: [world.acmeKey], defaultTenant: world.acmeKey });
});
afterAll(() => api.stop());

/** Keys that no tenant has; one of them looks like a real one. */
const madeUp = () => ['no-such-tenant', api.world.globexKey.replace(/.$/, '-'), 'x'.repeat(1_000)];

const user = { type: 'user', id: OLIVIA };
const read = { name: 'content.read' };
const document = (tenant: string) => question(tenant).resource;
const itself = (tenant: string) => ({ type: 'tenant', id: tenant });
const both = (tenant: string) => ({ ...itself(tenant), properties: { tenant } });
const resources = [document, itself, both];

type Ask = (tenant: string) => object;

/** What answers about a tenant, and the ways to ask it about one. A route that is in neither list fails the walk. */
const aboutTenants: Readonly<Record<string, readonly Ask[]>> = {
  'POST /access/v1/evaluation': resources.map((of) => (tenant) => ({
    subject: user,
    action: read,
    resource: of(tenant),
  })),
  'POST /access/v1/evaluations': [
    ...resources.map(
      (of): Ask =>
        (tenant) => ({ subject: user, action: read, resource: of(tenant) }),
    ),
    ...resources.map(
      (of): Ask =>
        (tenant) => ({ subject: user, action: read, evaluations: [{ resource: of(tenant) }] }),
    ),
    ...['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'].map(
      (evaluations_semantic): Ask =>
        (tenant) => ({
          ...{ subject: user, action: read, resource: document(tenant), options: { evaluations_semantic } },
          evaluations: [
            {},
            { action: { name: 'audit.view' } },
            { subject: { type: 'user', id: 'slack:T0HOME:U0GWEN' } },
          ],
        }),
    ),
  ],
  'POST /access/v1/search/subject': resources.map((of) => (tenant) => ({
    subject: { type: 'user' },
    action: read,
    resource: of(tenant),
  })),
  'POST /access/v1/search/action': resources.map((of) => (tenant) => ({ subject: user, resource: of(tenant) })),
  'POST /access/v1/search/resource': resources.map((of) => (tenant) => ({
    subject: user,
    action: read,
    resource: { ...of(tenant), type: 'tenant' },
  })),
};

/** What is read of a tenant, by keys of auditors, and the ways to name one. */
const readOfTenants: Readonly<Record<string, readonly ((tenant: string) => string)[]>> = {
  'GET /v1/audit': [
    (tenant) => `?tenant=${tenant}`,
    ...['json', 'ndjson', 'csv', 'ocsf'].map((format) => (tenant: string) => `?tenant=${tenant}&format=${format}`),
    (tenant) => `?tenant=${tenant}&from=2020-01-01&kind=break_glass&action=requested&person=${OLIVIA}`,
  ],
};

/** What hands out or takes in something of an access: its own test holds it to the same, route by route. */
const heldElsewhere: Readonly<Record<string, string>> = {
  'POST /v1/grants/:id/attachments': 'test/http/attachments.test.ts',
  'GET /v1/evidence': 'test/http/evidence.test.ts',
};

/** What says nothing of tenants, to anybody. */
const aboutNothing = [
  'GET /.well-known/authzen-configuration',
  'GET /openapi.json',
  'GET /healthz',
  'GET /readyz',
  'HEAD /.well-known/authzen-configuration',
  'HEAD /openapi.json',
  'HEAD /healthz',
  'HEAD /readyz',
];

/** Every route that the server answers at, from the server itself. */
async function routes(): Promise<string[]> {
  const server = apiServer({
    health: { notReady: async () => [] },
    desk: { checks: api.checks, inForce: () => api.inForce, defaultIssuer: ISSUER, used: () => {} },
    door: { authenticate: async () => null, tries: wrongTries() },
    publicUrl: null,
    trouble: { outage: () => {}, defect: () => {} },
    v1: {
      context: api.context,
      bundles: { make: () => Promise.reject(new Error('No bundle is made here.')) },
      directMessage: () => 'U0NOBODY',
      groupMembers: async () => ({}),
    },
  });
  await server.ready();
  const printed = server.printRoutes({ commonPrefix: false });
  await server.close();
  return routesIn(printed);
}

/** Fastify draws a tree; what stands further in goes on with the path of what is above it. */
function routesIn(tree: string): string[] {
  const path: string[] = [];
  return tree
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const drawn = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line);
      if (!drawn) throw new Error(`The server has a route that is not understood: ${line}`);
      const [, indent = '', part = '', methods] = drawn;
      path.splice(indent.length / 4, path.length, part);
      return methods?.split(', ').map((method) => `${method} ${path.join('')}`) ?? [];
    });
}

/** Every route of the document, as Fastify writes it; test/http/who-may.test.ts holds each of them to its rule. */
async function described(): Promise<string[]> {
  const { paths } = JSON.parse(await (await fetch(`${api.url}/openapi.json`)).text());
  return Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
}

test('the walk covers every route that there is', async () => {
  const known = new Set([...aboutNothing, ...(await described()).filter((route) => route !== 'GET /metrics')]);
  expect((await routes()).sort()).toEqual([...known].sort());
  const checks = [...known].filter((route) => route.includes('/access/'));
  expect(Object.keys(aboutTenants).sort()).toEqual(checks.sort());
  for (const route of Object.keys({ ...readOfTenants, ...heldElsewhere })) expect([...known]).toContain(route);
});

describe.each(Object.entries(readOfTenants))('%s', (route, ways) => {
  const path = route.slice(route.indexOf('/'));
  const reader = (tenants: string[] | null, name: string) =>
    api.key({ name, role: 'auditor', subjects: [], actions: [], tenants });
  const answerTo = async (query: string, by: string) => {
    const { status, headers, body } = await wholeOf(await api.get(`${path}${query}`, by));
    return { status, headers, body: body.replace(/"request_id":"[^"]+"/, '"request_id":"ID"') };
  };

  test('says the same of a tenant that the key is not bound to as of one that does not exist, to the byte', async () => {
    const by = await reader([api.world.acmeKey], 'reader-of-acme');
    for (const way of ways) {
      const foreign = await answerTo(way(api.world.globexKey), by);
      expect(foreign.status).toBe(404);
      for (const tenant of madeUp().slice(0, 2)) expect(await answerTo(way(tenant), by), tenant).toEqual(foreign);
      expect((await answerTo(way(api.world.acmeKey), by)).status).toBe(200);
    }
  });

  test('shows nothing of another tenant, whatever is asked', async () => {
    const by = await reader([api.world.acmeKey], 'another-reader-of-acme');
    const queries = ['', ...['ndjson', 'csv', 'ocsf'].map((format) => `?format=${format}`)];
    const people = ['slack:T0HOME:U0GWEN', OLIVIA].map((person) => `?from=2020-01-01&person=${person}`);
    for (const query of [...queries, ...people]) {
      const { status, body } = await answerTo(query, by);
      expect(status).toBe(200);
      for (const word of [api.world.globex, api.world.globexKey]) expect(body).not.toContain(word);
    }
  });

  test('leaves a try on another tenant on record, and not on that tenant’s', async () => {
    const by = await reader([api.world.acmeKey], 'prying');
    await answerTo(`?tenant=${api.world.globexKey}`, by);
    const [row] = await api.db.query(
      'superuser',
      `select tenant_id, details from audit_events where actor = 'key:prying' and action = 'access.refused'`,
    );
    expect(row).toMatchObject({ tenant_id: null, details: { refusal: 'unknown_tenant', about: api.world.globexKey } });
  });
});

describe.each(Object.entries(aboutTenants))('%s', (route, asks) => {
  const path = route.slice(route.indexOf('/'));
  const answerTo = async (body: object, by = key) => wholeOf(await api.post(path, by, body));

  test('says the same of a tenant that the key is not bound to as of one that does not exist, to the byte', async () => {
    for (const by of [key, withDefault]) {
      for (const ask of asks) {
        const foreign = await answerTo(ask(api.world.globexKey), by);
        for (const tenant of madeUp()) expect(await answerTo(ask(tenant), by), tenant.slice(0, 50)).toEqual(foreign);
      }
    }
  });

  test('says something of a tenant that the key is bound to, or nothing by what is asked', async () => {
    for (const ask of asks) {
      const own = await answerTo(ask(api.world.acmeKey));
      expect(own.status).toBe(200);
      expect(own.body).toMatch(/"decision":true|"results":\[\{/);
      expect(own.body).not.toContain(api.world.globexKey);
      expect(own.body).not.toContain('GWEN');
    }
  });

  test('lets no tenant be named beside the one that is asked about', async () => {
    const { globex, globexKey } = api.world;
    for (const ask of asks) {
      const plain = await answerTo(ask(api.world.acmeKey));
      const extra = { tenant: globexKey, tenant_id: globex, context: { tenant: globexKey, tenant_id: globex } };
      expect(await answerTo({ ...ask(api.world.acmeKey), ...extra })).toEqual(plain);
    }
  });

  test('gets a request without a key no further, whatever tenant it names', async () => {
    const [ask] = asks;
    const said = new Set<string>();
    for (const tenant of [api.world.acmeKey, api.world.globexKey, ...madeUp()]) {
      said.add(JSON.stringify(await answerTo(ask?.(tenant) ?? {}, `bgk_${'A'.repeat(43)}`)));
    }
    expect([...said]).toHaveLength(1);
    expect([...said][0]).toContain('"status":401');
  });
});

test('who has access elsewhere is, to a key that is not bound there, somebody who has none', async () => {
  const about = (subject: string) => ({ ...question(api.world.acmeKey), subject: { type: 'user', id: subject } });
  const gwen = await wholeOf(await api.post('/access/v1/evaluation', key, about('slack:T0HOME:U0GWEN')));
  const ghost = await wholeOf(await api.post('/access/v1/evaluation', key, about('slack:T0HOME:U0GHOST')));
  expect(gwen).toEqual(ghost);
  expect(gwen.body).toBe(NO_GRANT);
  const actions = { subject: { type: 'user', id: 'slack:T0HOME:U0GWEN' }, resource: itself(api.world.acmeKey) };
  expect((await wholeOf(await api.post('/access/v1/search/action', key, actions))).body).toBe(NOTHING_FOUND);
});

test('what somebody may do elsewhere is not among what they may do here', async () => {
  const response = await api.post('/access/v1/search/action', key, {
    subject: user,
    resource: itself(api.world.acmeKey),
  });
  const { results } = JSON.parse(await response.text());
  expect(results).toEqual([{ name: 'content.read' }, { name: 'content.write' }]);
});

test('nothing of what was asked about another tenant is on that tenant’s record', async () => {
  const [record] = await api.db.query<{ asked: number; recorded: number }>(
    'superuser',
    `select count(*) filter (where details ->> 'tenant' = $1)::int as asked, count(*) filter (where tenant_id = $2)::int as recorded
       from audit_events where action like 'access.%'`,
    [api.world.globexKey, api.world.globex],
  );
  expect(record?.asked).toBeGreaterThan(0);
  expect(record?.recorded).toBe(0);
});

test.each(aboutNothing)('%s says nothing of any tenant', async (route) => {
  const [method = '', path = ''] = route.split(' ');
  const { world } = api;
  const response = await fetch(`${api.url}${path}?tenant=${world.acmeKey}`, { method });
  const said = JSON.stringify([[...response.headers], await response.text()]);
  expect(response.ok).toBe(true);
  for (const word of [world.acme, world.acmeKey, world.globex, world.globexKey, 'OLIVIA', 'GWEN']) {
    expect(said).not.toContain(word);
  }
});
