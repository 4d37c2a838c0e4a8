import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sessionsWith } from '../../examples/content-service/session.ts';
import { allowing, denying, stubServer } from '../client/stub-server.ts';
import { type Example, startExample } from './example.ts';

/** The Breakglass server that the example asks, and what the operator may do there to the tenant `acme` at the moment. */
interface Breakglass {
  url: string;
  key: string;
  /** Grants that allow these actions and no others. */
  grant(...actions: string[]): Promise<void>;
  stop(): Promise<void>;
}

async function stubBreakglass(): Promise<Breakglass> {
  const server = await stubServer();
  const isAsked = ({ body }: (typeof server.received)[number]) =>
    JSON.stringify([body.subject, body.resource]) ===
    JSON.stringify([
      { type: 'user', id: 'slack:T0HOME:U0OLIVIA' },
      { type: 'tenant', id: 'acme', properties: { tenant: 'acme' } },
    ]);
  return {
    url: server.url,
    key: 'bg_secret',
    grant: async (...actions) =>
      server.answer((response, received) => {
        const allowed = isAsked(received) && actions.includes(received.body.action.name);
        (allowed ? allowing : denying('no_grant'))(response, received);
      }),
    stop: server.close,
  };
}

let breakglass: Breakglass;
let example: Example;
beforeAll(async () => {
  breakglass = await stubBreakglass();
  example = await startExample(breakglass);
});
afterAll(async () => {
  await example?.stop();
  await breakglass?.stop();
});
beforeEach(() => breakglass.grant());

const routes: [string, string, string, object | undefined, number, object][] = [
  ['content.read', 'GET', '/documents/42', undefined, 200, { text: 'The plans of Acme' }],
  ['content.write', 'PUT', '/documents/42', { text: 'Repaired' }, 200, { text: 'Repaired' }],
  [
    'workspace.create_owner',
    'POST',
    '/workspaces/acme/owner',
    { owner: 'anna@acme.example' },
    201,
    { owner: 'anna@acme.example' },
  ],
];

test.each(routes)(
  '%s: %s %s is for whoever holds a grant for it',
  async (action, method, path, body, status, answer) => {
    await breakglass.grant(action);
    const response = await example.request(method, path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(answer);
  },
);

test.each(routes)('%s: %s %s is closed without one, whatever else is granted', async (action, method, path, body) => {
  await breakglass.grant(...routes.map(([other]) => other).filter((other) => other !== action));
  const response = await example.request(method, path, body);
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({
    reason: expect.stringMatching(/./),
    evaluation_id: expect.any(String),
  });
});

test.each(routes)('%s: %s %s is closed to whoever is not signed in', async (action, method, path, body) => {
  await breakglass.grant(action);
  const forged = sessionsWith('another secret').open('slack:T0HOME:U0OLIVIA', 60);
  for (const session of ['', 'slack:T0HOME:U0OLIVIA', forged]) {
    const response = await example.request(method, path, body, session);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ reason: 'no_subject' });
  }
});

test('a document that is not there is nobody’s, and closed', async () => {
  await breakglass.grant('content.read');
  expect((await example.request('GET', '/documents/43')).status).toBe(403);
});

test('a refused change changes nothing', async () => {
  await breakglass.grant('content.write');
  await example.request('PUT', '/documents/42', { text: 'Before' });
  await breakglass.grant();
  await example.request('PUT', '/documents/42', { text: 'After' });
  await breakglass.grant('content.read');
  expect(await (await example.request('GET', '/documents/42')).json()).toMatchObject({ text: 'Before' });
});

test('a session that is over is nobody’s', () => {
  const sessions = sessionsWith('a secret');
  expect(sessions.operatorOf(sessions.open('slack:T:U', 1))).toBe('slack:T:U');
  expect(sessions.operatorOf(sessions.open('slack:T:U', -1))).toBeNull();
});

test('without a Breakglass server everything is closed: 503', async () => {
  const gone = await stubBreakglass();
  await gone.stop();
  const alone = await startExample(gone);
  const statuses = await Promise.all(routes.map(([, method, path, body]) => alone.request(method, path, body)));
  expect(statuses.map(({ status }) => status)).toEqual([503, 503, 503]);
  await alone.stop();
  expect(alone.log()).toContain("Breakglass can't be asked: unreachable");
});
