import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantOf, ISSUER, startTestApi, type TestApi } from '../support/api.ts';

/**
 * The certification scenario of OpenID AuthZEN 1.0, levels Basic and Batch, with its fixture made of grants: alice has what
 * reading and writing need, bob what reading needs and what writing to archived records needs. Its records are in one
 * tenant, which goes without saying for this key.
 */
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi({
    actions: {
      read: { needs: ['audit_view'], when: [] },
      write: {
        needs: ['content_access'],
        when: [{ resource: { status: 'archived' }, action: {}, needs: ['workspace_recovery'] }],
      },
      delete: {
        needs: ['create_platform_owner'],
        when: [{ resource: {}, action: { soft: true }, needs: ['content_access'] }],
      },
    },
  });
  key = await api.key({ defaultTenant: api.world.acmeKey });
  const alice = { ...api.world, operator: await knownAs('alice') };
  const bob = { ...api.world, operator: await knownAs('bob') };
  for (const scope of ['audit_view', 'content_access'] as const) await grantOf(api.session, alice, scope);
  for (const scope of ['audit_view', 'workspace_recovery'] as const) await grantOf(api.session, bob, scope);
});
afterAll(() => api.stop());

async function knownAs(subject: string): Promise<string> {
  const [person] = await api.db.query<{ id: string }>('superuser', 'insert into people default values returning id');
  const id = person?.id ?? '';
  await api.db.query(
    'superuser',
    "insert into identities (provider, issuer, external_id, person_id, source) values ('oidc', $1, $2, $3, 'file')",
    [ISSUER, subject, id],
  );
  return id;
}

const alice = { type: 'user', id: 'alice' };
const bob = { type: 'user', id: 'bob' };
const admin = { ...bob, properties: { role: 'admin' } };
const one = { type: 'record', id: 'record-1' };
const active = { ...one, properties: { status: 'active' } };
const archived = { type: 'record', id: 'record-2', properties: { status: 'archived' } };
const read = { name: 'read' };
const write = { name: 'write' };

const decided = async (path: string, body: unknown): Promise<unknown> => {
  const response = await api.post(path, key, body);
  expect(response.status).toBe(200);
  return response.json();
};

describe('Basic', () => {
  test.each([
    ['alice reads', { subject: alice, action: read, resource: one }, true],
    ['alice writes', { subject: alice, action: write, resource: one }, true],
    ['bob reads', { subject: bob, action: read, resource: one }, true],
    ['bob does not write', { subject: bob, action: write, resource: one }, false],
    [
      'with a context',
      { subject: alice, action: read, resource: one, context: { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' } },
      true,
    ],
    ['alice does not write to the archive', { subject: alice, action: write, resource: archived }, false],
    ['an admin writes to the archive', { subject: admin, action: write, resource: archived }, true],
    [
      'alice deletes softly',
      { subject: alice, action: { name: 'delete', properties: { soft: true } }, resource: one },
      true,
    ],
    [
      'alice does not delete for good',
      { subject: alice, action: { name: 'delete', properties: { soft: false } }, resource: one },
      false,
    ],
    [
      'with further properties',
      {
        subject: { ...alice, properties: { department: 'Sales', role: 'manager' } },
        action: { name: 'read', properties: { method: 'GET' } },
        resource: { ...active, properties: { status: 'active', owner: 'bob' } },
      },
      true,
    ],
    [
      'with unknown fields',
      { subject: alice, action: read, resource: one, foo: 'bar', futureField: { nested: true } },
      true,
    ],
  ])('%s', async (_, body, decision) => {
    expect(await decided('/access/v1/evaluation', body)).toMatchObject({ decision, context: expect.any(Object) });
  });
});

describe('Batch', () => {
  const cases: [string, object, boolean[]][] = [
    [
      'fixture decisions, in order',
      { subject: bob, resource: one, evaluations: [{ action: read }, { action: write }] },
      [true, false],
    ],
    [
      'properties by item',
      { subject: alice, action: write, evaluations: [{ resource: active }, { resource: archived }] },
      [true, false],
    ],
    [
      'subjects by item',
      { action: write, resource: archived, evaluations: [{ subject: alice }, { subject: admin }] },
      [false, true],
    ],
    [
      'without defaults',
      {
        evaluations: [
          { subject: alice, action: read, resource: one },
          { subject: bob, action: write, resource: one },
        ],
      },
      [true, false],
    ],
    [
      'whole defaults',
      { subject: alice, action: write, resource: active, evaluations: [{}, { resource: archived }] },
      [true, false],
    ],
    [
      'contexts',
      {
        subject: alice,
        action: read,
        context: { time: 'a' },
        evaluations: [{ resource: one }, { resource: archived, context: { time: 'b', source: 'batch-override' } }],
      },
      [true, true],
    ],
    [
      'an item that misses a member',
      {
        subject: alice,
        action: read,
        options: { evaluations_semantic: 'execute_all' },
        evaluations: [{ resource: one }, {}],
      },
      [true, false],
    ],
  ];
  test.each(cases)('%s', async (_, body, decisions) => {
    const answer = await decided('/access/v1/evaluations', body);
    expect(answer).toEqual({ evaluations: decisions.map((decision) => ({ decision, context: expect.any(Object) })) });
  });

  test.each([
    ['no evaluations', {}],
    ['an empty list of evaluations', { evaluations: [] }],
  ])('%s: a single question', async (_, more) => {
    const answer = await decided('/access/v1/evaluations', { subject: alice, action: read, resource: one, ...more });
    expect(answer).toMatchObject({ decision: true });
    expect(answer).not.toHaveProperty('evaluations');
  });
});

describe('Search, of what grants know', () => {
  const results = async (what: string, body: object) =>
    ((await decided(`/access/v1/search/${what}`, body)) as { results: unknown[] }).results;

  test('subjects, whatever id is given', async () => {
    const who = await results('subject', { subject: { type: 'user' }, action: read, resource: one });
    expect(who).toEqual([alice, bob]);
    expect(await results('subject', { subject: bob, action: read, resource: one, page: { limit: 1 } })).toEqual(who);
    expect(await results('subject', { subject: { type: 'user' }, action: write, resource: archived })).toEqual([bob]);
  });

  test('actions', async () => {
    expect(await results('action', { subject: alice, resource: one })).toEqual(
      ['content.read', 'content.write', 'audit.view', 'read', 'write'].map((name) => ({ name })),
    );
    expect(await results('action', { subject: bob, resource: archived })).toContainEqual({ name: 'write' });
  });

  test('nothing for what is unknown, rather than an error', async () => {
    expect(await results('action', { subject: { type: 'user', id: 'nobody' }, resource: one })).toEqual([]);
    expect(await results('subject', { subject: { type: 'spaceship' }, action: read, resource: one })).toEqual([]);
    expect(await results('resource', { subject: alice, action: read, resource: { type: 'record' } })).toEqual([]);
  });

  test.each([
    ['subject', { subject: { type: 'user' }, resource: one }],
    ['subject', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['resource', { action: read, resource: { type: 'record' } }],
    ['resource', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['action', { subject: alice }],
    ['action', { subject: { type: 'user' }, resource: one }],
  ])('%s: a missing member is a 400', async (what, body) => {
    expect((await api.post(`/access/v1/search/${what}`, key, body)).status).toBe(400);
  });
});
