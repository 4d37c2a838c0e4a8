import { createHmac } from 'node:crypto';
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channels, workspace } from '../../sandbox/cast.ts';
import { encoded } from '../../sandbox/slack/deliver.ts';
import { commandBody, messageActionBody, submissionBody } from '../../sandbox/slack/payloads.ts';
import { as, ask, cardIn, entriesFor, openForm, quiet } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const FORM = 'application/x-www-form-urlencoded';
const TOO_LONG = 'x'.repeat(1024 * 1024);
const zeros = '0'.repeat(64);
const seconds = () => Math.floor(Date.now() / 1000);

interface Signing {
  secret?: string;
  version?: string;
  /** Seconds from now. */
  skew?: number;
  /** The moment as it is written, instead of a number of seconds. */
  at?: string;
}

/** Slack's recipe, written down once more on purpose: HMAC-SHA256 over version, moment and body. */
function signed(body: string, { secret = workspace.signingSecret, version = 'v0', skew = 0, at }: Signing = {}) {
  const moment = at ?? String(seconds() + skew);
  const hash = createHmac('sha256', secret).update(`${version}:${moment}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': moment, 'x-slack-signature': `${version}=${hash}` };
}

/** How somebody sends what Slack would have sent; whatever a row does not name is as it should be. */
interface Sending {
  sign?: Signing | null;
  /** What is signed, where that is not what is sent. */
  signs?: (body: string) => string;
  headers?: (right: ReturnType<typeof signed>) => OutgoingHttpHeaders;
  wire?: (body: string) => string;
  method?: string;
  path?: string;
}
const type = (contentType: string | undefined) => ({ headers: () => ({ 'content-type': contentType }) });
const moment = (at: string | string[] | undefined) => ({ headers: () => ({ 'x-slack-request-timestamp': at }) });
const hash = (change: (right: string) => string | undefined) => ({
  headers: (right: ReturnType<typeof signed>) => ({ 'x-slack-signature': change(right['x-slack-signature']) }),
});

const refused: { how: string; status: number; sending: Sending }[] = [
  { how: 'unsigned', status: 401, sending: { sign: null } },
  { how: 'signed with another secret', status: 401, sending: { sign: { secret: 'another-secret' } } },
  { how: 'signed with no secret at all', status: 401, sending: { sign: { secret: '' } } },
  { how: 'signed more than five minutes ago', status: 401, sending: { sign: { skew: -310 } } },
  { how: 'signed more than a minute ahead', status: 401, sending: { sign: { skew: 70 } } },
  { how: 'signed a year ahead', status: 401, sending: { sign: { skew: 365 * 86_400 } } },
  { how: 'signed for the end of time', status: 401, sending: { sign: { at: 'Infinity' } } },
  { how: 'signed for no number', status: 401, sending: { sign: { at: 'NaN' } } },
  { how: 'without a moment', status: 401, sending: moment(undefined) },
  { how: 'with an empty moment', status: 401, sending: moment('') },
  { how: 'with a moment that is no number', status: 401, sending: moment('soon') },
  { how: 'with two moments', status: 401, sending: moment([String(seconds()), String(seconds())]) },
  { how: 'with another moment than signed', status: 401, sending: moment(String(seconds() - 30)) },
  { how: 'with the signature of another body', status: 401, sending: { signs: (body) => `${body}&more=1` } },
  { how: 'without a signature', status: 401, sending: hash(() => undefined) },
  { how: 'with an empty signature', status: 401, sending: hash(() => '') },
  { how: 'with a version and no signature', status: 401, sending: hash(() => 'v0=') },
  { how: 'with a signature of zeros', status: 401, sending: hash(() => `v0=${zeros}`) },
  { how: 'with half a signature', status: 401, sending: hash((right) => right.slice(0, 35)) },
  { how: 'with a signature and no version', status: 401, sending: hash((right) => right.replace('v0=', '')) },
  { how: 'with its signature called v1', status: 401, sending: hash((right) => right.replace('v0', 'v1')) },
  { how: 'signed as version v1', status: 401, sending: { sign: { version: 'v1' } } },
  { how: 'as a check twice over', status: 401, sending: { sign: null, wire: (b) => `ssl_check=1&ssl_check=1&${b}` } },
  { how: 'as no check', status: 401, sending: { sign: null, wire: (body) => `ssl_check=0&${body}` } },
  {
    how: 'as a check in JSON',
    status: 401,
    sending: { sign: null, wire: () => '{"ssl_check":"1"}', ...type('application/json') },
  },
  { how: 'as plain text', status: 400, sending: type('text/plain') },
  { how: 'as JSON that it is not', status: 400, sending: type('application/json') },
  { how: 'as a form in parts', status: 400, sending: type('multipart/form-data; boundary=x') },
  { how: 'with a charset beside its type', status: 400, sending: type(`${FORM}; charset=utf-8`) },
  { how: 'without a type', status: 400, sending: type(undefined) },
  ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ how: `by ${method}`, status: 404, sending: { method } })),
  ...['/', '//', '/slack', '/slack/events/', '/slack/install', '/readyz'].map((path) => ({
    how: `to ${path}`,
    status: 404,
    sending: { path },
  })),
  { how: 'beyond a megabyte', status: 413, sending: { wire: (body) => `${body}&filler=${TOO_LONG}` } },
  {
    how: 'beyond a megabyte, which it does not say before',
    status: 413,
    sending: { wire: (body) => `${body}&filler=${TOO_LONG}`, headers: () => ({ 'transfer-encoding': 'chunked' }) },
  },
  {
    how: 'beyond a megabyte and unsigned',
    status: 413,
    sending: { sign: null, wire: (body) => `${body}&filler=${TOO_LONG}` },
  },
  // Slack's certificate check asks for a 200 and nothing else, without a signature (docs.slack.dev, slash commands).
  { how: 'as a certificate check alone', status: 200, sending: { sign: null, wire: () => 'ssl_check=1' } },
  { how: 'behind a certificate check', status: 200, sending: { sign: null, wire: (body) => `ssl_check=1&${body}` } },
  { how: 'before a certificate check', status: 200, sending: { sign: null, wire: (body) => `${body}&ssl_check=1` } },
  { how: 'in a signed certificate check', status: 200, sending: { wire: (body) => `ssl_check=1&${body}` } },
];

let stack: TestStack;
let waiting: string;
beforeAll(async () => {
  stack = await startTestStack();
  waiting = await ask(stack, { by: 'omar' });
  (await openForm(stack, 'olivia')).fill(entriesFor());
  await quiet(stack);
  // What the bot does by itself would be mistaken for what it was made to do.
  await stack.bot.clock.stop();
});
afterAll(() => stack.stop());

const dm = () => stack.slack.world.directory.dmWith(as(stack, 'omar').id);
const payloads = {
  'a slash command': async () =>
    encoded('command', commandBody(stack.slack.world, as(stack, 'omar').user, dm(), '/breakglass', '')),
  'a submitted form': async () => {
    const { view, user } = as(stack, 'olivia');
    if (!view) throw new Error('Olivia has no form open.');
    return encoded('interactive', submissionBody(stack.slack.world, user, view));
  },
  'a pressed button': async () => {
    const card = await cardIn(stack, channels.acme.id, waiting);
    const anna = as(stack, 'anna');
    return encoded('interactive', messageActionBody(stack.slack.world, anna.user, card, anna.button(card, 'approve')));
  },
} as const;
const names = Object.keys(payloads) as (keyof typeof payloads)[];
const bodyOf = async (name: keyof typeof payloads) => (await payloads[name]()).text;

interface Wire {
  method: string;
  path: string;
  text: string;
  headers: OutgoingHttpHeaders;
}

function wireOf(body: string, { sign, signs, headers, wire, method = 'POST', path = '/slack/events' }: Sending): Wire {
  const text = wire ? wire(body) : body;
  const right = signed(signs ? signs(text) : text, sign ?? {});
  const all = { 'content-type': FORM, ...(sign === null ? {} : right), ...headers?.(right) };
  return {
    method,
    path,
    text,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  };
}

/** @returns the status that the bot answers with */
const send = ({ text, ...rest }: Wire): Promise<number> =>
  new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: stack.bot.slackPort, agent: false, ...rest };
    const request = httpRequest(to, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(text);
  });

const tables = ['grants', 'legs', 'audit_events', 'handled_requests', 'outbox', 'posted_messages', 'reviews', 'people'];
const rows = () =>
  stack.db.query(
    'superuser',
    `select ${tables.map((name) => `(select jsonb_agg(to_jsonb(t) order by to_jsonb(t)::text) from ${name} t) as ${name}`)}`,
  );
const calls = () => stack.slack.calls().map(({ method }) => method);
const formsOpened = () =>
  stack.slack.calls('views.open').filter(({ answer }) => JSON.stringify(answer?.body ?? '').startsWith('{"ok":true'))
    .length;

describe.each(names)('%s', (name) => {
  test.each(refused)('$how is answered with $status, and nothing is done', async ({ status, sending }) => {
    const before = { rows: await rows(), calls: calls() };
    expect(await send(wireOf(await bodyOf(name), sending))).toBe(status);
    expect({ rows: await rows(), calls: calls() }).toEqual(before);
  });
});

/** Lets the bot finish whatever it has taken on. */
async function rest(): Promise<void> {
  await stack.restart();
  await quiet(stack);
}
const traces = async () => ({
  rows: await rows(),
  forms: formsOpened(),
  answers: calls().filter((call) => call === 'response_url').length,
});

test('none of all that was only late: when the bot has come to rest, everything is as it was', async () => {
  const before = await traces();
  await rest();
  expect(await traces()).toEqual(before);
});

const effects: Record<keyof typeof payloads, () => Promise<unknown>> = {
  'a slash command': () => as(stack, 'omar').modal('break_glass_request'),
  'a submitted form': async () => expect(await stack.db.query('superuser', 'select from grants')).toHaveLength(2),
  'a pressed button': () => cardIn(stack, channels.acme.id, waiting, 'approved by @Anna'),
};

describe.each(names)('%s, rightly signed', (name) => {
  test('is taken, minutes late too, and once however often it is sent again', async () => {
    const wire = wireOf(await bodyOf(name), { sign: { skew: -240 } });
    expect(await send(wire)).toBe(200);
    await effects[name]();
    await rest();
    const { rows: before, forms } = await traces();
    for (const answer of [send(wire), send(wire)]) expect(await answer).toBe(200);
    expect(await send(wire)).toBe(200);
    await rest();
    expect(await traces()).toMatchObject({ rows: before, forms });
  });
});

test('what differs by less than a minute is two clocks, not a forger', async () => {
  const before = formsOpened();
  expect(await send(wireOf(await bodyOf('a slash command'), { sign: { skew: 50 } }))).toBe(200);
  await stack.slack.until(() => formsOpened() > before, 'the form');
});
