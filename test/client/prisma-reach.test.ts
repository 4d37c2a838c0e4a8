import { describe, expect, test } from 'vitest';
import { modelsOf } from '../../src/client/prisma-models.ts';
import { reachOf } from '../../src/client/prisma-reach.ts';

const field = (name: string, type: string, kind = 'object') => ({ name, type, kind });

/** A schema whose fields are called as unluckily as they can be. */
const models = modelsOf({
  _runtimeDataModel: {
    models: {
      Note: {
        fields: [
          field('data', 'Json', 'scalar'),
          field('meta', 'Json', 'scalar'),
          field('place', 'Address'),
          field('author', 'User'),
          field('update', 'Edit'),
        ],
      },
      Edit: { fields: [field('where', 'String', 'scalar'), field('select', 'Note')] },
      User: { fields: [field('notes', 'Note'), field('secret', 'Secret')] },
      Secret: { fields: [field('text', 'String', 'scalar')] },
    },
    types: { Address: { fields: [field('author', 'String', 'scalar')] } },
  },
});

const touched = (operation: string, args: unknown, model = 'Note') =>
  [...new Set([...reachOf(models, { model, operation, args })].map((each) => `${each.access} ${each.model}`))].sort();

describe('what is touched', () => {
  test.each<[string, string, unknown, string[]]>([
    ['nothing else by a field without relations', 'create', { data: { meta: { author: { x: 1 } } } }, ['write Note']],
    ['nothing else by a composite type', 'create', { data: { place: { author: 'x' } } }, ['write Note']],
    ['nothing by what is undefined', 'findMany', { where: { author: undefined } }, ['read Note']],
    ['nothing by what is not selected', 'findMany', { select: { author: false } }, ['read Note']],
    ['a relation that is null', 'findMany', { where: { author: null } }, ['read Note', 'read User']],
    [
      'what is below `data`, although a field is called like it',
      'create',
      { data: { author: { create: {} } } },
      ['write Note', 'write User'],
    ],
    [
      'a filter within a write, for reading',
      'update',
      { where: { author: { secret: { text: 'x' } } }, data: {} },
      ['read Secret', 'read User', 'write Note'],
    ],
    [
      'a filter within a write below, for reading',
      'update',
      { data: { author: { update: { where: { secret: { is: {} } }, data: {} } } } },
      ['read Secret', 'write Note', 'write User'],
    ],
    [
      'what is connected, for writing, and what it is found by, for reading',
      'update',
      { data: { author: { connect: { id: 1, secret: { text: 'x' } } } } },
      ['read Secret', 'write Note', 'write User'],
    ],
    [
      'both sides of an upsert below',
      'update',
      { data: { author: { upsert: { create: { secret: { create: {} } }, update: {} } } } },
      ['write Note', 'write Secret', 'write User'],
    ],
    [
      'what toJSON says, not what stands there',
      'findMany',
      { where: { toJSON: () => ({ author: {} }) } },
      ['read Note', 'read User'],
    ],
    [
      'every relation, by a count of all',
      'findMany',
      { include: { _count: true } },
      ['read Edit', 'read Note', 'read User'],
    ],
    ['no relation, by a count of rows', 'aggregate', { _count: true }, ['read Note']],
  ])('%s', (_, operation, args, expected) => expect(touched(operation, args)).toEqual(expected));

  test.each<[string, string, unknown, string[]]>([
    [
      'both readings of a key that names a relation',
      'update',
      { data: { select: { update: { author: {} } } } },
      ['write Edit', 'write Note', 'write User'],
    ],
    [
      'a filter, although a field is called like it',
      'findMany',
      { where: { select: { author: {} } } },
      ['read Edit', 'read Note', 'read User'],
    ],
    [
      'a selection, although a relation is called like it',
      'findMany',
      { select: { select: { select: { author: true } } } },
      ['read Edit', 'read Note', 'read User'],
    ],
  ])('%s', (_, operation, args, expected) => expect(touched(operation, args, 'Edit')).toEqual(expected));
});
