import { describe, expect, test } from 'vitest';
import { createGuard, type PrismaGuardOptions } from '../../src/client/index.ts';
import { Prisma } from '../../src/store/generated/client.ts';
import { type Client, guardedDatabase, olivia, refused } from './guarded-database.ts';
import { allowing } from './stub-server.ts';

const at = guardedDatabase();

describe('SQL', () => {
  const sql: [string, (client: Client) => PromiseLike<unknown>][] = [
    ['$queryRaw', (db) => db.$queryRaw`select 1`],
    ['$queryRaw of parts', (db) => db.$queryRaw(Prisma.sql`select ${1}::int`)],
    ['$queryRawUnsafe', (db) => db.$queryRawUnsafe('select 1')],
    ['$executeRaw', (db) => db.$executeRaw`select 1`],
    ['$executeRawUnsafe', (db) => db.$executeRawUnsafe('select 1')],
    ['$queryRaw in a transaction', (db) => db.$transaction((tx) => tx.$queryRaw`select 1`)],
    ['$queryRaw in a batch', (db) => db.$transaction([db.$queryRaw`select 1`])],
  ];
  test.each(sql)('is refused, whatever the grants: %s', async (_, run) => {
    at.server.answer(allowing);
    await expect(run(at.client)).rejects.toEqual(refused('raw_query'));
    expect(at.asked()).toEqual([]);
  });

  test.each(sql)('goes unchecked only where the service says so: %s', async (_, run) => {
    await run(at.guarded({ raw: 'allow' }));
    expect(at.asked()).toEqual([]);
  });
});

describe('what other databases’ clients can do past their models', () => {
  interface Query {
    model?: string;
    operation: string;
    args: unknown;
    query: (args: unknown) => Promise<unknown>;
  }
  /** Makes a query the way a client hands it to its extensions. */
  const query = (more: Partial<PrismaGuardOptions>, model: string | undefined, operation: string): Promise<unknown> => {
    let handle: (query: Query) => Promise<unknown> = () => Promise.reject(new Error('not extended'));
    const made = {
      _runtimeDataModel: { models: { Note: { fields: [] }, Tag: { fields: [] } } },
      $extends: (extension: { query: { $allOperations: typeof handle } }) => {
        handle = (each) => extension.query.$allOperations(each);
      },
    };
    const guard = createGuard({ url: at.server.url, key: 'bg_secret' });
    guard.prismaExtension({ models: { Note: { read: 'r', write: 'w' } }, who: () => olivia, ...more })(made);
    return handle({ ...(model ? { model } : {}), operation, args: {}, query: async () => 'made' });
  };

  test.each([
    [undefined, '$queryRawTyped'],
    [undefined, '$runCommandRaw'],
    [undefined, '$whateverComesNext'],
    ['Tag', 'findRaw'],
    ['Tag', 'aggregateRaw'],
    ['Note', 'findRaw'],
  ])('is refused as SQL is: %s %s', async (model, operation) => {
    at.server.answer(allowing);
    await expect(query({}, model, operation)).rejects.toEqual(refused('raw_query'));
  });

  test('is let through with it, and still asked about where it names a guarded model', async () => {
    at.server.answer(allowing);
    expect(await query({ raw: 'allow' }, undefined, '$runCommandRaw')).toBe('made');
    expect(await query({ raw: 'allow' }, 'Tag', 'findRaw')).toBe('made');
    expect(at.asked()).toEqual([]);
    expect(await query({ raw: 'allow' }, 'Note', 'aggregateRaw')).toBe('made');
    expect(at.asked()).toEqual(['r']);
  });

  test('and an operation nobody knows yet is a write', async () => {
    at.server.answer(allowing);
    expect(await query({}, 'Note', 'renameAll')).toBe('made');
    expect(at.asked()).toEqual(['w']);
  });
});
