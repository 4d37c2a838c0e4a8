import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant } from '../support/builders.ts';
import { auditKey, entriesIn, type Page, pagesOf, problemIn } from './audit.ts';

let api: TestApi;
let key: string;
let bound: string;
beforeAll(async () => {
  api = await startTestApi();
  await activeGrant(api.session, api.world);
  key = await auditKey(api, { name: 'siem' });
  bound = await auditKey(api, { name: 'siem-acme', tenants: [api.world.acmeKey] });
  await addRows(30);
});
afterAll(() => api.stop());

/** Rows of each tenant by turns, and of none. */
const addRows = (count: number) =>
  api.db.query(
    'superuser',
    `insert into audit_events (action, actor, tenant_id, request_id, details)
     select case n % 5 when 0 then 'access.denied' else 'tenant.updated' end, case n % 2 when 0 then 'key:reader' else 'system:configuration' end,
            case n % 3 when 0 then $1::uuid when 1 then $2::uuid end, 'filler ' || n, jsonb_build_object('n', n)
       from generate_series(1, $3) n`,
    [api.world.acme, api.world.globex, count],
  );
const rowsOf = (where = 'true') =>
  api.db.query<{ id: string; entry: string }>(
    'superuser',
    `select id::text, entry from audit_events where ${where} order by audit_events.id`,
  );
const get = (query: string, by = key, headers: Record<string, string> = {}) =>
  api.get(`/v1/audit${query}`, by, headers);
const page = async (query: string, by = key) => (await (await get(query, by)).json()) as Page;

describe('a page', () => {
  test('has the oldest rows first, each with its exact text, and a cursor', async () => {
    const before = await rowsOf();
    const { data, next } = await page('?limit=5');
    expect(data.map(({ id, entry }) => ({ id, entry }))).toEqual(before.slice(0, 5));
    expect(data[0]).toMatchObject({ action: expect.any(String), actor: expect.any(String), at: expect.any(String) });
    expect(next).toMatch(/^[\w-]+$/);
  });

  test('is followed by the next until all are read once, and then by those that come later', async () => {
    const { rows, next } = await pagesOf(api, key, '?limit=7');
    const all = (await rowsOf()).map(({ id }) => id);
    expect(rows.map(({ id }) => id)).toEqual(all.slice(0, rows.length));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const nothing = await page(`?cursor=${next}`);
    expect(nothing.data.every(({ action }) => action === 'audit.viewed')).toBe(true);
    const [late] = await api.db.query<{ id: string }>(
      'superuser',
      `insert into audit_events (action, actor, request_id, details) values ('digest.sent', 'system:clock', 'late', '{}') returning id::text`,
    );
    const later = await page(`?cursor=${nothing.next}`);
    expect(later.data.map(({ id }) => id)).toContain(late?.id);
  });

  test('ends with no cursor where its window is long over', async () => {
    const before = await api.db.clock.now();
    await api.db.clock.advance(10 * 60_000);
    const { next, rows } = await pagesOf(api, key, `?to=${before.toISOString()}`);
    expect(next).toBeNull();
    expect(rows.length).toBeGreaterThan(30);
  });

  test('stops before a row that another one still on its way will come before', async () => {
    const session = await api.db.session('superuser');
    await session.query('begin');
    const {
      rows: [held],
    } = await session.query<{ id: string }>(
      `insert into audit_events (action, actor, request_id, details) values ('digest.sent', 'system:clock', 'held', '{}') returning id::text`,
    );
    const { next } = await pagesOf(api, key, '?limit=1000');
    await addRows(3);
    const early = await page(`?cursor=${next}`);
    expect(early.data.filter(({ id }) => Number(id) > Number(held?.id))).toEqual([]);
    await session.query('commit');
    const { rows } = await pagesOf(api, key, `?cursor=${early.next}`);
    expect(rows.map(({ id }) => id)).toContain(held?.id);
  });

  test.each([
    ['action=access.denied', `action = 'access.denied'`],
    ['action=denied', `action like '%.denied'`],
    ['action=tenant', `action like 'tenant.%'`],
    ['person=key:reader', `actor = 'key:reader'`],
    ['kind=break_glass', `(action like 'break\\_glass.%' or grant_id is not null)`],
  ])('has only what is asked for: %s', async (query, where) => {
    const { rows } = await pagesOf(api, key, `?from=2020-01-01&${query}`);
    expect(rows.map(({ id }) => id)).toEqual((await rowsOf(where)).map(({ id }) => id));
  });

  test('of a tenant has its rows and no other', async () => {
    const { rows } = await pagesOf(api, key, `?tenant=${api.world.globexKey}`);
    const own = (await rowsOf(`tenant_id = '${api.world.globex}'`)).map(({ id }) => id);
    expect(rows.map(({ id }) => id)).toEqual(own.slice(0, rows.length));
    expect(new Set(rows.map(({ tenant }) => tenant))).toEqual(new Set([api.world.globexKey]));
  });

  test('is on record, as a look of the key', async () => {
    await page('?limit=3&from=2020-01-01&action=access.denied');
    const [row] = await api.db.query<{ actor: string; details: object }>(
      'superuser',
      `select actor, details from audit_events where action = 'audit.viewed' order by id desc limit 1`,
    );
    expect(row).toMatchObject({
      actor: 'key:siem',
      details: { action: 'access.denied', rows: 3, before: null, after: null },
    });
  });
});

describe('everything at once', () => {
  test('as NDJSON is a row a line, with its exact text', async () => {
    const response = await get('?format=ndjson&to=2030-01-01');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const rows = entriesIn(await response.text());
    expect(rows.map(({ id, entry }) => ({ id, entry }))).toEqual((await rowsOf()).slice(0, rows.length));
    expect(rows.length).toBeGreaterThan(40);
  });

  test('as CSV is read by another parser, with a line of names', async () => {
    const response = await get('', key, { accept: 'text/csv' });
    expect(response.headers.get('content-type')).toContain('text/csv');
    const rows: Record<string, string>[] = parse(await response.text(), { columns: true, record_delimiter: '\r\n' });
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'id',
      'at',
      'action',
      'actor',
      'tenant',
      'grant',
      'scope',
      'requester',
      'request_id',
      'details',
    ]);
    expect(rows.map(({ id }) => id)).toEqual((await rowsOf()).map(({ id }) => id).slice(0, rows.length));
  });

  test('as OCSF is an event a line', async () => {
    const text = await (await get('?format=ocsf')).text();
    const events: Record<string, unknown>[] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(40);
    expect(events.every(({ class_uid, raw_data }) => class_uid !== undefined && raw_data !== undefined)).toBe(true);
  });

  test('begins behind a cursor where one is given', async () => {
    const { data, next } = await page('?limit=10');
    const rest = entriesIn(await (await get(`?format=ndjson&cursor=${next}`)).text());
    expect(Number(rest[0]?.id)).toBeGreaterThan(Number(data.at(-1)?.id));
  });

  test('is on record before it begins, and with its end', async () => {
    const rows = entriesIn(await (await get('?format=ndjson')).text());
    const records = await api.db.query<{ action: string; actor: string; details: object }>(
      'superuser',
      `select action, actor, details from audit_events where action like 'audit.export%' order by id desc limit 2`,
    );
    expect(records).toMatchObject([
      { action: 'audit.export_ended', actor: 'key:siem', details: { rows: rows.length, complete: true } },
      { action: 'audit.exported', actor: 'key:siem', details: { format: 'ndjson', rows: null } },
    ]);
  });

  test('that could not be put on record does not begin', async () => {
    await api.db.query(
      'owner',
      `create function no_export() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
       create trigger no_export before insert on audit_events for each row when (new.action like 'audit.%') execute function no_export()`,
    );
    for (const query of ['', '?format=csv']) {
      const response = await get(query);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('tenant.updated');
    }
    await api.db.query('owner', 'drop function no_export() cascade');
  });
});

describe('is refused', () => {
  test.each([
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?limit=ten', 'limit'],
    ['?cursor=bm90aGluZw', 'cursor'],
    ['?cursor=1', 'cursor'],
    ['?from=yesterday', 'from'],
    ['?to=2026-02-30', 'to'],
    ['?kind=emergency&from=2020-01-01', 'kind'],
    ['?action=exploded&from=2020-01-01', 'action'],
    ['?person=olivia&from=2020-01-01', 'person'],
    ['?person=key:reader', 'from: is needed'],
    ['?action=access', 'from: is needed'],
    ['?kind=break_glass', 'from: is needed'],
    ['?tennant=acme', 'tennant: there is no such parameter'],
    ['?tenant=acme&tenant=globex', 'tenant'],
    ['?format=xml', 'format'],
    ['?format=csv&limit=5', 'limit'],
  ])('%s, saying what is wrong with it', async (query, words) => {
    const { status, detail } = await problemIn(await get(query));
    expect(status).toBe(400);
    expect(detail).toContain(words);
  });

  test('a type that there is not', async () => {
    expect((await problemIn(await get('', key, { accept: 'application/xml' }))).status).toBe(406);
    expect((await get('', key, { accept: 'text/html, application/json;q=0.5' })).status).toBe(200);
    expect((await get('', key, { accept: '*/*' })).headers.get('content-type')).toContain('application/json');
  });

  test('a key of a service, on record', async () => {
    const service = await api.key({ name: 'curious' });
    expect(await problemIn(await get('', service))).toMatchObject({ status: 403, refusal: 'wrong_role' });
    const [row] = await api.db.query(
      'superuser',
      `select actor, details from audit_events where action = 'access.refused' order by id desc limit 1`,
    );
    expect(row).toMatchObject({ actor: 'key:curious', details: { refusal: 'wrong_role', verb: 'audit' } });
  });

  test('a key of an auditor that asks whether somebody has access', async () => {
    const body = JSON.stringify({});
    for (const path of ['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action']) {
      const response = await api.post(`/access/v1/${path}`, key, body);
      expect(response.status).toBe(403);
      expect(await response.text()).toBe('This needs the role service.');
    }
  });

  test('nobody’s key, a wrong one and a revoked one, all the same', async () => {
    const answers = await Promise.all(
      ['', `bgk_${'A'.repeat(43)}`].map(async (each) => problemIn(await get('', each))),
    );
    expect(answers).toMatchObject(answers.map(() => ({ status: 401, title: 'Unauthorized' })));
    expect((await get('', '')).headers.get('www-authenticate')).toBe('Bearer realm="breakglass"');
  });

  test('whatever else is asked of it', async () => {
    const head = await fetch(`${api.url}/v1/audit`, { method: 'HEAD', headers: { authorization: `Bearer ${key}` } });
    expect(head.status).toBe(404);
    expect((await problemIn(await api.get('/v1/nothing', key))).status).toBe(404);
  });
});

describe('a key that is bound to a tenant', () => {
  test('sees its rows alone, in every format', async () => {
    const { rows } = await pagesOf(api, bound, '?limit=10');
    const own = (await rowsOf(`tenant_id = '${api.world.acme}'`)).map(({ id }) => id);
    expect(rows.map(({ id }) => id)).toEqual(own.slice(0, rows.length));
    for (const format of ['ndjson', 'csv', 'ocsf']) {
      const text = await (await get(`?format=${format}`, bound)).text();
      expect(text).toContain(api.world.acmeKey);
      expect(text).not.toContain(api.world.globexKey);
      expect(text).not.toContain(api.world.globex);
    }
  });

  test('to two sees those of both, and none of no tenant', async () => {
    const both = await auditKey(api, { name: 'siem-both', tenants: [api.world.acmeKey, api.world.globexKey] });
    const { rows } = await pagesOf(api, both, '?limit=1000');
    expect(new Set(rows.map(({ tenant }) => tenant))).toEqual(new Set([api.world.acmeKey, api.world.globexKey]));
  });
});

test('a database that does not let anybody read is an outage, not a defect: come back later', async () => {
  const holder = await api.db.session('superuser');
  await holder.query('begin; lock table audit_events in access exclusive mode');
  const answer = await get('?limit=1');
  await holder.query('rollback');
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
});
