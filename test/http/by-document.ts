import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';

/** A schema as the document has it, with its references followed. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  roles: readonly string[];
  parameters: readonly Parameter[];
  body: Schema | null;
  /** By status (or `4XX`), and then by media type. */
  answers: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
}

const within = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** Every operation of an OpenAPI document. */
export function operationsOf(document: unknown): Operation[] {
  const follow = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(follow);
    if (typeof value !== 'object' || value === null) return value;
    const reference = within(value, '$ref');
    if (typeof reference === 'string') return follow(reference.slice(2).split('/').reduce(within, document));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, follow(inner)]));
  };
  const whole = follow(within(document, 'paths')) as Record<string, Record<string, Record<string, unknown>>>;
  return Object.entries(whole).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ id: String(operation.operationId), method: method.toUpperCase(), path },
      roles: (operation['x-roles'] ?? []) as string[],
      parameters: (operation.parameters ?? []) as Parameter[],
      body: (within(within(within(operation.requestBody, 'content'), 'application/json'), 'schema') ??
        null) as Schema | null,
      answers: answersIn(operation.responses),
    })),
  );
}

const answersIn = (responses: unknown): Operation['answers'] =>
  Object.fromEntries(
    Object.entries((responses ?? {}) as Record<string, unknown>).map(([status, response]) => [
      status,
      Object.fromEntries(
        Object.entries((within(response, 'content') ?? {}) as Record<string, unknown>).map(([type, content]) => [
          type,
          within(content, 'schema') as Schema,
        ]),
      ),
    ]),
  );

const ajv = new Ajv2020({ strict: false, allErrors: false });
formats.default(ajv);
const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>();

/** What is wrong with a value by a schema; null where nothing is. */
export function mistakeIn(schema: Schema, value: unknown): string | null {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

/** Values that a schema takes. */
export function valid(schema: Schema): fc.Arbitrary<unknown> {
  const any = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (any) return fc.oneof(...any.map(valid));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if ('const' in schema) return fc.constant(schema.const);
  switch (schema.type) {
    case 'string':
      return texts(schema);
    case 'integer':
    case 'number':
      return fc.integer({
        min: Number(schema.minimum ?? -1_000),
        max: Math.min(Number(schema.maximum ?? 2_000), 100_000),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valid((schema.items ?? {}) as Schema), { maxLength: 3 });
    case 'object':
      return objects(schema);
    default:
      return fc.jsonValue();
  }
}

function texts(schema: Schema): fc.Arbitrary<string> {
  const most = Math.min(Number(schema.maxLength ?? 60), 200);
  const description = String(schema.description ?? '');
  if (description.startsWith('Where to go on')) {
    const places = [
      '\0',
      '0000-01-01T00:00:00Z 00000000-0000-4000-8000-000000000000',
      'acme',
      '1',
      'row:1',
      '\ud800',
      '',
    ];
    return fc.constantFrom(...places).map((place) => Buffer.from(place).toString('base64url'));
  }
  if (schema.format === 'date') return fc.constantFrom('0000-01-01', '0001-01-01', '2026-02-28', '9999-12-31');
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (schema.format === 'uuid') return fc.uuid();
  if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern));
  const plain = fc.string({ minLength: Number(schema.minLength ?? 0), maxLength: most, unit: 'binary' });
  return fc.oneof(
    plain,
    fc.constantFrom(
      'C0NEW',
      'U0ANNA',
      'T0ACME:U0BEN',
      '0 8 * * *',
      'UTC',
      'Europe/Berlin',
      'A reason that is long enough',
    ),
  );
}

function objects(schema: Schema): fc.Arbitrary<object> {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  const members = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valid(inner)]));
  return fc.record(members, { requiredKeys: required });
}

const hostile = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom(null, '', '\0', '\ud800', '__proto__', -1, 1e308, 0.5, [], {}, 'x'.repeat(5_000)),
);

/** What a schema takes, with something else in one place, or something else altogether. */
export const invalid = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof(
    hostile,
    fc.tuple(valid(schema), fc.nat(), hostile).map(([value, at, other]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return other;
      const names = [...Object.keys((schema.properties ?? {}) as object), 'nobody_knows'];
      return { ...value, [names[at % names.length] ?? 'x']: other };
    }),
  );
