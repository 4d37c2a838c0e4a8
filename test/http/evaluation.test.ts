import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OLIVIA, question, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant } from '../support/builders.ts';

/** OpenID AuthZEN 1.0, Access Evaluation: what a request is, and what comes back. */
let api: TestApi;
let key: string;
let grant: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  grant = await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const ask = (body: unknown, headers: Record<string, string> = {}) =>
  api.post('/access/v1/evaluation', key, body, headers);
const good = () => question(api.world.acmeKey);

describe('an answer', () => {
  test('is 200 with a decision, the reason, the grants it rests on, until when, and its number in the record', async () => {
    const response = await ask(good());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const [row] = await api.db.query<{ expires_at: Date }>('superuser', 'select expires_at from grants where id = $1', [
      grant,
    ]);
    expect(await response.json()).toEqual({
      decision: true,
      context: {
        reason: 'granted',
        grants: [grant],
        expires_at: row?.expires_at.toISOString(),
        evaluation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  test('that denies is 200 as well, and says nothing but the reason', async () => {
    const response = await ask(question(api.world.globexKey));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      decision: false,
      context: { reason: 'no_grant', evaluation_id: expect.any(String) },
    });
  });

  test('is kept by nobody on the way', async () => {
    expect((await ask(good())).headers.get('cache-control')).toBe('no-store');
  });

  test('is the same each time nothing changed', async () => {
    for (let i = 0; i < 5; i += 1) expect(await (await ask(good())).json()).toMatchObject({ decision: true });
  });

  test('is on record with who asked, about whom, what and where, and under which name of their own', async () => {
    const body = { ...good(), context: { request_id: 'work-17', time: '2026-01-05T09:00Z' } };
    const { context } = (await (await ask(body, { 'x-request-id': 'trace-4' })).json()) as Answered;
    const rows = await api.db.query<Recorded>(
      'superuser',
      `select action, actor, tenant_id, grant_id, request_id, details from audit_events where details->>'evaluation' = $1`,
      [context.evaluation_id],
    );
    expect(rows).toEqual([
      {
        ...{
          action: 'access.allowed',
          actor: 'key:key-1',
          tenant_id: api.world.acme,
          grant_id: grant,
          request_id: 'trace-4',
        },
        details: {
          ...{ evaluation: context.evaluation_id, subject: OLIVIA, person: api.world.operator, action: 'content.read' },
          ...{
            tenant: api.world.acmeKey,
            resource: { type: 'document', id: 'doc-1' },
            reason: 'granted',
            grants: [grant],
          },
          ...{ context_request_id: 'work-17', expires_at: expect.stringMatching(/^\d{4}-.*\+00:00$/) },
        },
      },
    ]);
  });
});

interface Answered {
  context: { evaluation_id: string };
}
interface Recorded {
  details: Record<string, unknown>;
}

describe('the tenant', () => {
  test('is named by the resource`s properties, or is the resource itself', async () => {
    const itself = { ...good(), resource: { type: 'tenant', id: api.world.acmeKey } };
    expect(await (await ask(itself)).json()).toMatchObject({ decision: true });
    const both = {
      ...good(),
      resource: { type: 'tenant', id: api.world.acmeKey, properties: { tenant: api.world.acmeKey } },
    };
    expect(await (await ask(both)).json()).toMatchObject({ decision: true });
  });

  test('named twice and differently is a bad request', async () => {
    const conflict = {
      ...good(),
      resource: { type: 'tenant', id: api.world.globexKey, properties: { tenant: api.world.acmeKey } },
    };
    const response = await ask(conflict);
    expect(response.status).toBe(400);
    expect(await response.text()).toBe('resource: expected one tenant, and its id and properties.tenant name two.');
  });

  test('that is not named at all is no tenant; the id of another resource is none either', async () => {
    const none = { ...good(), resource: { type: 'document', id: api.world.acmeKey } };
    expect(await (await ask(none)).json()).toMatchObject({ decision: false, context: { reason: 'no_grant' } });
  });
});

describe('the subject', () => {
  test.each([
    ['of another type than user', { type: 'service', id: OLIVIA }],
    ['nobody has heard of', { type: 'user', id: 'slack:T0HOME:U0NOBODY' }],
    ['of another team', { type: 'user', id: 'slack:T0OTHER:U0OLIVIA' }],
    ['without its provider, where Slack is meant', { type: 'user', id: 'U0OLIVIA' }],
    ['of an unfinished name', { type: 'user', id: 'slack:T0HOME' }],
    ['with an empty name', { type: 'user', id: '' }],
    ['named like a key of ours', { type: 'user', id: 'key:key-1' }],
  ])('%s is denied', async (_, subject) => {
    const response = await ask({ ...good(), subject });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ decision: false, context: { reason: 'no_grant' } });
  });
});

describe('what a request has beside', () => {
  test.each([
    ['members nobody knows', { foo: 'bar', futureField: { nested: true } }],
    ['a context', { context: { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' } }],
    [
      'a member of every entity',
      { subject: { type: 'user', id: OLIVIA, properties: { department: 'Sales', role: 'manager' }, x: 1 } },
    ],
    ['properties of the action', { action: { name: 'content.read', properties: { method: 'GET' } } }],
    ['evaluations, which are not for this endpoint', { evaluations: [{}] }],
  ])('changes nothing: %s', async (_, more) => {
    const response = await ask({ ...good(), ...more });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ decision: true });
  });
});

describe('a bad request is a 400 that says what was expected', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(good()).filter(([member]) => member !== name));
  const { subject, action, resource } = question('acme');
  const cases: [string, () => unknown, string][] = [
    ['without a subject', () => without('subject'), 'subject: is missing.'],
    ['without an action', () => without('action'), 'action: is missing.'],
    ['without a resource', () => without('resource'), 'resource: is missing.'],
    ['a subject without a type', () => ({ ...good(), subject: { id: 'x' } }), 'subject.type: is missing.'],
    ['a subject without an id', () => ({ ...good(), subject: { type: 'user' } }), 'subject.id: is missing.'],
    ['an action without a name', () => ({ ...good(), action: {} }), 'action.name: is missing.'],
    ['a resource without a type', () => ({ ...good(), resource: { id: '1' } }), 'resource.type: is missing.'],
    ['a resource without an id', () => ({ ...good(), resource: { type: 'record' } }), 'resource.id: is missing.'],
    ['a subject that is text', () => ({ ...good(), subject: 'alice' }), 'subject: expected an object.'],
    ['a subject that is a list', () => ({ ...good(), subject: [] }), 'subject: expected an object.'],
    ['a subject that is null', () => ({ ...good(), subject: null }), 'subject: expected an object.'],
    ['a name that is a number', () => ({ ...good(), action: { name: 123 } }), 'action.name: expected text.'],
    ['an id that is null', () => ({ ...good(), subject: { type: 'user', id: null } }), 'subject.id: expected text.'],
    [
      'properties that are a list',
      () => ({ subject, action, resource: { ...resource, properties: [] } }),
      'resource.properties: expected an object.',
    ],
    [
      'a tenant that is a number',
      () => ({ subject, action, resource: { ...resource, properties: { tenant: 5 } } }),
      'resource.properties.tenant: expected text.',
    ],
    [
      'a tenant that is null',
      () => ({ subject, action, resource: { ...resource, properties: { tenant: null } } }),
      'resource.properties.tenant: expected text.',
    ],
    ['a context that is text', () => ({ ...good(), context: 'now' }), 'context: expected an object.'],
    [
      'a request id that is a number',
      () => ({ ...good(), context: { request_id: 5 } }),
      'context.request_id: expected text.',
    ],
    [
      'NUL',
      () => ({ ...good(), subject: { type: 'user', id: 'a\0b' } }),
      'subject.id: expected text without NUL and lone surrogates.',
    ],
    [
      'half a surrogate pair',
      () => '{"subject":{"type":"user","id":"\\ud800"},"action":{"name":"x"},"resource":{"type":"t","id":"i"}}',
      'subject.id: expected text without NUL and lone surrogates.',
    ],
    [
      'a name without end',
      () => ({ ...good(), action: { name: 'x'.repeat(1_025) } }),
      'action.name: expected 1024 characters or fewer.',
    ],
    ['an empty object', () => ({}), 'subject: is missing.'],
    ['a list', () => [good()], 'Expected a JSON object as the body.'],
    ['null', () => 'null', 'Expected a JSON object as the body.'],
    ['text', () => '"hello"', 'Expected a JSON object as the body.'],
    ['malformed JSON', () => '{"subject":', 'Expected a JSON object in UTF-8 as the body.'],
    ['an empty body', () => '', 'Expected a JSON object as the body, found nothing.'],
  ];
  test.each(cases)('%s', async (_, body, words) => {
    const response = await ask(body());
    expect([response.status, await response.text()]).toEqual([400, words]);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/jsonp', 'nonsense'])(
    'a body that says it is %s',
    async (type) => {
      const response = await ask(good(), { 'content-type': type });
      expect([response.status, await response.text()]).toEqual([
        400,
        'Expected the header Content-Type: application/json.',
      ]);
    },
  );

  test('a body that is not UTF-8', async () => {
    const response = await fetch(`${api.url}/access/v1/evaluation`, {
      ...{ method: 'POST', body: Buffer.from([0x7b, 0xff, 0x7d]) },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(400);
  });

  test('no body at all', async () => {
    const response = await fetch(`${api.url}/access/v1/evaluation`, {
      ...{ method: 'POST', headers: { authorization: `Bearer ${key}` } },
    });
    expect(response.status).toBe(400);
  });

  test('leaves no row', async () => {
    const count = async () =>
      (await api.db.query<{ n: number }>('superuser', 'select count(*)::int as n from audit_events'))[0]?.n;
    const before = await count();
    for (const [, body] of cases) await ask(body());
    expect(await count()).toBe(before);
  });
});

test('a charset with the content type is taken', async () => {
  expect((await ask(good(), { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
});

test('a body over 64 kB is a 413, whether or not it says how long it is', async () => {
  const long = { ...good(), padding: 'x'.repeat(64 * 1024) };
  const said = await ask(long);
  expect([said.status, await said.text()]).toEqual([413, 'Expected a body of 64 kB or less.']);
  const chunks = new ReadableStream({
    start: (stream) => {
      stream.enqueue(Buffer.from(JSON.stringify(long)));
      stream.close();
    },
  });
  const unsaid = await fetch(`${api.url}/access/v1/evaluation`, {
    ...{ method: 'POST', body: chunks, duplex: 'half' },
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  });
  expect(unsaid.status).toBe(413);
});

describe('X-Request-ID', () => {
  const echoed = async (response: Promise<Response>) => (await response).headers.get('x-request-id');

  test('comes back as it was sent, whatever becomes of the request', async () => {
    const id = 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716';
    expect(await echoed(ask(good(), { 'x-request-id': id }))).toBe(id);
    expect(await echoed(ask('{', { 'x-request-id': id }))).toBe(id);
    expect(await echoed(ask(good(), { 'x-request-id': id, 'content-type': 'text/plain' }))).toBe(id);
    expect(await echoed(api.post('/access/v1/evaluation', 'nobody', good(), { 'x-request-id': id }))).toBe(id);
    expect(await echoed(api.post('/nowhere', key, good(), { 'x-request-id': id }))).toBe(id);
    expect(await echoed(ask(good(), { 'x-request-id': 'with spaces, and "quotes"' }))).toBe(
      'with spaces, and "quotes"',
    );
  });

  test('that was not sent is ours', async () => {
    expect(await echoed(ask(good()))).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('what is not there', () => {
  test.each(['/', '/access/v1', '/access/v2/evaluation', '/v2', '/.well-known/other'])('%s is a 404', async (path) => {
    expect((await fetch(`${api.url}${path}`)).status).toBe(404);
  });
  test('under /v1 is for nobody without a key, whether it is there or not', async () => {
    for (const path of ['/v1/audit', '/v1/nothing']) expect((await fetch(`${api.url}${path}`)).status, path).toBe(401);
  });
  test('to GET an answer is a 404', async () => {
    expect((await fetch(`${api.url}/access/v1/evaluation`)).status).toBe(404);
  });
});
