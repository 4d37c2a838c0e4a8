import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantOf, startTestApi, type TestApi } from '../support/api.ts';
import { aTenant, close, inScope } from '../support/builders.ts';
import { type Example, startExample } from './example.ts';

/** The example with the guard in it, the check API and a database: what somebody does is there, from end to end. */
let api: TestApi;
let example: Example;
let acme: string;
beforeAll(async () => {
  api = await startTestApi();
  acme = await aTenant(api.session, 'acme');
  const key = await api.key({
    tenants: ['acme'],
    actions: ['content.read', 'content.write', 'workspace.create_owner'],
  });
  example = await startExample({ url: api.url, key });
});
afterAll(async () => {
  await example?.stop();
  await api?.stop();
});

const read = async () => (await example.request('GET', '/documents/42')).status;
const write = async () => (await example.request('PUT', '/documents/42', { text: 'Repaired' })).status;
const makeOwner = () => example.request('POST', '/workspaces/acme/owner', { owner: 'anna@acme.example' });

test('access lasts from its approval to its end, and every use of it is on record', async () => {
  expect(await read()).toBe(403);
  const grant = await grantOf(api.session, { ...api.world, acme }, 'content_access');
  expect([await read(), await write(), await read()]).toEqual([200, 200, 200]);
  const refused = await makeOwner();
  expect([refused.status, await refused.json()]).toMatchObject([403, { reason: 'wrong_scope' }]);
  await inScope(api.session, acme, () => close(api.session, grant, 'revoked'));
  const late = await example.request('GET', '/documents/42');
  expect([late.status, await late.json()]).toMatchObject([403, { reason: 'revoked' }]);
  const uses = await api.db.query(
    'superuser',
    'select action, allowed, sum(uses)::int as uses from use_counts where grant_id = $1 group by 1, 2 order by 1, 2',
    [grant],
  );
  expect(uses).toEqual([
    { action: 'content.read', allowed: false, uses: 1 },
    { action: 'content.read', allowed: true, uses: 2 },
    { action: 'content.write', allowed: true, uses: 1 },
    { action: 'workspace.create_owner', allowed: false, uses: 1 },
  ]);
});

test('a recovery needs both of its halves', async () => {
  const world = { ...api.world, acme };
  await grantOf(api.session, world, 'create_platform_owner');
  const half = await makeOwner();
  expect([half.status, await half.json()]).toMatchObject([403, { missing_scopes: ['workspace_recovery'] }]);
  await grantOf(api.session, world, 'workspace_recovery');
  expect((await makeOwner()).status).toBe(201);
});
