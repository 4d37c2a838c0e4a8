import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endKey } from '../../src/usecases/api-keys.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant, close, inScope, requestedGrant } from '../support/builders.ts';

let api: TestApi;
let grant = '';
beforeAll(async () => {
  api = await startTestApi();
  grant = await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const lines = { kind: 'log_lines', title: 'Import', content: '10:00 started\n10:01 done' };
const pathOf = (id: string) => `/v1/grants/${id}/attachments`;
const send = (key: string, body: unknown = lines, id = grant, headers = {}) => api.post(pathOf(id), key, body, headers);
const keyOf = (...tenants: ('acmeKey' | 'globexKey')[]) => api.key({ tenants: tenants.map((name) => api.world[name]) });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const kept = async (id: string) =>
  (
    await api.db.query(
      'superuser',
      'select kind, title, links, content, late, added_by as by from attachments where id = $1',
      [id],
    )
  )[0];
interface Receipt {
  id: string;
  bytes: number;
  sha256: string;
  late: boolean;
}
const receiptOf = async (response: Response) => (await response.json()) as Receipt;
/** A problem without what differs between any two. */
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { request_id: _, ...rest } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, ...rest };
};

describe('a service attaches what it knows of a session', () => {
  test('log lines, as they are, with their hash on record under its name', async () => {
    const key = await api.key({ name: 'documents' });
    const response = await send(key);
    const receipt = await receiptOf(response);
    const bytes = Buffer.byteLength(lines.content);
    expect({ status: response.status, receipt }).toEqual({
      status: 201,
      receipt: { id: receipt.id, bytes, sha256: sha256(lines.content), late: false },
    });
    expect(await kept(receipt.id)).toEqual({ ...lines, links: [], late: false, by: 'key:documents' });
    const rows = await api.db.query(
      'superuser',
      "select actor, details->>'sha256' as sha256, details->>'person' as person from audit_events where details->>'attachment' = $1",
      [receipt.id],
    );
    expect(rows).toEqual([{ actor: 'key:documents', sha256: sha256(lines.content), person: null }]);
  });

  test.each([
    ['an object', { id: 7, owner: null, ü: ['a', 1.5, true] }],
    ['a list', [1, 2]],
    ['a text', 'a "row"'],
    ['null', null],
    ['an object with names that mean something to JavaScript', JSON.parse('{"__proto__":{"x":1},"constructor":2}')],
  ])('a snapshot of %s, as JSON without white space', async (_, content) => {
    const response = await send(await api.key(), { kind: 'snapshot_before', title: 'Row 7', content });
    const receipt = await receiptOf(response);
    expect(response.status).toBe(201);
    expect(receipt.sha256).toBe(sha256(JSON.stringify(content)));
    expect(await kept(receipt.id)).toMatchObject({ content: JSON.stringify(content) });
  });

  test('after the end, marked late', async () => {
    const ended = await activeGrant(api.session, api.world, { tenant_id: api.world.globex });
    await inScope(api.session, api.world.globex, () => close(api.session, ended, 'ended'));
    expect(await (await send(await keyOf('globexKey'), lines, ended)).json()).toMatchObject({ late: true });
  });

  test('once, where it says by which name the same request can be recognised', async () => {
    const key = await api.key();
    const again = { 'idempotency-key': 'import-17' };
    const first = await (await send(key, lines, grant, again)).json();
    expect(await (await send(key, lines, grant, again)).json()).toEqual(first);
    const other = await send(key, { ...lines, title: 'Other' }, grant, again);
    expect(await problem(other)).toMatchObject({ status: 409, refusal: 'repeated_with_another_body' });
    // The name is the caller's own.
    expect(await (await send(await api.key(), lines, grant, again)).json()).not.toEqual(first);
    expect((await send(key, lines, grant, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(400);
  });
});

describe('a session that the key is not bound to does not exist', () => {
  test('another tenant’s, an unknown one, and what is no id at all are one identical answer, and on record', async () => {
    const key = await api.key({ name: 'bound', tenants: [api.world.globexKey] });
    const ids = [grant, '00000000-0000-4000-8000-000000000000', 'garbage', grant.toUpperCase(), '%27or%20true--'];
    const answers = [];
    for (const id of ids) answers.push(await problem(await send(key, lines, id)));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, refusal: 'unknown_grant' });
    const refused = await api.db.query(
      'superuser',
      "select 1 from audit_events where action = 'access.refused' and actor = 'key:bound'",
    );
    expect(refused).toHaveLength(ids.length);
  });

  test('and a key that is bound to its tenant, or to none, finds it', async () => {
    for (const key of [await keyOf('acmeKey'), await keyOf('acmeKey', 'globexKey'), await api.key()]) {
      expect((await send(key)).status).toBe(201);
    }
  });
});

describe('is refused, and leaves nothing:', () => {
  const count = async () => (await api.db.query('superuser', 'select 1 from attachments')).length;
  const wrong: [string, unknown, number, string][] = [
    ['no object', '[]', 400, 'Expected a JSON object as the body.'],
    ['another kind', { ...lines, kind: 'video' }, 400, 'kind: expected one of'],
    ['no title', { ...lines, title: undefined }, 400, 'title: expected text'],
    ['an empty title', { ...lines, title: ' ' }, 422, 'title: expected 1 to 200 characters'],
    ['log lines that are no text', { ...lines, content: { a: 1 } }, 400, 'content: expected text'],
    ['no content', { kind: 'snapshot_after', title: 'Row' }, 400, 'content: is missing'],
    ['a text that can not be kept', { ...lines, content: 'a\0b' }, 422, 'expected text without NUL'],
    ['a link to elsewhere than the web', { ...lines, links: ['javascript:alert(1)'] }, 422, 'links: expected 10'],
    ['more than 256 kB', { ...lines, content: 'x'.repeat(262_145) }, 413, 'expected 262144 bytes or fewer'],
    ['a body of more than a megabyte', { ...lines, content: 'x'.repeat(1_100_000) }, 413, 'a body of 1024 kB or less'],
    [
      'a whole number that would be kept as another one',
      '{"kind":"snapshot_after","title":"Row","content":{"id":9007199254740993}}',
      400,
      'expected numbers beyond 2^53 as text',
    ],
    [
      'a number that would be kept as none',
      '{"kind":"snapshot_after","title":"Row","content":{"id":1e400}}',
      400,
      'expected numbers beyond 2^53 as text',
    ],
    [
      'JSON that is nested without end',
      `{"kind":"snapshot_after","title":"Row","content":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      400,
      'nested thousands of levels deep',
    ],
  ];
  test.each(wrong)('%s', async (_, body, status, detail) => {
    const before = await count();
    expect(await problem(await send(await api.key(), body))).toMatchObject({
      status,
      detail: expect.stringContaining(detail),
    });
    expect(await count()).toBe(before);
  });

  test('a request that was never active', async () => {
    const waits = await requestedGrant(api.session, api.world, { scope: 'reenable_admin' });
    expect(await problem(await send(await api.key(), lines, waits))).toMatchObject({
      status: 409,
      refusal: 'never_active',
    });
  });

  test('a key of another role, and a key that was revoked', async () => {
    const auditor = await api.key({ role: 'auditor' });
    expect(await problem(await send(auditor))).toMatchObject({ status: 403, refusal: 'wrong_role' });
    const key = await api.key({ name: 'gone' });
    await endKey(api.context.db, 'gone', 'system:test', 'a-test');
    expect((await send(key)).status).toBe(401);
  });
});

test('as much as is kept fits the body, however it is written as JSON', async () => {
  const content = '\u{1F692}'.repeat(65_536);
  const escaped = `{"kind":"log_lines","title":"Full","content":"${'\\ud83d\\ude92'.repeat(65_536)}"}`;
  const response = await send(await api.key(), escaped);
  expect(await response.json()).toMatchObject({ bytes: 262_144, sha256: sha256(content) });
});
