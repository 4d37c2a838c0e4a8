import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ publicUrl: 'https://breakglass.acme.test' });
});
afterAll(() => api.stop());

test('the document of the API is OpenAPI 3.1 that a linter finds nothing in', async () => {
  const answer = await fetch(`${api.url}/openapi.json`);
  expect(answer.headers.get('content-type')).toContain('application/json');
  const source = await answer.text();
  expect(JSON.parse(source)).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://breakglass.acme.test' }] });
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source, config });
  expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)).toEqual([]);
});

test('the document says nothing of any tenant, and anybody may have it', async () => {
  const text = await (await fetch(`${api.url}/openapi.json`)).text();
  for (const word of [api.world.acmeKey, api.world.globexKey, 'OLIVIA']) expect(text).not.toContain(word);
});
