import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, type GrantChange, noteChange, openDatabase } from '../../src/store/database.ts';
import { aGrant } from '../domain/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
let store: Database;
let told: string[] = [];
const change: GrantChange = { before: null, after: aGrant(), events: [] };

beforeAll(async () => {
  db = await testDatabase();
  store = openDatabase({
    url: db.url('app'),
    changing: () => {
      told.push('written');
      return () => void told.push('committed');
    },
  });
});
afterAll(async () => {
  await store.close();
  await db.drop();
});
beforeEach(() => {
  told = [];
});

test('what is committed is told, when it is', async () => {
  await store.acrossTenants('a test', async (tx) => {
    noteChange(tx, change);
    expect(told).toEqual(['written']);
  });
  expect(told).toEqual(['written', 'committed']);
});

test('what is undone is not', async () => {
  const undone = store.acrossTenants('a test', async (tx) => {
    noteChange(tx, change);
    throw new Error('never mind');
  });
  await expect(undone).rejects.toThrow('never mind');
  expect(told).toEqual(['written']);
});

test('what is tried again counts once', async () => {
  let tries = 0;
  await store.acrossTenants('a test', async (tx) => {
    tries += 1;
    noteChange(tx, change);
    if (tries === 1) await tx.$executeRaw`do $$ begin raise exception using errcode = '40001'; end $$`;
  });
  expect(tries).toBe(2);
  expect(told).toEqual(['written', 'written', 'committed']);
});
