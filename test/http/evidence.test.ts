import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { aFolder, unpacked } from '../evidence/bundles.ts';
import { grantOf, startTestApi, type TestApi } from '../support/api.ts';
import { aSealing, aSigner, seal, writeRows } from '../support/sealing.ts';

const signer = aSigner();
const sealing = { signer, trusted: [signer.verifier] };
let api: TestApi;
let grant: string;
const keys = {} as Record<'all' | 'acme' | 'globex' | 'service', string>;

beforeAll(async () => {
  api = await startTestApi({ sealing });
  const { acme, globex } = api.world;
  grant = await grantOf(api.session, api.world, 'content_access');
  await api.db.query(
    'superuser',
    `insert into audit_events (action, actor, tenant_id, grant_id, request_id, details)
     values ('break_glass.requested', 'slack:T0HOME:U0OLIVIA', $1, $2, 'x', '{"scope":"content_access"}')`,
    [acme, grant],
  );
  await writeRows(api.db, 2, acme);
  await writeRows(api.db, 3, globex);
  keys.all = await api.key({ role: 'auditor' });
  keys.acme = await api.key({ role: 'auditor', tenants: [api.world.acmeKey] });
  keys.globex = await api.key({ role: 'auditor', tenants: [api.world.globexKey] });
  keys.service = await api.key();
  await seal(aSealing(api.context.db, sealing));
});
afterAll(() => api.stop());

const window = 'from=2020-01-01&to=2100-01-01';
const get = (query: string, key: string) => api.get(`/v1/evidence?${query}`, key);

async function bundleIn(answer: Response): Promise<string> {
  const file = path.join(await aFolder(), 'bundle.zip');
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return file;
}
const findingsIn = async (file: string) => (await verifyBundle(file, { keys: [signer.verifier], held: [] })).findings;

describe('GET /v1/evidence', () => {
  test('hands an auditor a bundle of one access that verifies', async () => {
    const answer = await get(`grant=${grant}`, keys.acme);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="evidence-${grant}.zip"`);
    const file = await bundleIn(answer);
    expect(await findingsIn(file)).toEqual([]);
    expect(String((await unpacked(file)).get('requests.csv'))).toContain('content_access');
  });

  test('hands out a window of everything to a key of everything only', async () => {
    const answer = await get(window, keys.all);
    expect(answer.status).toBe(200);
    expect(await findingsIn(await bundleIn(answer))).toEqual([]);
    const bound = await get(window, keys.acme);
    expect(bound.status).toBe(400);
    expect(await bound.json()).toMatchObject({ detail: 'tenant: is needed with a key of some tenants.' });
  });

  test("hands out a tenant's own history with nothing of another tenant in it", async () => {
    const file = await bundleIn(await get(`${window}&tenant=${api.world.globexKey}`, keys.globex));
    expect(await findingsIn(file)).toEqual([]);
    const text = [...(await unpacked(file)).values()].map(String).join('\n');
    expect(text).not.toContain(api.world.acme);
    expect(text).not.toContain(api.world.acmeKey);
    expect(text).not.toContain(grant);
  });

  test("answers alike to a foreign tenant's access and to one that there is not", async () => {
    const nowhere = '00000000-0000-4000-8000-000000000000';
    const answers = [await get(`grant=${grant}`, keys.globex), await get(`grant=${nowhere}`, keys.globex)];
    const said = await Promise.all(
      answers.map(async (answer) => ({ ...((await answer.json()) as object), request_id: '' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(said[0]).toEqual(said[1]);
    for (const tenant of [api.world.acmeKey, 'nowhere']) {
      expect((await get(`${window}&tenant=${tenant}`, keys.globex)).status).toBe(404);
    }
  });

  test('is not for services, and that one tried is on record', async () => {
    const answer = await get(`grant=${grant}`, keys.service);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ refusal: 'wrong_role' });
    await api.context.refusals.flush();
    const rows = await api.db.query(
      'superuser',
      `select details ->> 'refusal' as refusal from audit_events where details ->> 'verb' = 'evidence'`,
    );
    expect(rows).toContainEqual({ refusal: 'wrong_role' });
  });

  test.each([
    ['', 'Expected grant; or from and to, with tenant for one tenant.'],
    ['grant=acme', 'grant: expected the id of an access.'],
    ['from=2026-01-01', 'Expected grant; or from and to, with tenant for one tenant.'],
    [
      `${window}&grant=00000000-0000-4000-8000-000000000000`,
      'Expected grant; or from and to, with tenant for one tenant.',
    ],
    ['from=2026-01-02&to=2026-01-01', 'to: expected a time after from.'],
    ['from=yesterday&to=2026-01-01', 'from: expected a time such as 2026-01-05T09:30:00Z, or a day.'],
    [`${window}&format=csv`, 'format: there is no such parameter.'],
  ])('says what is wrong with ?%s', async (query, detail) => {
    const answer = await get(query, keys.all);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail });
  });

  test('makes two at once in a process, one of each key, and asks others to come back', async () => {
    const own = `${window}&tenant=${api.world.acmeKey}`;
    const asked = [get(window, keys.all), get(window, keys.all), get(own, keys.acme), get(own, keys.acme)];
    const answers = await Promise.all(asked);
    const statuses = answers.map(({ status }) => status);
    expect([statuses.slice(0, 2).sort(), statuses.slice(2).sort()]).toEqual([
      [200, 503],
      [200, 503],
    ]);
    expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('30');
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  });

  test('stops where the caller has gone, is no defect, and makes room for the next', async () => {
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${keys.all}` };
    const asked = fetch(`${api.url}/v1/evidence?${window}`, { headers, signal: gone.signal });
    gone.abort();
    await expect(asked).rejects.toThrow();
    await vi.waitFor(
      async () => {
        const answer = await get(window, keys.all);
        await answer.arrayBuffer();
        expect(answer.status).toBe(200);
      },
      { timeout: 30_000 },
    );
    expect(api.troubles).toEqual([]);
  });

  test('is on record with who took what', async () => {
    await get(`grant=${grant}`, keys.acme);
    const rows = await api.db.query(
      'superuser',
      `select actor, grant_id from audit_events where action = 'evidence.exported' and grant_id is not null`,
    );
    expect(rows).toContainEqual({ actor: expect.stringMatching(/^key:key-\d+$/), grant_id: grant });
  });
});

test('without a key that history is sealed with, there is nothing to hand out', async () => {
  const other = await startTestApi();
  try {
    const key = await other.key({ role: 'auditor' });
    const answer = await other.get(`/v1/evidence?${window}`, key);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ refusal: 'not_sealed' });
  } finally {
    await other.stop();
  }
});
