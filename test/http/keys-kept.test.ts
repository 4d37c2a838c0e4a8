import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byKey } from '../../src/http/identity/keys.ts';
import { wrongTries } from '../../src/http/identity/wrong-tries.ts';
import { type ApiServer, startApi } from '../../src/http/server.ts';
import { ISSUER, question, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
/** The same API, whose every error is written down whole. */
let telling: ApiServer;
const errors: string[] = [];
beforeAll(async () => {
  api = await startTestApi();
  const tell = (error: Error): void => void errors.push(inspect(error, { depth: null, showHidden: true }));
  const desk = { checks: api.checks, inForce: () => api.inForce, defaultIssuer: ISSUER, used: () => {} };
  telling = await startApi(
    {
      ...{
        desk,
        door: { authenticate: byKey(api.checks), tries: wrongTries() },
        publicUrl: null,
        v1: null,
        health: { notReady: async () => [] },
      },
      trouble: { outage: tell, defect: tell },
    },
    { port: 0, host: '127.0.0.1' },
  );
});
afterAll(async () => {
  await telling.stop();
  await api.stop();
});

/** A key and other ways to write what opens doors with it. */
function writtenAs(key: string): string[] {
  const secret = key.replace('bgk_', '');
  const bytes = Buffer.from(secret, 'base64url');
  return [secret, bytes.toString('hex'), bytes.toString('base64'), Buffer.from(key).toString('hex')];
}

const ask = (key: string, body: unknown) =>
  fetch(`http://127.0.0.1:${telling.port}/access/v1/evaluation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });

/** Every row of every table, as text. */
async function everythingKept(): Promise<Map<string, string>> {
  const tables = await api.db.query<{ name: string }>(
    'superuser',
    `select oid::regclass::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  const kept = new Map<string, string>();
  for (const { name } of tables) {
    const rows = await api.db.query<{ row: string }>('superuser', `select t::text as row from ${name} t`);
    kept.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return kept;
}

test('a key is nowhere in the database: its hash is, in one place', async () => {
  const key = await api.key({ name: 'kept' });
  expect((await ask(key, question(api.world.acmeKey))).status).toBe(200);
  const kept = await everythingKept();
  const hash = createHash('sha256').update(key).digest('hex');
  expect([...kept].filter(([, rows]) => rows.includes(hash)).map(([name]) => name)).toEqual(['api_keys']);
  for (const [name, rows] of kept) for (const form of writtenAs(key)) expect(rows, name).not.toContain(form);
});

test('a key is in no error and in no answer, whatever goes wrong', async () => {
  const key = await api.key({ name: 'unlucky' });
  const said: string[] = [];
  const note = async (response: Response) => said.push(inspect([...response.headers]), await response.text());
  await note(await ask(key, { subject: key }));
  await note(await ask(key.replace(/.$/, ''), question(api.world.acmeKey)));
  for (const table of ['api_keys', 'policy_epochs']) {
    await api.db.query('superuser', `alter table ${table} rename to mislaid`);
    await note(await ask(key, question(api.world.acmeKey)));
    await api.db.query('superuser', `alter table mislaid rename to ${table}`);
  }
  expect(errors.length).toBeGreaterThanOrEqual(2);
  for (const line of [...errors, ...said]) for (const form of writtenAs(key)) expect(line).not.toContain(form);
});
