import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { across, aWorld, clockOf, inScope, type World } from '../support/builders.ts';
import { type Role, type TestDatabase, testDatabase } from '../support/database.ts';
import { type AuditColumns, canonicalEntry } from './canonical.ts';

let db: TestDatabase;
let app: pg.Client;
let world: World;
beforeAll(async () => {
  db = await testDatabase();
  app = await db.session('app');
});
beforeEach(async () => {
  world = await aWorld(app);
});
afterAll(() => db.drop());

const written = { action: 'access.refused', actor: 'slack:T0HOME:U0SAM', request_id: 'work-1', details: {} };

/** Writes a row within the tenant's scope and reads it back as it stands. */
async function write(overrides: Partial<AuditColumns> & { entry?: string } = {}, session = app) {
  const row = { ...written, tenant_id: world.acme, ...overrides };
  const columns = Object.keys(row);
  await inScope(session, world.acme, () =>
    session.query(
      `insert into audit_events (${columns}) values (${columns.map((_, i) => `$${i + 1}`)})`,
      Object.values(row),
    ),
  );
  const [read] = await db.query<AuditColumns & { entry: string; micros: string }>(
    'superuser',
    `select *, id::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as micros
       from audit_events order by audit_events.id desc limit 1`,
  );
  if (!read) throw new Error('There is no audit row.');
  return read;
}

describe('history stays', () => {
  const doors: { who: string; role: Role; enter: (session: pg.Client) => typeof inScope }[] = [
    { who: 'the application', role: 'app', enter: () => inScope },
    { who: 'the application across tenants', role: 'app', enter: () => (session, _, work) => across(session, work) },
    { who: 'the owner of the tables', role: 'owner', enter: () => inScope },
    { who: 'a superuser', role: 'superuser', enter: () => inScope },
  ];
  const changes = [
    "update audit_events set details = '{}'",
    "update audit_events set entry = '' where false",
    'delete from audit_events',
    'truncate audit_events',
    'truncate audit_events restart identity cascade',
    `insert into audit_events (id, action, actor, request_id, details)
       select id, action, actor, request_id, details from audit_events on conflict (id) do update set actor = 'nobody'`,
  ];

  for (const { who, role, enter } of doors) {
    test.each(changes)(`${who} does not get through with: %s`, async (change) => {
      const before = await write();
      const session = await db.session(role);
      const attempt = enter(session)(session, world.acme, () => session.query(change));
      await expect(attempt).rejects.toThrow(/permission denied|never changed or removed/);
      const [after] = await db.query('superuser', 'select entry from audit_events where id = $1', [before.id]);
      expect(after).toEqual({ entry: before.entry });
    });
  }

  test('an update that finds no row in its scope is refused as loudly', async () => {
    const owner = await db.session('owner');
    await expect(owner.query("update audit_events set actor = 'nobody'")).rejects.toThrow(/never changed or removed/);
  });
});

describe('the text of an entry', () => {
  test('is built by the database, whatever text or time its writer supplies', async () => {
    const owner = await db.session('owner');
    const forged = { entry: '{"v":1,"action":"forged"}' };
    for (const session of [app, owner]) {
      const read = await write({ ...forged, ...(session === owner && { at: new Date(0) }) }, session);
      expect(read.entry).toBe(canonicalEntry(read));
      const now = await clockOf(owner);
      expect(Math.abs(now.getTime() - new Date(read.at).getTime())).toBeLessThan(60_000);
    }
  });

  test.each(['id', 'at'])('has an %s that the application does not choose', async (column) => {
    const value = column === 'id' ? '999999' : "'2020-01-01Z'";
    const insert = `insert into audit_events (${column}, action, actor, request_id, details) values (${value}, 'a', 'b', 'c', '{}')`;
    await expect(inScope(app, world.acme, () => app.query(insert))).rejects.toThrow(/permission denied/);
    await expect(across(app, () => app.query(insert))).rejects.toThrow(/permission denied/);
  });

  test('has the keys in one order and the time in microseconds of UTC, whatever zone the writer is in', async () => {
    await app.query("set timezone = 'Asia/Kathmandu'; set datestyle = 'German, DMY'; set intervalstyle = 'iso_8601'");
    const read = await write({ details: { due_at: '2026-01-05T09:00:00.000Z', leg: 'owner', n: 1 } });
    await app.query('reset all');
    const tenant = world.acme;
    expect(read.entry).toBe(
      `{"v":1,"id":${read.id},"at":"${read.micros}","action":"access.refused","actor":"slack:T0HOME:U0SAM",` +
        `"tenant":"${tenant}","grant":null,"request_id":"work-1",` +
        `"details":{"n": 1, "leg": "owner", "due_at": "2026-01-05T09:00:00.000Z"}}`,
    );
    expect(read.micros).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  const hostile: [string, string][] = [
    ['quotes and backslashes', `"},"action":"forged",{"\\" \\\\ '`],
    ['line ends and tabs', 'one\ntwo\r\nthree\tfour\u2028five\u2029six\u0085'],
    ['control characters', '\u0001\u0008\u000b\u000c\u001b[31m\u001f\u007f'],
    ['other scripts', 'Zażółć gęślą jaźń, 日本語, עברית, \u202eright to left\u202c, e\u0301'],
    ['emoji', '🚨👩‍👩‍👧🏴󠁧󠁢󠁥󠁮󠁧󠁿\u{10FFFF}'],
    ['markup', '<script>&amp;</script> <!channel> <@U0SAM> $& %s {{}}'],
    ['what looks like an escape', '\\u0000 \\n \\"'],
  ];
  test.each(hostile)('carries %s as typed, in every field', async (_, text) => {
    const grant = randomUUID();
    const details = { reason: text, [text]: [text, { deeper: text }], empty: '', none: null, list: [], bag: {} };
    const read = await write({ action: text, actor: text, request_id: text, grant_id: grant, details });
    expect(read.entry).toBe(canonicalEntry(read));
    expect(JSON.parse(read.entry)).toEqual({
      v: 1,
      id: Number(read.id),
      at: read.micros,
      action: text,
      actor: text,
      tenant: world.acme,
      grant,
      request_id: text,
      details,
    });
  });

  test('prints details one way, whatever way they came in', async () => {
    const insert = (details: string) =>
      inScope(app, world.acme, () =>
        app.query(`insert into audit_events (action, actor, request_id, details) values ('a', 'b', 'c', $1)`, [
          details,
        ]),
      );
    await insert('{"b":1,"aa":[true,null],"a":"\\u00e9"}');
    await insert('{ "a": "é", "aa": [ true, null ], "b": 2, "b": 1 }');
    const rows = await db.query<{ details: string }>(
      'superuser',
      `select substring(entry from '"details":.*') as details from audit_events order by id desc limit 2`,
    );
    expect(new Set(rows.map(({ details }) => details))).toEqual(
      new Set(['"details":{"a": "é", "b": 1, "aa": [true, null]}}']),
    );
  });

  test('is refused where details are not an object', async () => {
    for (const details of ['[]', '"text"', '1', 'null']) {
      const insert = inScope(app, world.acme, () =>
        app.query(`insert into audit_events (action, actor, request_id, details) values ('a', 'b', 'c', $1)`, [
          details,
        ]),
      );
      await expect(insert, details).rejects.toThrow(/details_are_an_object/);
    }
  });
});

describe('whose history it is', () => {
  test('a row within a tenant names no other tenant', async () => {
    await expect(write({ tenant_id: world.globex })).rejects.toThrow(/row-level security/);
  });

  test('a row about a grant names its tenant', async () => {
    await expect(write({ tenant_id: null, grant_id: randomUUID() })).rejects.toThrow(/grant_rows_name_their_tenant/);
  });

  test('a row of no tenant is read across tenants only', async () => {
    const { id } = await write({ tenant_id: null });
    const look = async () => (await app.query('select from audit_events where id = $1', [id])).rowCount;
    expect(await inScope(app, world.acme, look)).toBe(0);
    expect(await across(app, look)).toBe(1);
  });
});
