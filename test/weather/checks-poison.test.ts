import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask, askTogether } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';

const NEIGHBOURS = 24; // each is asked once more by itself, all within the two seconds that a caller waits
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const about = (id: string) => aboutDocument(OLIVIA, api.world.acmeKey, id);

/** How often each document is on record since a row. */
async function recorded(since: number): Promise<Map<string, number>> {
  const rows = await api.db.query<{ id: string; times: number }>(
    'superuser',
    `select details #>> '{resource,id}' as id, count(*)::int as times from audit_events
      where action like 'access.%' and id > $1 group by 1`,
    [since],
  );
  return new Map(rows.map(({ id, times }) => [id, times]));
}

async function lastRow(): Promise<number> {
  const [row] = await api.db.query<{ last: string }>('superuser', 'select max(id) as last from audit_events');
  return Number(row?.last);
}

/** From now on PostgreSQL refuses each row about this document, with this SQLSTATE. */
async function poison(id: string, state: string): Promise<void> {
  await api.db.query('owner', 'drop trigger if exists poison on audit_events');
  await api.db.query(
    'owner',
    `create or replace function poison() returns trigger language plpgsql as $$ begin
       raise exception using errcode = '${state}', message = 'not this one'; end $$`,
  );
  await api.db.query(
    'owner',
    `create trigger poison before insert on audit_events for each row
       when (new.details #>> '{resource,id}' = '${id}') execute function poison()`,
  );
}

describe.each([
  ['P0001', 'a trigger'],
  ['22003', 'data'],
  ['23514', 'a constraint'],
  ['40001', 'a race'],
])('a question whose record PostgreSQL refuses (%s, %s)', (state) => {
  let since: number;
  const documents = Array.from({ length: NEIGHBOURS }, (_, i) => `doc-${i}`);
  /** In the middle of those with whom it shares a statement. */
  const everything = documents.toSpliced(NEIGHBOURS / 3, 0, 'poisonous');
  beforeEach(async () => {
    await poison('poisonous', state);
    since = await lastRow();
  });

  test('gets no answer, and fails none of those who ask at the same time; each of them is on record once', async () => {
    const heard = await Promise.all(everything.map((id) => ask(api.url, key, about(id))));
    const [poisoned] = heard.splice(everything.indexOf('poisonous'), 1);
    expect(poisoned).toMatchObject({ status: 503, decision: null, retryAfter: '1' });
    expect(heard.filter(({ decision }) => decision !== true)).toEqual([]);
    expect(await recorded(since)).toEqual(new Map(documents.map((id) => [id, 1])));
  });

  test('is a no with an error among the others of its request; each of them is on record once', async () => {
    const { decisions } = await askTogether(api.url, key, everything.map(about));
    expect(decisions).toHaveLength(NEIGHBOURS + 1);
    const [poisoned] = decisions.splice(everything.indexOf('poisonous'), 1);
    expect(poisoned).toMatchObject({ decision: false, context: { error: { status: 503 } } });
    expect(decisions.filter(({ decision }) => !decision)).toEqual([]);
    expect(await recorded(since)).toEqual(new Map(documents.map((id) => [id, 1])));
  });
});
