import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { rateLimit } from '../../src/http/rate-limit.ts';
import { question, startTestApi, type TestApi } from '../support/api.ts';

describe('over HTTP', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  const one = () => question(api.world.acmeKey);
  const several = (items: number) => ({ ...one(), evaluations: Array.from({ length: items }, () => ({})) });
  const answered = async (name: string): Promise<number> =>
    (await api.db.query('superuser', 'select from audit_events where actor = $1', [`key:${name}`])).length;

  test('a request counts as the questions that are in it', async () => {
    const enough = await api.key({ name: 'enough', perSecond: 5 });
    expect((await api.post('/access/v1/evaluations', enough, several(5))).status).toBe(200);
    expect(await answered('enough')).toBe(5);
    const little = await api.key({ name: 'little', perSecond: 5 });
    // Both at once, so that they are of one second on a slow machine too; whichever comes last is refused.
    const both = await Promise.all([1, 2].map(() => api.post('/access/v1/evaluations', little, several(3))));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    const refused = both.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(await refused?.text()).toBe('This key gets 5 answers a second.');
    expect(await answered('little')).toBe(3);
  });

  test('a request with more questions than the key ever gets answers a second is told so, not to come back', async () => {
    const little = await api.key({ name: 'never', perSecond: 5 });
    const refused = await api.post('/access/v1/evaluations', little, several(6));
    expect(refused.status).toBe(400);
    expect(await refused.text()).toBe('evaluations: this key gets 5 answers a second; ask fewer at once.');
    expect(await answered('never')).toBe(0);
  });

  test('a search counts as ten answers', async () => {
    const key = await api.key({ perSecond: 15 });
    const both = await Promise.all([1, 2].map(() => api.post('/access/v1/search/subject', key, one())));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
  });

  test('a key that gets fewer answers than a search counts may search all the same', async () => {
    const key = await api.key({ perSecond: 3 });
    expect((await api.post('/access/v1/search/subject', key, one())).status).toBe(200);
  });

  test.each(['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action'])(
    'who asks too much is told so before the body is looked at: %s',
    async (path) => {
      const key = await api.key({ perSecond: 1 });
      const answers = Promise.all(Array.from({ length: 30 }, () => api.post(`/access/v1/${path}`, key, '{')));
      const statuses = (await answers).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([400, 429]));
    },
  );

  test('the flood of one key is nothing to another one, whose limit is as low', async () => {
    const [loud, quiet] = [await api.key({ perSecond: 100 }), await api.key({ perSecond: 2 })];
    const flood = Array.from({ length: 40 }, () => api.post('/access/v1/evaluations', loud, several(100)));
    expect((await api.post('/access/v1/evaluation', quiet, one())).status).toBe(200);
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(38);
    expect((await api.post('/access/v1/evaluation', quiet, one())).status).toBe(200);
  });

  test('who is not known is not counted for anybody', async () => {
    const key = await api.key({ perSecond: 1 });
    const stranger = key.replace(/.{4}$/, 'AAAA');
    const strangers = Array.from({ length: 20 }, () => api.post('/access/v1/evaluation', stranger, one()));
    expect(new Set((await Promise.all(strangers)).map(({ status }) => status))).toEqual(new Set([401]));
    expect((await api.post('/access/v1/evaluation', key, one())).status).toBe(200);
  });
});

describe('a second', () => {
  const caller = { name: 'key:a', perSecond: 10 };
  afterEach(() => void vi.useRealTimers());

  test('has room for as many answers as the key gets; the next one waits for its end', async () => {
    vi.useFakeTimers();
    const limit = rateLimit();
    expect(await limit.take(caller, 4)).toBe(0);
    vi.advanceTimersByTime(600);
    expect(await limit.take(caller, 6)).toBe(0);
    expect(await limit.take(caller, 1)).toBe(400);
    vi.advanceTimersByTime(400);
    expect(await limit.take(caller, 10)).toBe(0);
  });

  test('does not begin again with each refusal', async () => {
    vi.useFakeTimers();
    const limit = rateLimit();
    await limit.take(caller, 1_000);
    for (const left of [900, 500, 100]) {
      vi.advanceTimersByTime(left === 900 ? 100 : 400);
      expect(await limit.take(caller, 1)).toBe(left);
    }
    vi.advanceTimersByTime(100);
    expect(await limit.take(caller, 1)).toBe(0);
  });
});
