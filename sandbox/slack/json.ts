/** JSON as data: the shapes that cross the wire, and readers that never throw on a wrong shape. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asObject = (value: Json | undefined): JsonObject | undefined => (isObject(value) ? value : undefined);

export const asString = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

export const asNumber = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** The objects in a list; anything else in it is left out. */
export const objectsIn = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

export const parseJson = (text: string): Json | undefined => {
  try {
    const parsed: Json = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
};

/** A deep copy, so that nobody outside can change what the server holds. */
export const copy = <T>(value: T): T => structuredClone(value);

/** Whether both say the same, whatever the order of the keys. */
export const isSame = (one: Json, other: Json): boolean => {
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) && one.length === other.length && one.every((item, i) => isSame(item, other[i] ?? null))
    );
  }
  if (!isObject(one) || !isObject(other)) return Object.is(one, other);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key] ?? null, other[key] ?? null))
  );
};

/** Drops keys whose value is undefined, as JSON would. */
export const compact = (entries: { [key: string]: Json | undefined }): JsonObject => {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) result[key] = value;
  return result;
};
