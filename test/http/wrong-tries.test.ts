import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProviderAway } from '../../src/http/identity/tokens.ts';
import { wrongTries } from '../../src/http/identity/wrong-tries.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

const wrong = (): string => `bgk_${crypto.randomUUID().replaceAll('-', '')}${'A'.repeat(11)}`;

describe('wrong keys', () => {
  let api: TestApi;
  let good: string;
  let unseen: string;
  beforeAll(async () => {
    api = await startTestApi({ tries: wrongTries(), network: { trustedProxies: ['127.0.0.1'] } });
    good = await api.key({ name: 'good' });
    unseen = await api.key({ name: 'unseen' });
  });
  afterAll(() => api.stop());

  const me = async (key: string, from: string): Promise<Response> =>
    fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': from } });

  test('a hundred a second for a minute from one address: thirty are looked up, and others are not kept out', async () => {
    expect((await me(good, '192.0.2.1')).status).toBe(200);
    const statuses = new Map<number, number>();
    for (let second = 0; second < 60; second += 1) {
      const all = await Promise.all(Array.from({ length: 100 }, () => me(wrong(), '192.0.2.1')));
      for (const { status } of all) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect((statuses.get(401) ?? 0) + (statuses.get(429) ?? 0)).toBe(6_000);
    // Those that come in the same moment as the thirtieth are looked up with it.
    expect(statuses.get(401)).toBeLessThan(150);
    expect((await me(unseen, '192.0.2.2')).status).toBe(200);
    expect((await me(wrong(), '192.0.2.2')).status).toBe(401);
    // Behind the same address, whoever was right before still is; who was never seen there waits.
    expect((await me(good, '192.0.2.1')).status).toBe(200);
    const waits = await me(await api.key({ name: 'new' }), '192.0.2.1');
    expect(waits.status).toBe(429);
    expect(Number(waits.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('an address is the one that a trusted proxy names, and nobody else’s word', async () => {
    const alone = await startTestApi({ tries: wrongTries(3) });
    const ask = (from: string) =>
      fetch(`${alone.url}/v1/me`, { headers: { authorization: `Bearer ${wrong()}`, 'x-forwarded-for': from } });
    const statuses: number[] = [];
    for (const from of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5']) {
      statuses.push((await ask(from)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    await alone.stop();
  });
});

test('a token that nobody can look at, because the provider is away, is no wrong try', async () => {
  const away = async () => {
    throw new ProviderAway();
  };
  const api = await startTestApi({ tries: wrongTries(2), authenticate: () => away });
  const statuses: number[] = [];
  for (const _ of Array(4)) {
    statuses.push((await fetch(`${api.url}/v1/me`, { headers: { authorization: 'Bearer a.b.c' } })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401]);
  await api.stop();
});

describe('the count', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is over after a minute', async () => {
    const tries = wrongTries(2);
    for (const _ of [1, 2]) await tries.wrong('192.0.2.1');
    expect(await tries.pause('192.0.2.1', undefined)).toBeGreaterThan(59_000);
    vi.advanceTimersByTime(60_001);
    expect(await tries.pause('192.0.2.1', undefined)).toBe(0);
  });

  test('is one for a whole network of IPv6, however its addresses are written', async () => {
    const tries = wrongTries(2);
    await tries.wrong('2001:db8:0:1::1');
    await tries.wrong('2001:db8:0:1:ffff:0:0:2');
    expect(await tries.pause('2001:db8::1:0:0:0:9', undefined)).toBeGreaterThan(0);
    expect(await tries.pause('2001:db8:0:2::1', undefined)).toBe(0);
  });

  test('tells two addresses of IPv4 apart on a socket of both kinds', async () => {
    const tries = wrongTries(1);
    await tries.wrong('::ffff:192.0.2.1');
    expect(await tries.pause('192.0.2.1', undefined)).toBeGreaterThan(0);
    for (const other of ['::ffff:192.0.2.2', '::1']) expect(await tries.pause(other, undefined)).toBe(0);
  });

  test('lets nobody be remembered who was wrong', async () => {
    const tries = wrongTries(1);
    await tries.wrong('192.0.2.1');
    expect(await tries.pause('192.0.2.1', 'Bearer wrong')).toBeGreaterThan(0);
    tries.right('Bearer right');
    expect(await tries.pause('192.0.2.1', 'Bearer right')).toBe(0);
    expect(await tries.pause('192.0.2.1', 'Bearer wrong')).toBeGreaterThan(0);
  });
});
