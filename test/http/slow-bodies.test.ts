import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

/** Sends the head of a request, and the body when somebody says so. */
function slowly(path: string, key: string, body: object): { send: () => void; status: Promise<number> } {
  const text = JSON.stringify(body);
  const { port } = new URL(api.url);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': text.length };
  const asked = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
  asked.flushHeaders();
  const status = new Promise<number>((resolve, reject) => {
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
  });
  return { send: () => void asked.end(text), status };
}

test('a key that is revoked while the body of a request is on its way does nothing any more', async () => {
  const key = await api.key({ name: 'leaving', role: 'admin', subjects: [], actions: [] });
  await api.key({ name: 'staying', role: 'admin', subjects: [], actions: [] });
  const waiting = slowly('/v1/keys', key, { name: 'successor', role: 'admin', tenants: null });
  // The door has let it in by then: a second request on the way is answered.
  expect((await api.get('/v1/me', key)).status).toBe(200);
  await api.db.query(
    'superuser',
    "update api_keys set revoked_at = breakglass_now(), revoked_by = 'x' where name = 'leaving'",
  );
  waiting.send();
  expect(await waiting.status).toBe(401);
  expect(await api.db.query('superuser', "select 1 from api_keys where name = 'successor'")).toEqual([]);
});
