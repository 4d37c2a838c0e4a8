import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../sandbox/free-ports.ts';
import { apiOf } from '../../src/cli/api/client.ts';
import { NotDone } from '../../src/cli/exits.ts';
import { commandLine, STEERING } from './command-line.ts';

const { cli } = commandLine();
const KEY = 'k'.repeat(43);
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let answer: Answer;
let asked: {
  method: string | undefined;
  path: string | undefined;
  key: string | undefined;
  token: string | undefined;
}[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const key = headers['idempotency-key'];
    asked.push({ method, path, key: typeof key === 'string' ? key : undefined, token: headers.authorization });
    request.resume().once('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  asked = [];
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
  };
const api = (timeoutMs = 5_000) =>
  apiOf({ url, timeoutMs, bearer: async (refused) => (refused === null ? KEY : null) });
const failed = (work: Promise<unknown>): Promise<NotDone> =>
  work.then(
    () => Promise.reject(new Error('It went well.')),
    (error: unknown) => {
      if (error instanceof NotDone) return error;
      throw error;
    },
  );
const run = (words: string[], variables: Record<string, string> = {}) =>
  cli(words, { BREAKGLASS_URL: url, BREAKGLASS_KEY: KEY, ...variables });

describe('what the API says no with is its sentence, and a code', () => {
  test.each([
    { status: 400, code: 1 },
    { status: 403, code: 1 },
    { status: 404, code: 3 },
    { status: 409, code: 1 },
    { status: 413, code: 1 },
    { status: 422, code: 1 },
    { status: 500, code: 5 },
  ])('$status: $code', async ({ status, code }) => {
    answer = json(status, { title: 'No', status, detail: 'Nobody decides their own request.', refusal: 'own_request' });
    expect(await failed(api().call('GET', '/v1/me'))).toMatchObject({
      ...{ code, message: 'Nobody decides their own request.', document: { refusal: 'own_request' } },
    });
    expect(asked).toHaveLength(1);
  });

  test('401 says how to sign in, after one look for another token', async () => {
    answer = json(401, { detail: 'Expected a key.' });
    const { code, message } = await failed(api().call('GET', '/v1/me'));
    expect({ code, message }).toEqual({ code: 4, message: expect.stringMatching(/^Expected a key\. .*sign-in/) });
    expect(asked).toHaveLength(1);
  });

  test('429 says when to come back', async () => {
    answer = json(429, { detail: 'Too much.' }, { 'retry-after': '7' });
    expect(await failed(api().call('GET', '/v1/me'))).toMatchObject({
      code: 5,
      message: 'Too much. Try again in 7 seconds.',
    });
  });

  test('a fresh sign-in that an approval needs is asked for in words that can be typed', async () => {
    answer = json(403, { detail: 'This needs a sign-in of the last 300 seconds.', refusal: 'step_up_needed' });
    expect((await failed(api().call('POST', '/v1/grants/x/approve', {}))).message).toContain(
      'breakglass sign-in --acr',
    );
  });

  test.each([
    {
      what: 'a page of a proxy',
      type: 'text/html',
      body: '<html>Bad Gateway</html>',
      said: 'The API answered with status 500.',
    },
    { what: 'a plain text', type: 'text/plain', body: 'Too late.', said: 'Too late.' },
    { what: 'broken JSON', type: 'application/json', body: '{', said: '{' },
    { what: 'nothing', type: 'text/plain', body: '', said: 'The API answered with status 500.' },
  ])('$what is no trouble', async ({ type, body, said }) => {
    answer = (_, response) => void response.writeHead(500, { 'content-type': type }).end(body);
    expect(await failed(api().call('GET', '/v1/me'))).toMatchObject({ code: 5, message: said });
  });

  test('with --json the document is printed as it came, and the sentence beside it', async () => {
    const problem = { title: 'Conflict', status: 409, detail: 'The tenant is archived.', refusal: 'tenant_archived' };
    answer = json(409, problem);
    const { code, out, err } = await run(['tenants', 'show', 'acme', '--json']);
    expect({ code, problem: JSON.parse(out.join('\n')), err }).toEqual({ code: 1, problem, err: [problem.detail] });
  });
});

describe('what opens the door', () => {
  test('goes to nobody that the API points at', async () => {
    answer = (request, response) => {
      if (request.url === '/elsewhere') json(200, {})(request, response);
      else response.writeHead(307, { location: '/elsewhere' }).end();
    };
    const { code, message } = await failed(api().call('GET', '/v1/me'));
    expect({ code, paths: asked.map(({ path }) => path) }).toEqual({ code: 1, paths: ['/v1/me'] });
    expect(message).toContain('BREAKGLASS_URL');
  });

  test('is in no word of a failure', async () => {
    answer = (request) => void request.socket.destroy();
    const { message } = await failed(api().call('GET', '/v1/me'));
    expect(message).not.toContain(KEY);
  });
});

describe('no answer', () => {
  test('of an API that is down is said with where it was looked for', async () => {
    const [closed] = await freePorts(1);
    const { code, out, err } = await run(['whoami'], { BREAKGLASS_URL: `http://127.0.0.1:${closed}` });
    expect({ code, out, err }).toEqual({
      ...{ code: 5, out: [], err: [`The API at 127.0.0.1:${closed} does not answer: nobody listens there.`] },
    });
  });

  test('of a slow API is waited for as long as was said', async () => {
    answer = () => {};
    const { code, err } = await run(['whoami', '--timeout', '1']);
    expect({ code, err }).toEqual({ code: 5, err: [expect.stringContaining('nothing came within 1 seconds')] });
  });

  test('because somebody in between had nobody to ask is asked for again, with the same key', async () => {
    answer = (request, response) => json(asked.length < 3 ? 503 : 200, { state: 'active' })(request, response);
    expect(await api().call('POST', '/v1/grants/x/end')).toMatchObject({ document: { state: 'active' } });
    expect(asked).toHaveLength(3);
    expect(asked[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  });

  test('and another command is another key; who only looks has none', async () => {
    answer = json(200, {});
    await api().call('POST', '/v1/grants', {});
    await api().call('POST', '/v1/grants', {});
    await api().call('GET', '/v1/grants');
    const [first, second, look] = asked.map(({ key }) => key);
    expect(first).not.toBe(second);
    expect(look).toBeUndefined();
  });
});

describe('what others wrote steers no terminal', () => {
  const hostile = 'Acme\u001b[2J\u001b]0;owned\u0007\r\nroot: ok\u202egnp\u2028x\u009b31m\u00ad';
  const grant = {
    ...{ id: '11111111-2222-4333-8444-555555555555', tenant: { key: hostile, name: hostile }, kind: hostile },
    ...{ scope: hostile, circumstance: hostile, state: 'active', requester: hostile, reason: hostile, ticket: hostile },
    ...{ minutes_asked: 30, minutes_granted: 15, waived: true, requested_at: hostile, requested_via: hostile },
    ...{ lapses_at: hostile, activated_at: hostile, expires_at: '2026-01-05T09:30:00.000Z', closed: null },
    legs: [
      {
        role: hostile,
        decision: { verdict: hostile, by: hostile, at: hostile, via: 'api', minutes: 15, comment: hostile },
      },
      { role: 'ops', decision: null },
    ],
    ...{ uses: { allowed: 1, refused: hostile }, review: { state: hostile, due_at: hostile } },
  };
  const tenant = {
    key: hostile,
    name: hostile,
    channel: hostile,
    owners: [{ account: hostile, guest: true }],
    archive_reason: hostile,
  };
  const key = {
    name: hostile,
    role: hostile,
    state: hostile,
    tenants: [hostile],
    subjects: [hostile],
    expires_at: hostile,
  };
  const notice = { id: hostile, kind: hostile, destination: hostile, tenant: hostile, error: hostile };
  const schedule = { name: hostile, job: hostile, cron: hostile, timezone: hostile, channel: hostile };

  test.each([
    { words: ['whoami'], sent: { name: hostile, roles: [hostile], staff_roles: [hostile] } },
    { words: ['status'], sent: { data: [grant], next: hostile } },
    { words: ['status', grant.id], sent: grant },
    { words: ['end', grant.id], sent: grant },
    { words: ['tenants', 'list'], sent: { data: [tenant], next: hostile } },
    { words: ['tenants', 'show', 'acme'], sent: tenant },
    { words: ['keys', 'list'], sent: { data: [key] } },
    { words: ['keys', 'create', 'a', '--role', 'admin', '--tenants', 'all'], sent: { name: hostile, key: hostile } },
    { words: ['schedules', 'list'], sent: { data: [schedule] } },
    { words: ['schedules', 'show', 'a'], sent: schedule },
    { words: ['jobs', 'dead'], sent: { data: [notice], next: hostile } },
    { words: ['jobs', 'requeue', '--all'], sent: { ids: [hostile] } },
    {
      words: ['config', 'show'],
      sent: { epoch: hostile, hash: hostile, adopted_at: hostile, text: `a: 1\n${hostile}` },
    },
    {
      words: ['check', '--subject', 'a', '--action', 'b', '--tenant', 'c'],
      sent: { decision: false, context: { reason: hostile } },
    },
  ])('$words', async ({ words, sent }) => {
    answer = json(200, sent);
    const { out, err } = await run(words);
    const lines = [...out, ...err];
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => STEERING.test(line))).toEqual([]);
  });

  test.each([200, 409])('with --json neither (%s), and it is the same document', async (status) => {
    const sent = { detail: hostile, data: [hostile], name: hostile };
    answer = json(status, sent);
    const { out, err } = await run(['whoami', '--json']);
    expect([...out, ...err].filter((line) => STEERING.test(line))).toEqual([]);
    expect(JSON.parse(out.join('\n'))).toEqual(sent);
  });

  test.each(['null', '[]', '"text"', '{"data":{"a":1}}', '{"data":[null,7]}'])(
    'and an answer of another shape (%s) is no defect',
    async (body) => {
      answer = (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      const { code, err } = await run(['status']);
      expect({ code, err }).toEqual({ code: 0, err: [] });
    },
  );
});

describe('an id may be typed in short', () => {
  const ids = [
    'aaaa1111-2222-4333-8444-555555555555',
    'aaaa2222-2222-4333-8444-555555555555',
    'bbbb1111-2222-4333-8444-555555555555',
  ];
  const listing: Answer = (request, response) => {
    const { pathname } = new URL(request.url ?? '', url);
    json(
      200,
      pathname === '/v1/grants' ? { data: ids.map((id) => ({ id })), next: null } : { id: 'x', state: 'ended' },
    )(request, response);
  };
  test('where it is one’s alone, and the whole one is said', async () => {
    answer = listing;
    const { code, err } = await run(['end', 'BBBB']);
    expect({ code, err }).toEqual({ code: 0, err: [`bbbb: ${ids[2]}`] });
    expect(asked.at(-1)?.path).toBe(`/v1/grants/${ids[2]}/end`);
  });
  test.each([
    { typed: 'aaaa', code: 2, why: `ID: 2 begin with aaaa: ${ids[0]}, ${ids[1]}.` },
    { typed: 'cccc', code: 3, why: 'There is no request or access cccc...' },
    { typed: 'bbb', code: 2, why: 'ID: expected an id, or its first 4 characters or more.' },
    { typed: '../keys', code: 2, why: 'ID: expected an id, or its first 4 characters or more.' },
  ])('$typed is not, and nothing is done', async ({ typed, code, why }) => {
    answer = listing;
    const ended = await run(['end', typed]);
    expect({ code: ended.code, why: ended.err[0] }).toEqual({ code, why });
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

test('who can’t be asked has to say that it is meant: an approval is no accident of a script', async () => {
  answer = json(200, { id: 'x', state: 'requested' });
  const { code, err } = await run(['approve', '11111111-2222-4333-8444-555555555555', '--leg', 'ops']);
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.arrayContaining(['Nobody can be asked here. Say --yes where it is meant without asking.']),
  });
  expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
});

test.each([
  { state: 'ended', code: 0 },
  { state: 'expired', code: 0 },
  { state: 'denied', code: 10 },
  { state: 'withdrawn', code: 11 },
  { state: 'lapsed', code: 12 },
  { state: 'revoked', code: 13 },
])('watch ends with $code where it was $state', async ({ state, code }) => {
  const id = '11111111-2222-4333-8444-555555555555';
  answer = (request, response) =>
    json(200, { id, state: asked.length < 2 ? 'requested' : state, legs: [] })(request, response);
  const ended = await run(['watch', id]);
  expect(ended.code).toBe(code);
  expect(ended.out.map((line) => line.split(' ').at(-1))).toEqual(['requested', state]);
});
