import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { endKey } from '../../src/usecases/api-keys.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { auditKey, entriesIn, problemIn } from './audit.ts';

const ROWS = 20_000;
/** A row this long fills the buffers between us and a reader who does not read long before the last one. */
const LONG = 2_000;

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await auditKey(api, { name: 'siem' });
  await api.db.query(
    'superuser',
    `insert into audit_events (action, actor, request_id, details)
     select 'access.searched', 'key:reader', 'filler', jsonb_build_object('text', repeat('x', $2)) from generate_series(1, $1) n`,
    [ROWS, LONG],
  );
});
afterAll(() => api.stop());

/** Opens the answer and reads nothing of it yet. */
async function opened(by: string, query = '?format=ndjson'): Promise<IncomingMessage> {
  const request = get(`${api.url}/v1/audit${query}`, { headers: { authorization: `Bearer ${by}` }, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.pause();
}

const endOf = async (actor: string) => {
  const [row] = await api.db.query<{ details: { rows: number; complete: boolean } }>(
    'superuser',
    `select details from audit_events where action = 'audit.export_ended' and actor = $1 order by id desc limit 1`,
    [actor],
  );
  return row?.details;
};

/** The database tells when rows were read: nothing is slept for. */
async function untilEnded(actor: string): Promise<{ rows: number; complete: boolean }> {
  for (;;) {
    const end = await endOf(actor);
    if (end) return end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

describe('an export', () => {
  test('waits for who reads slowly, and holds a part of it in the meantime', async () => {
    const by = await auditKey(api, { name: 'slow' });
    const response = await opened(by);
    // Another one reads all of it, and this one has still not come to its end.
    await textOf((await opened(key)).resume());
    expect(await endOf('key:slow')).toBeUndefined();
    const rows = entriesIn(await textOf(response));
    expect(rows.filter(({ action }) => action === 'access.searched')).toHaveLength(ROWS);
    expect(await untilEnded('key:slow')).toMatchObject({ complete: true });
  });

  test('ends when its reader goes, and that is on record with how far it came', async () => {
    const by = await auditKey(api, { name: 'gone' });
    const response = await opened(by);
    response.destroy();
    const { rows, complete } = await untilEnded('key:gone');
    expect(complete).toBe(false);
    expect(rows).toBeLessThan(ROWS);
  });

  test('breaks off where its key is revoked, so that nobody takes a part for the whole', async () => {
    const by = await auditKey(api, { name: 'revoked' });
    const response = await opened(by);
    const database = openDatabase({ url: api.db.url('app'), connections: 1 });
    await endKey(database, 'revoked', 'system:test', 'a-test');
    await database.close();
    await expect(textOf(response)).rejects.toThrow();
    expect(await untilEnded('key:revoked')).toMatchObject({ complete: false });
    expect((await api.get('/v1/audit', by)).status).toBe(401);
  });

  test('is one of four at once; a fifth is told when to come back, and a page is not', async () => {
    const open = await Promise.all([1, 2, 3, 4].map(() => opened(key)));
    const fifth = await api.get('/v1/audit?format=csv', key);
    expect(fifth.headers.get('retry-after')).toBe('10');
    expect((await problemIn(fifth)).status).toBe(503);
    expect((await api.get('/v1/audit?limit=1', key)).status).toBe(200);
    await Promise.all(open.map(textOf));
    expect((await api.get('/v1/audit?format=ndjson&from=2040-01-01', key)).status).toBe(200);
  });
});
