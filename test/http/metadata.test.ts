import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';

/** OpenID AuthZEN 1.0, Policy Decision Point Metadata. */
let unnamed: TestApi;
let named: TestApi;
beforeAll(async () => {
  unnamed = await startTestApi();
  named = await startTestApi({ publicUrl: 'https://breakglass.example.com' });
});
afterAll(() => Promise.all([unnamed.stop(), named.stop()]));

const metadata = (api: TestApi, headers: Record<string, string> = {}) =>
  fetch(`${api.url}/.well-known/authzen-configuration`, { headers });

test('names the address that was configured, and every endpoint under it; it may be kept for an hour', async () => {
  const response = await metadata(named, { host: 'somebody-else.example.com' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(response.headers.get('cache-control')).toBe('public, max-age=3600');
  expect(await response.json()).toEqual({
    policy_decision_point: 'https://breakglass.example.com',
    access_evaluation_endpoint: 'https://breakglass.example.com/access/v1/evaluation',
    access_evaluations_endpoint: 'https://breakglass.example.com/access/v1/evaluations',
    search_subject_endpoint: 'https://breakglass.example.com/access/v1/search/subject',
    search_action_endpoint: 'https://breakglass.example.com/access/v1/search/action',
    search_resource_endpoint: 'https://breakglass.example.com/access/v1/search/resource',
  });
});

test('without one names the address it was asked at, for nobody to keep', async () => {
  const response = await metadata(unnamed);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toMatchObject({ policy_decision_point: unnamed.url });
});

test('every endpoint it names is there', async () => {
  const key = await unnamed.key();
  const endpoints = Object.entries((await (await metadata(unnamed)).json()) as Record<string, string>).filter(
    ([name]) => name.endsWith('_endpoint'),
  );
  expect(endpoints).toHaveLength(5);
  for (const [name, url] of endpoints) {
    const { pathname } = new URL(url);
    expect((await unnamed.post(pathname, key, {})).status, name).toBe(400);
  }
});
