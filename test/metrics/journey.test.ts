import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountOf, channels } from '../../sandbox/cast.ts';
import type { Bot } from '../../src/bot.ts';
import { newSigner } from '../../src/evidence/note.ts';
import { approve, ask as askForAccess, decideByForm, quiet, tidy, untilState } from '../journeys/verbs.ts';
import { aboutDocument, ask } from '../support/asking.ts';
import { LOG } from '../support/sealing.ts';
import { addressesOf, startTestStack, type TestStack } from '../support/stack.ts';
import { aKey, figuresOf } from './scraping.ts';

const MINUTE_MS = 60_000;
const content = { kind: 'break_glass', scope: 'content_access' };
const lag = 'breakglass_revocation_lag_seconds';

let stack: TestStack;
let folder: string;
let auditor: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'breakglass-metrics-'));
  stack = await startTestStack({ environment: { AUDIT_SIGNING_KEY: newSigner(LOG).secret, DATA_DIR: folder } });
  auditor = await aKey(stack.db, 'auditor');
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

const says = (bot: Bot = stack.bot) => figuresOf(bot, auditor);
const acme = channels.acme.id;
const security = channels.security.id;

describe('a session from request to review', () => {
  test('is a request that waits, for as long as it does', async () => {
    const earlier = await says();
    expect(earlier('breakglass_pending_requests', content)).toBe(0);
    expect(earlier('breakglass_pending_age_seconds', content)).toBe(0);
    await askForAccess(stack);
    await stack.db.clock.advance(7 * MINUTE_MS);
    const later = await says();
    expect(later('breakglass_pending_requests', content)).toBe(1);
    expect(later('breakglass_pending_requests')).toBe(1);
    expect(later('breakglass_pending_age_seconds', content)).toBeGreaterThanOrEqual(420);
    expect(later('breakglass_pending_age_seconds', content)).toBeLessThan(450);
    expect(later('breakglass_grant_events_total', { ...content, event: 'requested' })).toBe(1);
    expect(later('breakglass_active_grants')).toBe(0);
    await tidy(stack);
  });

  test('is answered, active, used, over and owed a review, each with how long that took', async () => {
    const start = await says();
    const more = async (name: string, labels: Record<string, string> = {}) =>
      ((await says())(name, labels) ?? 0) - (start(name, labels) ?? 0);
    const grant = await askForAccess(stack);
    await stack.db.clock.advance(2 * MINUTE_MS);
    await approve(stack, 'anna', acme, grant);
    await quiet(stack);
    await stack.db.clock.advance(10 * MINUTE_MS);
    await approve(stack, 'sam', security, grant);
    await untilState(stack, grant, 'active');
    await quiet(stack);
    // One first response after two minutes, however many decide; and access after twelve.
    expect(await more('breakglass_first_response_seconds_count', content)).toBe(1);
    expect(await more('breakglass_first_response_seconds_bucket', { ...content, le: '60' })).toBe(0);
    expect(await more('breakglass_first_response_seconds_bucket', { ...content, le: '300' })).toBe(1);
    expect(await more('breakglass_time_to_access_seconds_bucket', { ...content, le: '600' })).toBe(0);
    expect(await more('breakglass_time_to_access_seconds_bucket', { ...content, le: '900' })).toBe(1);
    expect(await more('breakglass_grant_events_total', { ...content, event: 'approved' })).toBe(2);
    expect((await says())('breakglass_active_grants', content)).toBe(1);

    const service = await aKey(stack.db, 'service');
    const { apiUrl } = addressesOf(stack.bot);
    await ask(apiUrl, service, aboutDocument(accountOf('olivia'), 'acme'));
    await ask(apiUrl, service, aboutDocument(accountOf('omar'), 'acme'));
    expect(await more('breakglass_checks_total', { answer: 'allowed', reason: 'granted' })).toBe(1);
    expect(await more('breakglass_checks_total', { answer: 'denied', reason: 'no_grant' })).toBe(1);
    expect(await more('breakglass_check_duration_seconds_count', { outcome: 'answered' })).toBe(2);

    await stack.db.clock.advance(40 * MINUTE_MS);
    await untilState(stack, grant, 'expired');
    await stack.bot.clock.due.stop();
    // It was due ten minutes before the clock came to it, by the database's time.
    expect(await more(`${lag}_count`, { ...content, state: 'expired' })).toBe(1);
    expect(await more(`${lag}_bucket`, { ...content, state: 'expired', le: '300' })).toBe(0);
    expect(await more(`${lag}_bucket`, { ...content, state: 'expired', le: '3600' })).toBe(1);
    expect((await says())('breakglass_active_grants')).toBe(0);
    expect((await says())('breakglass_reviews_owed')).toBe(1);
    expect((await says())('breakglass_reviews_overdue')).toBe(0);
    await stack.restart();
  });

  test('is overdue for review when nobody answers', async () => {
    await stack.db.clock.advance(30 * 24 * 60 * MINUTE_MS);
    const now = await says();
    expect(now('breakglass_reviews_overdue')).toBe(1);
    expect(now('breakglass_review_overdue_age_seconds')).toBeGreaterThan(24 * 60 * 60);
  });
});

describe('what ends before its time', () => {
  test('is counted by the process that did it, once and at once', async () => {
    const other = await stack.anotherBot();
    const grant = await askForAccess(stack, { scope: 'audit_view', by: 'omar' });
    const earlier = await Promise.all([says(stack.bot), says(other)]);
    await decideByForm(stack, 'sam', security, grant, 'revoke', { comment: 'Nobody needs this any more' });
    await untilState(stack, grant, 'revoked');
    await quiet(stack);
    const later = await Promise.all([says(stack.bot), says(other)]);
    const labels = { kind: 'support_access', scope: 'audit_view', state: 'revoked' };
    const more = (name: string, extra = {}) =>
      later.map(
        (each, i) => (each(name, { ...labels, ...extra }) ?? 0) - (earlier[i]?.(name, { ...labels, ...extra }) ?? 0),
      );
    // Slack sends to the one that was started last.
    expect(more(`${lag}_count`)).toEqual([0, 1]);
    expect(more(`${lag}_bucket`, { le: '15' })).toEqual([0, 1]);
    // Both say the same of what the database has.
    for (const name of ['breakglass_reviews_owed', 'breakglass_active_grants'])
      expect(later[0]?.(name), name).toBe(later[1]?.(name));
  });
});

describe('what stands around it', () => {
  test('the seal: how much is sealed, how old the head is, and that nothing waits', async () => {
    for (const { clock } of stack.bots) clock.seals.ring();
    await expect.poll(async () => (await says())('breakglass_unsealed_age_seconds'), { timeout: 15_000 }).toBe(0);
    const now = await says();
    const [rows] = await stack.db.query<{ size: number }>(
      'superuser',
      'select max(size)::int as size from checkpoints where tenant_id is null',
    );
    expect(now('breakglass_sealed_entries')).toBe(rows?.size);
    expect(now('breakglass_sealing')).toBe(1);
    expect(now('breakglass_checkpoint_age_seconds')).toBeLessThan(60);
    expect(now('breakglass_posted_checkpoint_age_seconds')).toBeLessThan(24 * 60 * 60);
  });

  test('the outbox: what waits and what was given up, and since when', async () => {
    await quiet(stack);
    expect((await says())('breakglass_outbox_notices', { state: 'dead' })).toBe(0);
    const fault = stack.slack.fault('chat.postMessage', { kind: 'platform_error', error: 'is_archived' }, { times: 1 });
    await askForAccess(stack, { by: 'olivia', tenant: 'globex', scope: 'audit_view' });
    await expect
      .poll(async () => (await says())('breakglass_outbox_notices', { state: 'dead' }), { timeout: 15_000 })
      .toBe(1);
    expect(fault.hits).toBe(1);
    await quiet(stack);
    await stack.db.clock.advance(5 * MINUTE_MS);
    const now = await says();
    expect(now('breakglass_outbox_age_seconds', { state: 'dead' })).toBeGreaterThanOrEqual(300);
    const everywhere = await Promise.all(stack.bots.map((bot) => says(bot)));
    const calls = (labels: Record<string, string>) =>
      everywhere.reduce((sum, each) => sum + (each('breakglass_slack_calls_total', labels) ?? 0), 0);
    expect(calls({ method: 'chat.postMessage', code: 'is_archived' })).toBe(1);
    expect(calls({ method: 'chat.postMessage', code: 'ok' })).toBeGreaterThan(0);
    expect(calls({ method: 'views.open', code: 'ok' })).toBeGreaterThan(0);
  });

  test("Slack's 429 is one of its answers, and what it keeps waiting is seen to wait", async () => {
    await quiet(stack);
    stack.slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 600 }, { times: 1 });
    await askForAccess(stack, { by: 'omar', tenant: 'globex', scope: 'audit_view' });
    const limited = async () =>
      (await Promise.all(stack.bots.map((bot) => says(bot)))).reduce(
        (sum, each) =>
          sum + (each('breakglass_slack_calls_total', { method: 'chat.postMessage', code: 'rate_limited' }) ?? 0),
        0,
      );
    await expect.poll(limited, { timeout: 15_000 }).toBe(1);
    const putOff = () => stack.db.query('superuser', "select from outbox where last_error = 'rate_limited'");
    await expect.poll(putOff).not.toEqual([]);
    await stack.db.clock.advance(2 * MINUTE_MS);
    const now = await says();
    expect(now('breakglass_outbox_notices', { state: 'waiting' })).toBeGreaterThan(0);
    expect(now('breakglass_outbox_age_seconds', { state: 'waiting' })).toBeGreaterThanOrEqual(120);
  });

  test('the process: which version, whether it is ready, decides by what is in force, and who uses the database', async () => {
    const now = await says();
    expect(now('breakglass_build_info')).toBe(1);
    expect(now('breakglass_ready')).toBe(1);
    expect(now('breakglass_policy_current')).toBe(1);
    expect(now('breakglass_database_connections_max', { pool: 'work' })).toBe(10);
    expect(now('breakglass_database_connections', { pool: 'checks' })).toBeGreaterThan(0);
    expect(now('breakglass_database_waiting', { pool: 'work' })).toBe(0);
    // Another file than ours: this process does not have it, and can't follow.
    await stack.db.query('superuser', "insert into policies (hash, text) values ('another', '')");
    await stack.db.query('superuser', "insert into policy_epochs (hash) values ('another')");
    expect((await says())('breakglass_policy_current')).toBe(0);
  });

  test('several scrapes at once look at the database once', async () => {
    const looks = () => stack.log.filter(({ reason }) => reason === 'figures for monitoring').length;
    const earlier = looks();
    await Promise.all(Array.from({ length: 20 }, () => says()));
    expect(looks() - earlier).toBeLessThan(10);
  });
});
