import { describe, expect, test } from 'vitest';
import { type Client, guardedDatabase, olivia, refused } from './guarded-database.ts';

const at = guardedDatabase();

/** Queries, and every action they need, in order. */
const queries: [string, string[], (client: Client) => PromiseLike<unknown>][] = [
  ['rows', ['tenant.read'], (db) => db.tenant.findMany()],
  ['one row', ['tenant.read'], (db) => db.tenant.findUnique({ where: { key: 'acme' } })],
  ['one row or an error', ['tenant.read'], (db) => db.tenant.findFirstOrThrow()],
  ['a count', ['tenant.read'], (db) => db.tenant.count()],
  ['a count by field', ['tenant.read'], (db) => db.tenant.count({ select: { _all: true } })],
  ['an aggregate', ['tenant.read'], (db) => db.tenant.aggregate({ _count: true, _max: { name: true } })],
  ['groups', ['tenant.read'], (db) => db.tenant.groupBy({ by: ['name'], _count: true })],
  ['create', ['tenant.write'], (db) => db.tenant.create({ data: { key: 'one', name: 'One' } })],
  ['create many', ['tenant.write'], (db) => db.tenant.createMany({ data: [{ key: 'two', name: 'Two' }] })],
  ['create and return', ['tenant.write'], (db) => db.tenant.createManyAndReturn({ data: { key: 'three', name: '3' } })],
  ['update', ['tenant.write'], (db) => db.tenant.update({ where: { key: 'acme' }, data: { name: 'Acme Corp' } })],
  ['update many', ['tenant.write'], (db) => db.tenant.updateMany({ where: { key: 'none' }, data: { name: '' } })],
  ['update and return', ['tenant.write'], (db) => db.tenant.updateManyAndReturn({ where: { key: 'none' }, data: {} })],
  [
    'upsert',
    ['tenant.write'],
    (db) => db.tenant.upsert({ where: { key: 'acme' }, create: { key: 'acme', name: '' }, update: {} }),
  ],
  ['delete many', ['owner.write'], (db) => db.owner.deleteMany({ where: { personId: at.ids.other } })],
  ['include of another', ['owner.read', 'tenant.read'], (db) => db.tenant.findMany({ include: { owners: true } })],
  ['include', ['owner.read'], (db) => db.person.findMany({ include: { owns: true } })],
  ['select', ['owner.read'], (db) => db.person.findMany({ select: { owns: { select: { since: true } } } })],
  [
    'include of an include',
    ['owner.read', 'tenant.read'],
    (db) => db.person.findMany({ include: { owns: { include: { tenant: true } } } }),
  ],
  ['a relation’s filter', ['owner.read'], (db) => db.person.findMany({ where: { owns: { some: {} } } })],
  [
    'a filter in a filter',
    ['owner.read'],
    (db) => db.person.count({ where: { NOT: [{ OR: [{ owns: { none: {} } }] }] } }),
  ],
  ['a filter far away', ['tenant.read'], (db) => db.leg.findMany({ where: { grant: { tenant: { name: 'Acme' } } } })],
  [
    'a filter in an include',
    ['tenant.read'],
    (db) => db.person.findMany({ include: { requested: { where: { tenant: { is: { key: 'acme' } } } } } }),
  ],
  ['an order', ['tenant.read'], (db) => db.grant.findMany({ orderBy: { tenant: { name: 'asc' } } })],
  ['an order by count', ['owner.read'], (db) => db.person.findMany({ orderBy: { owns: { _count: 'desc' } } })],
  [
    'a relation’s count',
    ['owner.read'],
    (db) => db.person.findMany({ include: { _count: { select: { owns: true } } } }),
  ],
  ['every relation’s count', ['owner.read'], (db) => db.person.findMany({ select: { _count: true } })],
  [
    'a count’s filter',
    ['tenant.read'],
    (db) => db.person.findMany({ select: { _count: { select: { requested: { where: { tenant: { key: 'a' } } } } } } }),
  ],
  ['the fluent way', ['owner.read'], (db) => db.person.findUnique({ where: { id: at.ids.owner } }).owns()],
  [
    'the fluent way, further',
    ['owner.read', 'tenant.read'],
    (db) => db.owner.findFirst({ where: { tenantId: at.ids.tenant } }).tenant(),
  ],
  [
    'create below',
    ['owner.write'],
    (db) => db.person.create({ data: { owns: { create: { tenantId: at.ids.tenant } } } }),
  ],
  [
    'create many below',
    ['owner.write'],
    (db) => db.person.create({ data: { owns: { createMany: { data: [{ tenantId: at.ids.tenant }] } } } }),
  ],
  [
    'create below a creation',
    ['owner.write', 'tenant.write'],
    (db) => db.person.create({ data: { owns: { create: { tenant: { create: { key: 'four', name: 'Four' } } } } } }),
  ],
  [
    'connect',
    ['owner.write', 'tenant.write'],
    (db) => db.person.create({ data: { owns: { create: { tenant: { connect: { key: 'acme' } } } } } }),
  ],
  [
    'update below',
    ['owner.write'],
    (db) => db.person.update({ where: { id: at.ids.other }, data: { owns: { updateMany: { where: {}, data: {} } } } }),
  ],
  [
    'delete below',
    ['owner.write'],
    (db) => db.person.update({ where: { id: at.ids.other }, data: { owns: { deleteMany: {} } } }),
  ],
  [
    'a filter within a write',
    ['owner.read'],
    (db) => db.person.updateMany({ where: { owns: { some: { since: new Date(0) } } }, data: {} }),
  ],
  [
    'what a write returns of others',
    ['owner.read', 'tenant.write'],
    (db) => db.tenant.update({ where: { key: 'acme' }, data: {}, include: { owners: true } }),
  ],
];

describe('a query needs a grant for each guarded model it touches', () => {
  test.each(queries)('%s: %j', async (_, needs, run) => {
    for (const lacking of needs) {
      at.granted.clear();
      for (const action of needs) if (action !== lacking) at.granted.add(action);
      await expect(run(at.client)).rejects.toEqual(refused('no_grant'));
    }
    at.granted.add(needs.at(-1) ?? '');
    at.server.received.splice(0);
    await run(at.client);
    expect(at.asked()).toEqual(needs);
  });

  test('and none where it touches none', async () => {
    await at.client.person.findMany({
      include: { identities: true, owns: false, requested: { select: { scope: true } } },
    });
    await at.client.grant.findMany({ where: { tenantId: at.ids.tenant } });
    await at.client.person.create({
      data: { identities: { create: { provider: 'slack', issuer: 'T', externalId: 'U' } } },
    });
    expect(at.asked()).toEqual([]);
  });

  test('a refused write leaves nothing', async () => {
    await expect(at.client.tenant.create({ data: { key: 'never', name: '' } })).rejects.toEqual(refused('no_grant'));
    expect(await at.bare.tenant.count({ where: { key: 'never' } })).toBe(0);
  });

  test('the question names the tenant, the operator, the request, the models and the operation', async () => {
    at.granted.add('tenant.read').add('owner.read');
    await at.guarded({ who: () => ({ ...olivia, requestId: 'r-1' }) }).owner.findMany({ include: { tenant: true } });
    expect(at.server.received.map(({ body }) => body)).toContainEqual({
      subject: { type: 'user', id: olivia.subject },
      action: { name: 'owner.read' },
      resource: { type: 'model', id: 'Owner', properties: { tenant: 'acme', operation: 'Owner.findMany' } },
      context: { request_id: 'r-1' },
    });
  });

  test('models that need the same action are one question', async () => {
    const same = { read: 'content.read', write: 'content.write' };
    at.granted.add('content.read');
    await at.guarded({ models: { Tenant: same, Owner: same } }).tenant.findMany({ include: { owners: true } });
    expect(at.server.received.map(({ body }) => body.resource)).toMatchObject([{ id: 'Owner,Tenant' }]);
  });
});
