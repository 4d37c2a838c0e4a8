import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { commands } from './command.ts';
import { password } from './databases.ts';

const { cli } = commands();
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const notices = (...words: string[]) => cli(['notices', ...words], { DATABASE_URL: db.url('app') });

async function aDeadNotice(destination: string, error: string): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    'superuser',
    `insert into outbox (destination, kind, payload, request_id, state, settled_at, last_error)
     values ($1, 'digest', '{}', 'test', 'dead', '2026-11-20T09:12:34Z', $2) returning id::text`,
    [destination, error],
  );
  return row?.id ?? '';
}
const stateOf = async (id: string) =>
  (await db.query('superuser', 'select state::text from outbox where id = $1', [id]))[0]?.state;

describe('notices dead', () => {
  test('says so where none is, then a line each: number, since when, where, what and why', async () => {
    expect(await notices('dead')).toMatchObject({ code: 0, out: ['No notice is dead.'], err: [] });
    const id = await aDeadNotice('C0ACME', 'not_in_channel\n\u001b[2J\u202ednuof\u2028again\u2029later');
    const { code, out, err } = await notices('dead');
    expect({ code, out, err }).toEqual({
      code: 0,
      out: [`${id.padEnd(8)}2026-11-20 09:12 UTC  C0ACME       digest          not_in_channel [2J dnuof again later`],
      err: [],
    });
  });
});

describe('notices requeue', () => {
  test('sends those that are named again, and names those it can not', async () => {
    const id = await aDeadNotice('C0GLOBEX', 'is_archived');
    const first = await notices('requeue', id);
    expect(first).toMatchObject({
      code: 0,
      out: [`Notice ${id} is sent to C0GLOBEX again, marked as late.`],
    });
    expect(await stateOf(id)).toBe('waiting');
    const second = await notices('requeue', id, '99999999');
    expect(second).toMatchObject({
      code: 1,
      out: [`Notice ${id} is not dead: nothing to send again.`, 'Notice 99999999 is not dead: nothing to send again.'],
    });
  });

  test('sends all with --all, and says when there is none', async () => {
    const id = await aDeadNotice('C0ACME', 'is_archived');
    const { code, out } = await notices('requeue', '--all');
    expect(code).toBe(0);
    expect(out).toContain(`Notice ${id} is sent to C0ACME again, marked as late.`);
    expect(await notices('requeue', '--all')).toMatchObject({ code: 0, out: ['No notice is dead.'] });
  });

  test.each([
    { words: [], why: 'notices requeue needs numbers, or --all.' },
    { words: ['1', '--all'], why: 'notices requeue needs numbers, or --all.' },
    { words: ['all'], why: 'notices requeue needs the numbers that "notices dead" shows.' },
    { words: ['1; drop table outbox'], why: 'notices requeue needs the numbers that "notices dead" shows.' },
    { words: ['--every'], why: "Unknown option '--every'" },
  ])('$words is no way to say which', async ({ words, why }) => {
    const { code, out, err } = await notices('requeue', ...words);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err[0]).toContain(why);
  });
});

test.each([['dead'], ['requeue', '--all']])('notices %s %s needs the database that the bots use', async (...words) => {
  expect(await cli(['notices', ...words.filter(Boolean)], {})).toMatchObject({
    code: 78,
    out: [],
    err: ['DATABASE_URL: expected the database that the bots use.'],
  });
});

test('a database that can’t be reached is said in a line, without its password', async () => {
  const { code, out, err } = await cli(['notices', 'dead'], {
    DATABASE_URL: `postgresql://breakglass_app:${password()}@127.0.0.1:1/nothing`,
  });
  expect({ code, out }).toEqual({ code: 1, out: [] });
  expect(err.length).toBe(1);
  expect(err[0]).not.toContain(password());
});
