import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGuard, type Guard, type Question } from '../../src/client/index.ts';
import { type Answering, allowing, granted, json, raw, type StubServer, stubServer } from './stub-server.ts';

const key = 'bg_secret';
const question: Question = { subject: 'slack:T0HOME:U0OLIVIA', action: 'content.read', tenant: 'acme' };

let server: StubServer;
let guard: Guard;

beforeAll(async () => {
  server = await stubServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.answer(allowing);
  guard = createGuard({ url: server.url, key });
});
afterEach(() => server.received.splice(0));

describe('a question', () => {
  test('is an AuthZEN evaluation, with the key, the tenant and the request id', async () => {
    const resource = { type: 'document', id: '42', properties: { kind: 'note', tenant: 'another' } };
    await guard.check({ ...question, resource, requestId: 'r-1' });
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/access/v1/evaluation',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': 'r-1' },
      },
    ]);
    expect(server.received[0]?.body).toEqual({
      subject: { type: 'user', id: 'slack:T0HOME:U0OLIVIA' },
      action: { name: 'content.read' },
      resource: { type: 'document', id: '42', properties: { kind: 'note', tenant: 'acme' } },
      context: { request_id: 'r-1' },
    });
  });

  test('is about the tenant itself where no resource is named', async () => {
    await guard.check(question);
    const resource = { type: 'tenant', id: 'acme', properties: { tenant: 'acme' } };
    expect(server.received[0]?.body).toMatchObject({ resource });
    expect(server.received[0]?.body).not.toHaveProperty('context');
  });

  test('keeps a request id that no header can carry in its body', async () => {
    await guard.check({ ...question, requestId: 'line\r\nbreak' });
    expect(server.received[0]?.headers).not.toHaveProperty('x-request-id');
    expect(server.received[0]?.body).toMatchObject({ context: { request_id: 'line\r\nbreak' } });
  });

  test.each([
    ['no_subject', { subject: '' }],
    ['no_subject', { subject: null }],
    ['no_subject', { subject: undefined }],
    ['no_tenant', { tenant: '' }],
    ['no_tenant', { tenant: null }],
    ['no_tenant', { tenant: undefined }],
    ['no_action', { action: '' }],
  ])('with %s is denied and never asked: %j', async (reason, lacking) => {
    const answer = await guard.check({ ...question, ...lacking });
    expect(answer).toEqual({ kind: 'denied', reason, evaluationId: null, missingScopes: [] });
    expect(server.received).toEqual([]);
  });
});

describe('an answer', () => {
  test('of true is allowed, with what it rests on', async () => {
    expect(await guard.check(question)).toEqual({
      kind: 'allowed',
      evaluationId: granted.evaluation_id,
      grants: granted.grants,
      expiresAt: granted.expires_at,
    });
  });

  test('of true is the server’s word, though by our own clock the grant is long over', async () => {
    expect(Date.parse(granted.expires_at)).toBeLessThan(Date.now());
    expect((await guard.check(question)).kind).toBe('allowed');
  });

  test.each([
    ['no context', { decision: true }],
    ['a context that is none', { decision: true, context: 'granted' }],
    ['members of other types', { decision: true, context: { grants: 1, evaluation_id: 2, expires_at: {} } }],
  ])('of true with %s is allowed; nothing is made up', async (_, body) => {
    server.answer(json(body));
    expect(await guard.check(question)).toEqual({ kind: 'allowed', evaluationId: null, grants: [], expiresAt: null });
  });

  test('of false is denied, with the server’s reason and the scopes that are missing', async () => {
    const context = { reason: 'missing_scopes', missing_scopes: ['workspace_recovery'], evaluation_id: 'e-9' };
    server.answer(json({ decision: false, context }));
    const missingScopes = ['workspace_recovery'];
    expect(await guard.check(question)).toEqual({
      kind: 'denied',
      reason: 'missing_scopes',
      evaluationId: 'e-9',
      missingScopes,
    });
  });

  test('of false without a reason is denied all the same', async () => {
    server.answer(json({ decision: false }));
    expect(await guard.check(question)).toMatchObject({ kind: 'denied', reason: 'denied', evaluationId: null });
  });
});

describe('an answer that is not exactly true lets nobody in', () => {
  test.each<[string, Answering]>([
    ['"true"', json({ decision: 'true' })],
    ['1', json({ decision: 1 })],
    ['null', json({ decision: null })],
    ['no decision', json({ context: granted })],
    ['true in a list', json([{ decision: true }])],
    ['a bare true', json(true)],
    ['null as a whole', json(null)],
    ['nothing', raw('')],
    ['broken JSON', raw('{"decision": true')],
    ['JSON and more', raw('{"decision": true} {}')],
    ['JSON called text', raw('{"decision": true}', 200, 'text/plain')],
    ['JSON called something like it', raw('{"decision": true}', 200, 'application/jsonlines')],
    ['no content type', (response) => response.writeHead(200).end('{"decision": true}')],
    ['a page', raw('<html>sign in</html>', 200, 'text/html')],
    ['more than 64 kB', json({ decision: true, padding: 'x'.repeat(65_536) })],
  ])('%s', async (_, answering) => {
    server.answer(answering);
    expect(await guard.check(question)).toEqual({
      kind: 'unavailable',
      why: 'unreadable',
      status: 200,
      retryAfterSeconds: null,
    });
  });

  test.each([201, 202, 203, 400, 401, 403, 404, 413, 429, 500, 502, 503])('a status of %i', async (status) => {
    server.answer(json({ decision: true, context: granted }, status));
    expect(await guard.check(question)).toMatchObject({ kind: 'unavailable', why: 'status', status });
  });

  test('a status of 204', async () => {
    server.answer((response) => response.writeHead(204).end());
    expect(await guard.check(question)).toMatchObject({ kind: 'unavailable', why: 'status', status: 204 });
  });
});

test('a guard shows nobody its key', async () => {
  const shown = inspect(guard, { depth: 9, showHidden: true }) + JSON.stringify(guard);
  server.answer(json('who are you', 401));
  expect(`${shown}${JSON.stringify(await guard.check(question))}`).not.toContain(key);
});
