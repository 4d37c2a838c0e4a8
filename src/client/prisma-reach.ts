import type { Models } from './prisma-models.ts';

export type Access = 'read' | 'write';

/** One operation of a client, as a query extension sees it. */
export interface Operation {
  model: string;
  operation: string;
  args: unknown;
}

/** Where in the arguments we are. */
interface Place {
  /** Whose fields the keys may be. */
  model: string;
  access: Access;
  /** Below `select` or `include`, where `_count: true` counts every relation. */
  selecting: boolean;
}

const reading: ReadonlySet<string> = new Set([
  ...['findUnique', 'findUniqueOrThrow', 'findFirst', 'findFirstOrThrow', 'findMany', 'findRaw'],
  ...['count', 'aggregate', 'aggregateRaw', 'groupBy'],
]);

/** Keys under which nothing is written, also within a write. */
const readingKeys: ReadonlySet<string> = new Set([
  ...['where', 'select', 'include', 'orderBy', 'cursor', 'having', 'AND', 'OR', 'NOT'],
  ...['is', 'isNot', 'some', 'every', 'none', 'connect', 'disconnect', 'set', 'delete', 'deleteMany'],
]);

/** All keys of Prisma's own below which fields stand. */
const ownKeys: ReadonlySet<string> = new Set([
  ...readingKeys,
  ...['data', 'create', 'createMany', 'connectOrCreate', 'update', 'updateMany', 'upsert'],
]);

interface Touch {
  model: string;
  access: Access;
}

/**
 * Every model an operation touches, and how: its own, and those its arguments reach through relations. Where a field
 * is called like one of Prisma's own keys, both readings count: rather too much is seen than too little. A relation
 * within `data` counts as a write of what it leads to, since the key may be stored on either side.
 */
export function* reachOf(models: Models, { model, operation, args }: Operation): Generator<Touch> {
  const access = reading.has(operation) ? 'read' : 'write';
  yield { model, access };
  yield* reachIn(models, args, { model, access, selecting: false });
}

/** Arrays are no special case: no field is called by a number. */
function* reachIn(models: Models, value: unknown, place: Place): Generator<Touch> {
  const object = asSent(value);
  if (typeof object !== 'object' || object === null) return;
  for (const [key, inner] of Object.entries(object)) if (isAsked(inner)) yield* reachBelow(models, key, inner, place);
}

function* reachBelow(models: Models, key: string, inner: unknown, place: Place): Generator<Touch> {
  const fields = models.get(place.model);
  const target = fields?.get(key);
  if (target) {
    yield { model: target, access: place.access };
    yield* reachIn(models, inner, { ...place, model: target, selecting: false });
  }
  if (key === '_count' && inner === true && place.selecting) yield* everyRelation(fields);
  if (target === undefined || ownKeys.has(key)) yield* reachIn(models, inner, below(key, place));
}

function* everyRelation(fields: ReadonlyMap<string, string | null> | undefined): Generator<Touch> {
  for (const model of fields?.values() ?? []) if (model) yield { model, access: 'read' };
}

const below = (key: string, { model, access }: Place): Place => ({
  model,
  access: readingKeys.has(key) ? 'read' : access,
  selecting: key === 'select' || key === 'include',
});

/** Prisma leaves out what is undefined, and does not select what is false. */
const isAsked = (value: unknown): boolean => value !== undefined && value !== false;

/** Prisma sends what toJSON says, not what stands there. */
const asSent = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'
    ? value.toJSON()
    : value;
