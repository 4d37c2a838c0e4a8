import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGuard, type Guard, type Question, type Unavailable } from '../../src/client/index.ts';
import { type Answering, allowing, denying, json, raw, type StubServer, stubServer } from './stub-server.ts';

const key = 'bg_secret';
const question: Question = { subject: 'slack:T0HOME:U0OLIVIA', action: 'content.read', tenant: 'acme' };

let server: StubServer;
let guard: Guard;
let heard: Unavailable[];

beforeAll(async () => {
  server = await stubServer();
});
afterAll(() => server.close());
beforeEach(() => {
  heard = [];
  server.answer(allowing);
  guard = createGuard({ url: server.url, key, onUnavailable: (answer) => heard.push(answer) });
});
afterEach(() => server.received.splice(0));

/** A guard that gives up soon, so that the tests need not wait. */
const impatient = () => createGuard({ url: server.url, key, timeoutMs: 80 });

describe('an outage', () => {
  test.each(['429', '503'])('says when to ask again: %s', async (status) => {
    server.answer(json('busy', Number(status), { 'retry-after': '7' }));
    expect(await guard.check(question)).toEqual({
      kind: 'unavailable',
      why: 'status',
      status: Number(status),
      retryAfterSeconds: 7,
    });
  });

  test.each(['soon', '-1', '1.5', 'Wed, 21 Oct 2015 07:28:00 GMT', '99999999999'])(
    'that says %j says nothing of when to ask again',
    async (header) => {
      server.answer(json('busy', 503, { 'retry-after': header }));
      expect(await guard.check(question)).toMatchObject({ retryAfterSeconds: null });
    },
  );

  test('of a server that says nothing is over in time', async () => {
    server.answer(() => {});
    expect(await impatient().check(question)).toMatchObject({ kind: 'unavailable', why: 'timeout', status: null });
  });

  test('of a server that never ends its answer is over in the same time', async () => {
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"decision": true, ');
    });
    expect(await impatient().check(question)).toMatchObject({ kind: 'unavailable', why: 'timeout' });
  });

  test('of an answer without end is over at 64 kB, long before its time', async () => {
    const patient = createGuard({ url: server.url, key, timeoutMs: 60_000 });
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const flood = () => {
        while (!response.destroyed && response.write(' '.repeat(16_384)));
      };
      response.on('drain', flood);
      flood();
    });
    expect(await patient.check(question)).toMatchObject({ kind: 'unavailable', why: 'unreadable' });
  });

  test.each<[string, Answering]>([
    ['before an answer', (response) => response.destroy()],
    [
      'within an answer',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' });
        response.write('{"decision": true}', () => response.destroy());
      },
    ],
    ['in words that are no HTTP', (response) => response.socket?.end('SMTP ready\r\n\r\n')],
  ])('of a connection that breaks %s', async (_, answering) => {
    server.answer(answering);
    expect(await guard.check(question)).toMatchObject({ kind: 'unavailable', why: 'unreachable', status: null });
  });

  test('of a server that is not there', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    closed.close();
    await once(closed, 'close');
    const port = typeof address === 'object' ? address?.port : 0;
    const answer = await createGuard({ url: `http://127.0.0.1:${port}`, key }).check(question);
    expect(answer).toMatchObject({ kind: 'unavailable', why: 'unreachable', status: null });
  });

  test.each([301, 302, 303, 307, 308])('is a redirect (%i): the key is not carried on', async (status) => {
    const elsewhere = await stubServer();
    server.answer((response) =>
      response.writeHead(status, { location: `${elsewhere.url}/access/v1/evaluation` }).end(),
    );
    expect(await guard.check(question)).toMatchObject({ kind: 'unavailable', why: 'unreachable' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  test.each<[string, Answering]>([
    ['a broken connection', (response) => response.destroy()],
    ['a 503', json('busy', 503, { 'retry-after': '0' })],
    ['a 429', json('busy', 429, { 'retry-after': '0' })],
    ['an answer nobody can read', raw('{')],
  ])('is asked about once: %s', async (_, answering) => {
    server.answer(answering);
    await guard.check(question);
    // A second question on the same connection could only arrive before this one.
    server.answer(allowing);
    await guard.check({ ...question, action: 'last' });
    expect(server.received.map(({ body }) => body.action.name)).toEqual(['content.read', 'last']);
  });

  test('is told to the service, and only an outage is', async () => {
    await guard.check(question);
    server.answer(denying('no_grant'));
    await guard.check(question);
    server.answer(json('who are you', 401));
    await guard.check(question);
    expect(heard).toEqual([{ kind: 'unavailable', why: 'status', status: 401, retryAfterSeconds: null }]);
  });
});

test('connections are used again, refusals and errors included', async () => {
  const own = await stubServer();
  const asking = createGuard({ url: own.url, key });
  const page = raw('x'.repeat(60_000), 502, 'text/html');
  const answers = [allowing, denying('expired'), json('busy', 503), page, raw('{')];
  for (const answering of [...answers, ...answers, ...answers, ...answers]) {
    own.answer(answering);
    await asking.check(question);
  }
  expect(own.received.length).toBe(20);
  // An answer may be read a moment before its connection is free again: two then take turns.
  expect(own.connections()).toBeLessThanOrEqual(2);
  await own.close();
});
