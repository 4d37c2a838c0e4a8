import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import {
  AccessRefused,
  type Caller,
  CheckUnavailable,
  createGuard,
  type PrismaGuardOptions,
} from '../../src/client/index.ts';
import { guardedDatabase, models, olivia, refused } from './guarded-database.ts';
import { allowing, denying, json } from './stub-server.ts';

const at = guardedDatabase();

describe('a transaction', () => {
  test('is guarded within, and undone by a refusal', async () => {
    at.granted.add('tenant.write');
    const work = at.client.$transaction(async (tx) => {
      await tx.tenant.create({ data: { key: 'undone', name: 'Undone' } });
      await tx.tenant.findMany();
    });
    await expect(work).rejects.toEqual(refused('no_grant'));
    expect(await at.bare.tenant.count({ where: { key: 'undone' } })).toBe(0);
  });

  test('goes through with its grants', async () => {
    at.granted.add('tenant.write').add('tenant.read');
    const found = await at.client.$transaction(async (tx) => {
      await tx.tenant.create({ data: { key: 'kept', name: 'Kept' } });
      return tx.tenant.count({ where: { key: 'kept' } });
    });
    expect([found, await at.bare.tenant.count({ where: { key: 'kept' } })]).toEqual([1, 1]);
  });

  test('of a batch makes none of its queries where one is refused', async () => {
    at.granted.add('tenant.write');
    const create = at.client.tenant.create({ data: { key: 'batch', name: 'Batch' } });
    await expect(at.client.$transaction([create, at.client.tenant.findMany()])).rejects.toEqual(refused('no_grant'));
    expect(await at.bare.tenant.count({ where: { key: 'batch' } })).toBe(0);
  });

  test('of a batch is one commit where all are allowed', async () => {
    at.granted.add('tenant.write').add('tenant.read');
    const create = at.client.tenant.create({ data: { key: 'batch', name: 'Batch' } });
    const [created, found] = await at.client.$transaction([
      create,
      at.client.tenant.count({ where: { key: 'batch' } }),
    ]);
    expect([created.key, found]).toEqual(['batch', 1]);
  });
});

describe('whoever asks', () => {
  test.each<[string, Caller | null | undefined]>([
    ['no_subject', null],
    ['no_subject', undefined],
    ['no_subject', { tenant: 'acme', subject: '' }],
    ['no_tenant', { tenant: undefined, subject: 'slack:T:U' }],
  ])('is refused unasked where they are nobody (%s)', async (reason, caller) => {
    await expect(at.guarded({ who: () => caller }).tenant.findMany()).rejects.toEqual(refused(reason));
    expect(at.asked()).toEqual([]);
  });

  test('is looked for in the call’s own context, also within transactions and batches', async () => {
    at.server.answer(allowing);
    const callers = new AsyncLocalStorage<Caller>();
    const db = at.guarded({ who: async () => callers.getStore() });
    await callers.run({ tenant: 'acme', subject: 'slack:T:ONE' }, () => db.$transaction((tx) => tx.tenant.findMany()));
    await callers.run({ tenant: 'acme', subject: 'slack:T:TWO' }, () => db.$transaction([db.tenant.findMany()]));
    expect(at.server.received.map(({ body }) => body.subject)).toMatchObject([
      { id: 'slack:T:ONE' },
      { id: 'slack:T:TWO' },
    ]);
    await expect(db.tenant.findMany()).rejects.toEqual(refused('no_subject'));
  });

  test('is the same for all questions of one query', async () => {
    at.server.answer(allowing);
    let times = 0;
    const db = at.guarded({ who: () => ({ tenant: 'acme', subject: `slack:T:${++times}` }) });
    await db.tenant.findMany({ include: { owners: true } });
    await db.person.findMany();
    expect(at.server.received.map(({ body }) => body.subject)).toMatchObject([
      { id: 'slack:T:1' },
      { id: 'slack:T:1' },
    ]);
    expect(times).toBe(1);
  });

  test('is nobody where looking for them fails', async () => {
    const who = () => Promise.reject(new Error('broken'));
    await expect(at.guarded({ who }).tenant.findMany()).rejects.toThrow('broken');
    expect(at.asked()).toEqual([]);
  });
});

describe('an error', () => {
  test('of a refusal says why, and under which number that is on record', async () => {
    at.server.answer(denying('revoked'));
    const error = await at.client.tenant.findMany().then(String, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AccessRefused);
    expect(error).toMatchObject({ reason: 'revoked', evaluationId: 'e-2', statusCode: 403 });
  });

  test('of an outage is no refusal, and nothing is let through', async () => {
    at.server.answer(json('busy', 503, { 'retry-after': '7' }));
    const error = await at.client.tenant.findMany().then(String, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckUnavailable);
    expect(error).toMatchObject({ why: 'status', retryAfterSeconds: 7, statusCode: 503 });
  });
});

describe('a client is not guarded, with an error at once, where', () => {
  const extension = (more: Partial<PrismaGuardOptions> = {}) =>
    createGuard({ url: at.server.url, key: 'bg_secret' }).prismaExtension({ models, who: () => olivia, ...more });

  test.each([
    ['it has no relations to read', {}],
    ['it is nothing', null],
    ['its relations are not there', { _runtimeDataModel: { models: {} } }],
    ['its relations look different', { _runtimeDataModel: { models: { Tenant: { fields: { id: {} } } } } }],
    ['its fields look different', { _runtimeDataModel: { models: { Tenant: { fields: [{ name: 'id' }] } } } }],
  ])('%s', (_, notOne) => {
    expect(() => extension()(notOne)).toThrow(/expected a generated Prisma client/);
  });

  test('a guarded model is not in the schema', () => {
    expect(() => at.bare.$extends(extension({ models: { Document: models.Tenant } }))).toThrow(/not Document$/);
  });

  test('a guarded model has an action missing', () => {
    expect(() => at.bare.$extends(extension({ models: { Tenant: { read: '', write: 'w' } } }))).toThrow(
      /read and one to write/,
    );
  });
});

test('a guarded client keeps the types of the client it was', async () => {
  at.server.answer(allowing);
  const found: { name: string; owners: { personId: string }[] } | null = await at.client.tenant.findUnique({
    where: { key: 'acme' },
    select: { name: true, owners: { select: { personId: true } } },
  });
  expect(found?.name).toBe('Acme');
  // @ts-expect-error no such field
  await expect(at.client.tenant.findMany({ where: { nonsense: 1 } })).rejects.toThrow();
  // @ts-expect-error no such model
  expect(at.client.nonsense).toBeUndefined();
});

test('extensions of before are kept, with their types', async () => {
  at.server.answer(allowing);
  const guard = createGuard({ url: at.server.url, key: 'bg_secret' });
  const loud = at.bare
    .$extends({ result: { tenant: { loud: { needs: { name: true }, compute: ({ name }) => name.toUpperCase() } } } })
    .$extends(guard.prismaExtension({ models, who: () => olivia }));
  const tenant = await loud.tenant.findUniqueOrThrow({ where: { key: 'acme' } });
  const name: string = tenant.loud;
  expect(name).toBe('ACME');
  expect(at.asked()).toEqual(['tenant.read']);
});
