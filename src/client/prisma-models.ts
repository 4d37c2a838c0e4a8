/** Fields of each model: the model a relation leads to, or null for what leads nowhere. */
export type Models = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

interface Field {
  name: string;
  kind: string;
  type: string;
}

/**
 * Reads the runtime data model that every generated client carries. It is no part of Prisma's public interface (there
 * is no other way to learn where a relation leads), so nothing is taken for granted.
 * @throws TypeError where it is not as Prisma 5 to 7 make it: what can't be seen can't be guarded
 */
export function modelsOf(client: unknown): Models {
  const { models } = recordOr(recordOr(client)._runtimeDataModel);
  const entries = Object.entries(recordOr(models));
  if (entries.length === 0) throw unreadable();
  const names = new Set(entries.map(([name]) => name));
  return new Map(entries.map(([name, model]) => [name, fieldsOf(recordOr(model).fields, names)]));
}

function fieldsOf(fields: unknown, models: ReadonlySet<string>): ReadonlyMap<string, string | null> {
  if (!Array.isArray(fields) || !fields.every(isField)) throw unreadable();
  // An object that is no model is a composite type, which has no relations.
  return new Map(fields.map(({ name, kind, type }) => [name, kind === 'object' && models.has(type) ? type : null]));
}

const isField = (value: unknown): value is Field => {
  const { name, kind, type } = recordOr(value);
  return [name, kind, type].every((part) => typeof part === 'string');
};

function recordOr(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw unreadable();
  return value as Record<string, unknown>;
}

const unreadable = (): TypeError =>
  new TypeError('prismaExtension: expected a generated Prisma client; its relations can not be read from this one');
