import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { JsonObject, PostOptions } from '../../sandbox/slack/index.ts';
import { approve, ask, command, commandFor, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let grant: string;
/** What Slack sent before, each of a kind that changes something when it is taken. */
let payloads: Record<Kind, JsonObject>;

const kinds = ['command', 'submission', 'press'] as const;
type Kind = (typeof kinds)[number];

beforeAll(async () => {
  stack = await startTestStack();
  grant = await ask(stack);
  const { slack } = stack;
  const submission = slack.deliveries.findLast(({ body }) => body.type === 'view_submission')?.body ?? {};
  const form = slack.deliveries.find(({ body }) => body.command === commandFor('content_access'))?.body ?? {};
  const press: JsonObject = {
    type: 'block_actions',
    team: { id: 'T0HOME', domain: 'home' },
    user: { id: cast.anna.id, team_id: 'T0HOME' },
    trigger_id: 'forged',
    container: { type: 'message' },
    channel: { id: channels.acme.id, name: 'acme-owners' },
    response_url: String(form.response_url),
    actions: [{ type: 'button', action_id: 'approve', block_id: 'x', value: `${grant}:owner`, action_ts: '1.0' }],
  };
  const view = { ...(submission.view as JsonObject), id: 'V0FORGED' };
  const user = { id: cast.omar.id, team_id: 'T0HOME' };
  payloads = { command: form, submission: { ...submission, view, user }, press };
});
afterAll(() => stack.stop());

/** The body as it goes over the wire. */
function wire(kind: Kind): string {
  const body = payloads[kind];
  const fields = kind === 'command' ? body : { payload: JSON.stringify(body) };
  return new URLSearchParams(
    Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
}

/** Everything that would be different had the bot taken it for Slack's word. */
const rows = () =>
  stack.db.query(
    'superuser',
    `select (select json_agg(g order by id) from grants g) as grants, (select json_agg(l order by grant_id, role) from legs l) as legs,
            (select count(*)::int from audit_events) as audit, (select count(*)::int from outbox) as notices,
            (select count(*)::int from handled_requests) as handled, (select count(*)::int from people) as people`,
  );

/** Does something of its own from end to end, so that whatever was let in before had its time. */
const aWhile = () => command(stack, 'ada', '/breakglass status');
/** Calls about anybody but Ada. */
const calls = () =>
  stack.slack
    .calls()
    .filter(
      ({ method, args }) => args.user !== cast.ada.id && method !== 'response_url' && method !== 'usergroups.list',
    );

async function nothingComesOf(post: () => Promise<number>, status: number): Promise<void> {
  await aWhile();
  const before = { rows: await rows(), calls: calls().length };
  expect(await post()).toBe(status);
  await aWhile();
  expect({ rows: await rows(), calls: calls().length }).toEqual(before);
}

const forgeries: { what: string; options: PostOptions; status: number }[] = [
  { what: 'no signature', options: { sign: false }, status: 401 },
  { what: 'another secret’s signature', options: { sign: 'wrong' }, status: 401 },
  { what: 'a signature more than five minutes old', options: { timestampSkewSeconds: -302 }, status: 401 },
  { what: 'a signature from more than a minute ahead', options: { timestampSkewSeconds: 62 }, status: 401 },
  { what: 'a signature from a year ahead', options: { timestampSkewSeconds: 365 * 86_400 }, status: 401 },
  { what: 'an empty signature', options: { headers: { 'x-slack-signature': '' } }, status: 401 },
  { what: 'a signature of another version', options: { headers: { 'x-slack-signature': 'v1=00' } }, status: 401 },
  { what: 'no moment', options: { headers: { 'x-slack-request-timestamp': '' } }, status: 401 },
  { what: 'a moment that is no number', options: { headers: { 'x-slack-request-timestamp': 'now' } }, status: 401 },
  { what: 'another moment than signed', options: { headers: { 'x-slack-request-timestamp': '1' } }, status: 401 },
  { what: 'text for a content type', options: { contentType: 'text/plain' }, status: 400 },
  { what: 'JSON for a content type', options: { contentType: 'application/json' }, status: 400 },
];

describe.each(kinds)('a %s is not taken for Slack’s word', (kind) => {
  test.each(forgeries)('with $what', ({ options, status }) =>
    nothingComesOf(async () => (await stack.slack.post(wire(kind), options)).status, status),
  );

  test.each([
    { signed: 'unsigned', sign: false },
    { signed: 'signed', sign: true },
  ])('smuggled along with a certificate check, $signed', ({ sign }) =>
    nothingComesOf(async () => (await stack.slack.post(`ssl_check=1&${wire(kind)}`, { sign })).status, 200),
  );
});

test.each(['GET', 'PUT', 'DELETE', 'HEAD'])('%s is not answered', (method) =>
  nothingComesOf(() => plainRequest(method, '/slack/events'), 404),
);

test.each(['/', '/slack', '/slack/events/x', '/slack/install', '/slack/oauth_redirect', '//'])(
  'nothing is at %s',
  (path) => nothingComesOf(() => plainRequest('POST', path), 404),
);

function plainRequest(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: stack.bot.slackPort, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a body beyond a megabyte is refused before anything is made of it', () =>
  nothingComesOf(async () => {
    const body = `${wire('press')}&filler=${'x'.repeat(1024 * 1024)}`;
    return (await stack.slack.post(body)).status;
  }, 413));

test('the very same payloads are taken when they are Slack’s, a little late or a little early', async () => {
  for (const timestampSkewSeconds of [-290, 30]) {
    expect((await stack.slack.post(wire('command'), { timestampSkewSeconds })).status).toBe(200);
  }
  expect((await stack.slack.post(wire('submission'))).status).toBe(200);
  expect(await stack.db.query('superuser', 'select 1 from grants')).toHaveLength(2);
  expect((await stack.slack.post(wire('press'))).status).toBe(200);
  await approve(stack, 'sam', channels.security.id, grant);
  await untilState(stack, grant, 'active');
});
