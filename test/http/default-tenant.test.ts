import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OLIVIA, question, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant, aTenant } from '../support/builders.ts';
import { NO_GRANT, NOTHING_FOUND, wholeOf } from './answers.ts';

let api: TestApi;
/** Bound to both tenants; Acme, where Olivia has access, goes without saying. */
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  const { acmeKey, globexKey } = api.world;
  key = await api.key({ tenants: [acmeKey, globexKey], defaultTenant: acmeKey });
  await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const user = { type: 'user', id: OLIVIA };
const nameless = { subject: user, action: { name: 'content.read' }, resource: { type: 'document', id: 'doc-1' } };
const said = async (path: string, by: string, body: object) =>
  (await wholeOf(await api.post(`/access/v1/${path}`, by, body))).body;

describe('a question that names no tenant', () => {
  test('is about the one that goes without saying for its key, and on record with it', async () => {
    expect(await said('evaluation', key, nameless)).toContain('"decision":true');
    const [row] = await api.db.query(
      'superuser',
      `select tenant_id, details ->> 'tenant' as tenant from audit_events where action = 'access.allowed' order by id desc limit 1`,
    );
    expect(row).toEqual({ tenant_id: api.world.acme, tenant: api.world.acmeKey });
  });

  test('is so in a batch and in searches', async () => {
    const batch = { ...nameless, evaluations: [{}, { resource: question(api.world.globexKey).resource }] };
    expect(JSON.parse(await said('evaluations', key, batch))).toMatchObject({
      evaluations: [{ decision: true }, { decision: false }],
    });
    const { subject: _, ...about } = nameless;
    expect(await said('search/subject', key, { ...about, subject: { type: 'user' } })).toContain(OLIVIA);
    expect(await said('search/action', key, nameless)).toContain('content.read');
  });

  test('is denied to a key for which none goes without saying', async () => {
    const plain = await api.key({ tenants: [api.world.acmeKey] });
    expect(await said('evaluation', plain, nameless)).toBe(NO_GRANT);
    expect(await said('search/action', plain, nameless)).toBe(NOTHING_FOUND);
  });
});

test('a question that names a tenant is about that one', async () => {
  expect(await said('evaluation', key, question(api.world.globexKey))).toBe(NO_GRANT);
  expect(await said('evaluation', key, question(''))).toBe(NO_GRANT);
});

test('a tenant that was archived goes without saying no longer', async () => {
  const gone = await aTenant(api.session, 'short-lived');
  await activeGrant(api.session, api.world, { tenant_id: gone });
  const its = await api.key({ tenants: ['short-lived'], defaultTenant: 'short-lived' });
  expect(await said('evaluation', its, nameless)).toContain('"decision":true');
  await api.db.query('superuser', 'update tenants set archived_at = breakglass_now() where id = $1', [gone]);
  expect(await said('evaluation', its, nameless)).toBe(NO_GRANT);
});

test('no tenant goes without saying for a key that may not ask about it', async () => {
  const { acmeKey, globexKey } = api.world;
  await expect(api.key({ tenants: [acmeKey], defaultTenant: globexKey })).rejects.toThrow('default_tenant_is_bound');
});
