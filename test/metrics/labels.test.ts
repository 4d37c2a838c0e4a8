import { WebAPIPlatformError } from '@slack/web-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kindOf, scopes } from '../../src/domain/words.ts';
import { type Asked, type Metrics, newMetrics } from '../../src/metrics/metrics.ts';
import { slackMethods } from '../../src/metrics/slack.ts';
import { slackClients } from '../../src/slack/clients.ts';
import type { Checks } from '../../src/store/checks/open.ts';
import type { Outcome } from '../../src/store/checks/outcomes.ts';
import { filesUnder, read, withoutComments } from '../docs/reading.ts';
import { aGrant, decided } from '../domain/builders.ts';
import { localSlack } from '../sandbox/cast.ts';
import { type Series, seriesIn, sumOf } from './scraping.ts';

const nothing: Asked = {
  present: async () => null,
  notReady: async () => [],
  epoch: () => 1,
  sealing: false,
  pools: { work: () => idle, checks: () => idle },
};
const idle = { total: 2, idle: 2, waiting: 0, max: 10 };

async function seriesOf(metrics: Metrics, asked: Partial<Asked> = {}): Promise<Series[]> {
  const { text } = await metrics.scraping({ ...nothing, ...asked })('prometheus');
  return seriesIn(text).filter(({ name }) => name.startsWith('breakglass_'));
}

/** A name without what a histogram adds to it. */
const familyOf = ({ name }: Series, metrics: Metrics): string =>
  metrics.figures.words.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');

/** Every label has a value that its metric knows; those of routes are the server's to know. */
function strangers(all: readonly Series[], metrics: Metrics): string[] {
  return all.flatMap((each) => {
    const words = metrics.figures.words.get(familyOf(each, metrics)) ?? {};
    return Object.entries(each.labels)
      .filter(([label]) => label !== 'le')
      .filter(([label, word]) => words[label] !== null && !words[label]?.includes(word))
      .map(([label, word]) => `${each.name}{${label}="${word}"}`);
  });
}

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('chat.postMessage', 'toString', '__proto__', 'ok', 'other', 'rate_limited', 'GET', 'x"} 1\n', ''),
);

test('whatever Slack says, and whatever it is asked, series have known labels and do not grow in number', async () => {
  const metrics = newMetrics(() => 0);
  const kinds = fc.constantFrom('rate_limited', 'refused', 'unreachable', 'defect', 'toString');
  fc.assert(
    fc.property(anything, fc.option(fc.record({ kind: kinds, error: anything })), (method, end) =>
      metrics.slack(method)(end),
    ),
    { numRuns: 2_000 },
  );
  const calls = (await seriesOf(metrics)).filter(({ name }) => name === 'breakglass_slack_calls_total');
  expect(strangers(calls, metrics)).toEqual([]);
  expect(calls.length).toBeLessThan(50);
  expect(sumOf(calls, 'breakglass_slack_calls_total')).toBe(2_000);
});

test('whoever asks the API for whatever, a series is a route, a known method and a class of status', async () => {
  const metrics = newMetrics(() => 0);
  const routes = fc.constantFrom('/healthz', '/v1/grants/:id', null);
  fc.assert(
    fc.property(anything, routes, fc.integer({ min: 100, max: 999 }), (method, route, status) =>
      metrics.request({ method, route, status, seconds: 0.1 }),
    ),
    { numRuns: 2_000 },
  );
  const requests = (await seriesOf(metrics)).filter(({ name }) => name === 'breakglass_http_requests_total');
  expect(strangers(requests, metrics)).toEqual([]);
  expect(requests.length).toBeLessThanOrEqual(3 * 8 * 5);
});

/** Checks that end in this way. */
const ending = (answer: Checks['answer']): Checks => ({
  answer,
  search: async () => ({ standing: [], actions: null }),
  key: async () => null,
  pool: () => idle,
  close: async () => {},
});
const one = {
  ...{ actor: null, key: null, subject: 'somebody', provider: null, issuer: null, externalId: null, tenant: null },
  ...{ action: 'content.read', needs: [], resourceType: 'document', resourceId: 'doc-1' },
  ...{ requestId: 'a-test', contextRequestId: null, evaluationId: 'a-test' },
};
const question = { epoch: 1, questions: [one], semantic: 'execute_all' } as const;

test('however a check ends, it has an answer and a reason that are known', async () => {
  const metrics = newMetrics(() => 0);
  const errors = [new Error('x'), new TypeError(), new WebAPIPlatformError({ ok: false, error: 'x' }), 'a text', null];
  for (const failure of errors) {
    const outcomes: Outcome[] = [{ failure }];
    await metrics.checks(ending(async () => outcomes)).answer(question);
    await metrics
      .checks(ending(() => Promise.reject(failure)))
      .answer(question)
      .catch(() => {});
  }
  const all = await seriesOf(metrics);
  expect(strangers(all, metrics)).toEqual([]);
  expect(sumOf(all, 'breakglass_checks_total', { answer: 'failed', reason: 'other' })).toBe(2 * errors.length);
  expect(sumOf(all, 'breakglass_check_duration_seconds_count', { outcome: 'failed' })).toBe(2 * errors.length);
});

test('every scope has its kind, from the first scrape on, and nobody else has any', async () => {
  const metrics = newMetrics(() => 0);
  const waiting = { count: 0, ageSeconds: 0 };
  const present = {
    ...{ pending: new Map(), active: new Map(), due: waiting, notices: { waiting, dead: waiting } },
    ...{ reviews: { owed: 0, overdue: 0, ageSeconds: 0 }, seal: null, unsealedAgeSeconds: null, epoch: 1 },
  };
  const all = await seriesOf(metrics, { present: async () => present });
  expect(strangers(all, metrics)).toEqual([]);
  const active = all.filter(({ name }) => name === 'breakglass_active_grants').map(({ labels }) => labels);
  expect(active).toEqual(scopes.map((scope) => ({ kind: kindOf(scope), scope })));
  // Without a key there is no age of what is not sealed, and no head has none.
  for (const name of ['breakglass_unsealed_age_seconds', 'breakglass_checkpoint_age_seconds'])
    expect(sumOf(all, name)).toBeNull();
});

test('the first decision is the first response; a later one is not', async () => {
  const metrics = newMetrics(() => 0);
  const first = aGrant();
  const second = aGrant({ legs: first.legs.map((leg, i) => (i === 0 ? { ...leg, decision: decided('owner') } : leg)) });
  const denied = { name: 'denied', leg: 'security', by: 'security', at: new Date(), reason: 'no' } as const;
  for (const before of [first, second]) metrics.grants({ before, after: before, events: [denied] })();
  const all = await seriesOf(metrics);
  expect(sumOf(all, 'breakglass_first_response_seconds_count')).toBe(1);
  expect(sumOf(all, 'breakglass_grant_events_total', { event: 'denied' })).toBe(2);
});

test('how long the commit of an end took is part of its lag', async () => {
  let now = 0;
  const metrics = newMetrics(() => now);
  const after = aGrant();
  const ended = { name: 'ended', by: 'operator', at: new Date() } as const;
  const committed = metrics.grants({ before: after, after, events: [ended] });
  now = 4_000;
  committed();
  const all = await seriesOf(metrics);
  expect(sumOf(all, 'breakglass_revocation_lag_seconds_sum', { state: 'ended' })).toBe(4);
});

test('a connection is busy or idle, in its own pool', async () => {
  const busy = { total: 5, idle: 1, waiting: 3, max: 10 };
  const all = await seriesOf(
    newMetrics(() => 0),
    { pools: { work: () => busy, checks: () => idle } },
  );
  const connections = (pool: string, state: string) => sumOf(all, 'breakglass_database_connections', { pool, state });
  expect([connections('work', 'busy'), connections('work', 'idle')]).toEqual([4, 1]);
  expect([connections('checks', 'busy'), connections('checks', 'idle')]).toEqual([0, 2]);
  expect(sumOf(all, 'breakglass_database_waiting', { pool: 'work' })).toBe(3);
});

test('two processes know nothing of each other', async () => {
  const [one, other] = [newMetrics(() => 0), newMetrics(() => 0)];
  one.slack('views.open')(null);
  expect(sumOf(await seriesOf(one), 'breakglass_slack_calls_total')).toBe(1);
  expect(sumOf(await seriesOf(other), 'breakglass_slack_calls_total')).toBeNull();
});

test('what the bot asks of Slack is what is counted by name', () => {
  const code = filesUnder('src/slack', '.ts').map((file) => withoutComments(read(file)));
  const called = code.flatMap((text) =>
    [...text.matchAll(/\b(?:slack|client|quick|patient)\.((?!quick|patient)[a-z]+\.[a-zA-Z]+)\(/g)].map(
      ([, method]) => method,
    ),
  );
  const elsewhere = ['auth.test']; // the command line, which shares the client
  expect([...new Set([...called, ...elsewhere])].sort()).toEqual([...slackMethods]);
});

test("each of the client's methods is counted, by how Slack answered", async () => {
  const slack = await localSlack();
  const ends: unknown[] = [];
  const { quick } = slackClients('xoxb-local', slack.apiUrl, (method) => (end) => void ends.push([method, end]));
  const post = () => quick.chat.postMessage({ channel: 'C0GENERAL', text: 'hello' }).catch(() => {});
  await post();
  for (const fault of [
    { kind: 'rate_limited', retryAfter: 7 },
    { kind: 'error_before' },
    { kind: 'reset' },
    { kind: 'platform_error', error: 'not_in_channel' },
  ] as const) {
    slack.fault('chat.postMessage', fault, { times: 1 });
    await post();
  }
  expect(ends).toMatchObject([
    ['chat.postMessage', null],
    ['chat.postMessage', { kind: 'rate_limited' }],
    ['chat.postMessage', { kind: 'unreachable', error: 'http_500' }],
    ['chat.postMessage', { kind: 'unreachable' }],
    ['chat.postMessage', { kind: 'refused', error: 'not_in_channel' }],
  ]);
});
