import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { alsoInOutages, prefersOpenMetrics } from '../../src/http/metrics.ts';
import { Unreachable } from '../../src/store/checks/open.ts';
import { aKey, figuresOf, scrape, seriesIn } from '../metrics/scraping.ts';
import { addressesOf, startTestStack, type TestStack } from '../support/stack.ts';
import { type Wire, wire } from '../weather/postgres-wire.ts';

let stack: TestStack;
let between: Wire;
let auditor: string;
beforeAll(async () => {
  between = await wire();
  stack = await startTestStack({ databaseUrl: (direct) => between.through(direct) });
  auditor = await aKey(stack.db, 'auditor');
});
afterAll(async () => {
  between.refuse(false);
  between.mend();
  await stack.stop();
  await between.stop();
});

describe('who may scrape', () => {
  test('nobody without a key', async () => {
    const answer = await scrape(stack.bot, null);
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain('breakglass_');
  });

  test('no service', async () => {
    const answer = await scrape(stack.bot, await aKey(stack.db, 'service'));
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('breakglass_');
  });

  test('an auditor, and nothing keeps what they read', async () => {
    const answer = await scrape(stack.bot, auditor);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toContain('breakglass_database_up 1');
  });
});

describe('the text', () => {
  test("is Prometheus's unless somebody asks for another", async () => {
    const answer = await scrape(stack.bot, auditor);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain('# TYPE breakglass_checks_total counter\n');
    expect(text).not.toContain('# EOF');
  });

  test('is OpenMetrics where that is asked for, and the next scrape is what it was before', async () => {
    const answer = await scrape(stack.bot, auditor, 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
    expect(answer.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const text = await answer.text();
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text).not.toContain('\n\n');
    expect(text).toContain('# TYPE breakglass_checks counter\n');
    expect(text).toMatch(/^breakglass_checks_total\{answer="allowed",reason="granted"\} 0$/m);
    expect(await (await scrape(stack.bot, auditor)).text()).toContain('# TYPE breakglass_checks_total counter\n');
  });

  test.each([
    ['', false],
    ['*/*', false],
    ['text/plain', false],
    ['application/openmetrics-text', true],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', true],
    ['application/openmetrics-text;q=0', false],
    ['application/openmetrics-text;q=0.4,text/plain;q=0.5', false],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.2', true],
    ['Application/OpenMetrics-Text', true],
    ['application/openmetrics-text;q=none', false],
  ])('asked for by "%s": OpenMetrics %s', (accept, open) => expect(prefersOpenMetrics(accept)).toBe(open));
});

describe('requests are counted', () => {
  const asked = async (path: string, init: RequestInit = {}) => {
    await (await fetch(`${addressesOf(stack.bot).apiUrl}${path}`, init)).text();
  };

  test('by the pattern of the route, the method and the class of the status', async () => {
    const earlier = await figuresOf(stack.bot, auditor);
    await asked('/healthz?who=me');
    await asked('/access/v1/evaluation', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    const later = await figuresOf(stack.bot, auditor);
    const more = (labels: Record<string, string>) =>
      (later('breakglass_http_requests_total', labels) ?? 0) - (earlier('breakglass_http_requests_total', labels) ?? 0);
    expect(more({ route: '/healthz', method: 'GET', status: '2xx' })).toBe(1);
    expect(more({ route: '/access/v1/evaluation', method: 'POST', status: '4xx' })).toBe(1);
    expect(more({ route: '/metrics', status: '2xx' })).toBe(1);
    expect(later('breakglass_http_request_duration_seconds_count', { route: '/healthz' })).toBe(1);
  });

  test('as one where they lead nowhere, however many ways there are', async () => {
    const earlier = await figuresOf(stack.bot, auditor);
    for (const path of ['/a', '/b?c', '/v1/nothing', '/v1/evidence/x/y', '/metrics/..%2f', '/%00']) await asked(path);
    const text = await (await scrape(stack.bot, auditor)).text();
    const routes = new Set(seriesIn(text).flatMap(({ labels }) => labels.route ?? []));
    expect([...routes].sort()).toEqual(['/access/v1/evaluation', '/healthz', '/metrics', 'none']);
    const later = await figuresOf(stack.bot, auditor);
    expect(
      (later('breakglass_http_requests_total', { route: 'none' }) ?? 0) -
        (earlier('breakglass_http_requests_total', { route: 'none' }) ?? 0),
    ).toBe(6);
  });
});

describe('without a database', () => {
  test('who was let in before still is, and is told what the process knows; others are not', async () => {
    expect((await scrape(stack.bot, auditor)).status).toBe(200);
    between.refuse(true);
    between.cut();
    const says = await figuresOf(stack.bot, auditor);
    expect(says('breakglass_database_up')).toBe(0);
    expect(says('breakglass_ready')).toBe(0);
    for (const gone of [
      'breakglass_pending_requests',
      'breakglass_reviews_overdue',
      'breakglass_outbox_notices',
      'breakglass_policy_current',
    ])
      expect(says(gone), gone).toBeNull();
    expect(says('breakglass_checks_total', { answer: 'allowed' })).toBe(0);
    expect(says('process_start_time_seconds')).toBeGreaterThan(0);
    expect((await scrape(stack.bot, `bgk_${'x'.repeat(43)}`)).status).toBe(503);
    expect((await scrape(stack.bot, null)).status).toBe(401);
  });

  test('a database that says nothing holds no scrape up', async () => {
    between.refuse(false);
    await expect
      .poll(async () => (await figuresOf(stack.bot, auditor))('breakglass_database_up'), { timeout: 15_000 })
      .toBe(1);
    between.swallow();
    const from = performance.now();
    const says = await figuresOf(stack.bot, auditor);
    expect(performance.now() - from).toBeLessThan(6_000);
    expect(says('breakglass_database_up')).toBe(0);
    between.cut();
    between.mend();
    await expect
      .poll(async () => (await figuresOf(stack.bot, auditor))('breakglass_database_up'), { timeout: 15_000 })
      .toBe(1);
  });

  test('a key that is revoked when the database is back is let in no more', async () => {
    const key = await aKey(stack.db, 'auditor');
    expect((await scrape(stack.bot, key)).status).toBe(200);
    await stack.db.query(
      'superuser',
      "update api_keys set revoked_at = breakglass_now(), revoked_by = 'system:test' where secret_hash = sha256($1::bytea)",
      [Buffer.from(key)],
    );
    expect((await scrape(stack.bot, key)).status).toBe(401);
    between.refuse(true);
    between.cut();
    expect((await scrape(stack.bot, key)).status).toBe(503);
    between.refuse(false);
  });

  describe('who was let in is remembered', () => {
    let away = false;
    let broken = false;
    const answers = alsoInOutages(async (name: string) => {
      if (away) throw new Unreachable();
      if (broken) throw new TypeError('a defect');
      return name === 'nobody' ? null : name;
    });

    test('for an hour', async () => {
      vi.useFakeTimers();
      onTestFinished(() => {
        vi.useRealTimers();
        away = false;
      });
      expect(await answers('one')).toBe('one');
      vi.advanceTimersByTime(50 * 60_000);
      expect(await answers('two')).toBe('two');
      away = true;
      expect(await answers('one')).toBe('one');
      vi.advanceTimersByTime(10 * 60_000);
      await expect(answers('one')).rejects.toThrow(Unreachable);
      expect(await answers('two')).toBe('two');
    });

    test('and a defect lets nobody in', async () => {
      expect(await answers('three')).toBe('three');
      broken = true;
      await expect(answers('three')).rejects.toThrow(TypeError);
      broken = false;
    });

    test('and nobody else is, nor more than a hundred', async () => {
      for (let i = 0; i < 200; i += 1) await answers(`key-${i}`);
      await answers('nobody');
      away = true;
      const known: (string | null)[] = [];
      for (let i = 0; i < 200; i += 1) known.push(await answers(`key-${i}`).catch(() => null));
      expect(known.filter((each) => each !== null).length).toBeLessThanOrEqual(100);
      await expect(answers('nobody')).rejects.toThrow(Unreachable);
    });
  });
});
