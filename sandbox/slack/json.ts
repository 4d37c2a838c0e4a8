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

/** Drops keys whose value is undefined, as JSON would. */
export const compact = (entries: { [key: string]: Json | undefined }): JsonObject => {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) result[key] = value;
  return result;
};
