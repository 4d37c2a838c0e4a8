import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Authenticate } from '../../src/http/identity/caller.ts';
import { byBootstrapKey, byKey } from '../../src/http/identity/keys.ts';
import { hasAdminKey } from '../../src/usecases/who-calls.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

const secret = 'the-key-of-the-environment-is-32-characters-or-more';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    authenticate: (db, checks): Authenticate => {
      const [key, bootstrap] = [byKey(checks), byBootstrapKey(secret, () => hasAdminKey(db))];
      return async (shown) => (await key(shown)) ?? bootstrap(shown);
    },
  });
});
afterAll(() => api.stop());

const post = (path: string, body: object) => api.post(`/v1${path}`, secret, body);
const wish = { role: 'admin', tenants: null, days: 1 };

test('the key of the environment administers, and nothing else, until there is another administrator; then never again', async () => {
  expect(await (await api.get('/v1/me', secret)).json()).toMatchObject({
    name: 'system:bootstrap-key',
    roles: ['admin'],
  });
  expect((await api.get('/v1/audit', secret)).status).toBe(403);
  expect((await api.get('/v1/me', `${secret}x`)).status).toBe(401);
  const made = await post('/keys', { ...wish, name: 'first-admin' });
  expect(made.status).toBe(201);
  const { key } = JSON.parse(await made.text());
  expect((await api.get('/v1/me', secret)).status).toBe(401);
  expect((await api.get('/v1/me', key)).status).toBe(200);
  await api.db.query(
    'superuser',
    "update api_keys set revoked_at = breakglass_now(), revoked_by = 'x' where name = 'first-admin'",
  );
  expect((await api.get('/v1/me', secret)).status).toBe(401);
  await api.db.clock.advance(2 * 24 * 60 * 60_000); // and the only key has expired as well
  expect((await api.get('/v1/me', secret)).status).toBe(401);
});

test('what was done with it is on record under its own name', async () => {
  const [row] = await api.db.query(
    'superuser',
    "select actor, details from audit_events where action = 'admin.key_created'",
  );
  expect(row).toMatchObject({ actor: 'system:bootstrap-key', details: { key: 'first-admin', role: 'admin' } });
});
