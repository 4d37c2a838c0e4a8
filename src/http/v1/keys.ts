import { z } from 'zod';
import { keyDays, keyListMost, keyPerSecond, keyShapes } from '../../domain/key.ts';
import { keyRoles } from '../../domain/words.ts';
import { createKeyFor, listKeysFor, revokeKeyFor } from '../../usecases/administer-keys.ts';
import type { Context } from '../../usecases/context.ts';
import { administratorOf, given } from './administration.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { moment, tenantKey } from './words.ts';

const listOf = ({ pattern, words }: { pattern: RegExp; words: string }) =>
  z
    .array(
      z
        .string()
        .max(500)
        .regex(pattern, { error: `expected ${words}` }),
    )
    .max(keyListMost)
    .nullable();
const everything = 'null for every one';
const bounds = {
  tenants: z
    .array(tenantKey)
    .max(keyListMost)
    .nullable()
    .meta({ description: `Keys of tenants; ${everything}` }),
  subjects: listOf(keyShapes.subjects).meta({
    description: `Whom a service may ask about; ${everything}`,
  }),
  actions: listOf(keyShapes.actions).meta({
    description: `What a service may ask about; ${everything}`,
  }),
};
const name = z.string().regex(keyShapes.name.pattern, { error: `expected ${keyShapes.name.words}` });

const newKey = z
  .strictObject({
    name,
    role: z.enum(keyRoles, { error: `expected one of ${keyRoles.join(', ')}` }),
    ...bounds,
    subjects: bounds.subjects.default([]),
    actions: bounds.actions.default([]),
    default_tenant: tenantKey.nullable().default(null),
    days: z.int().min(1).max(keyDays.most).default(keyDays.usual),
    per_second: z.int().min(1).max(keyPerSecond.most).default(keyPerSecond.usual),
  })
  .meta({ id: 'NewKey' });

const keyAnswer = z
  .object({
    name: z.string(),
    role: z.enum(keyRoles),
    state: z.enum(['active', 'expired', 'revoked']),
    tenants: z.array(z.string()).nullable(),
    subjects: z.array(z.string()).nullable(),
    actions: z.array(z.string()).nullable(),
    default_tenant: z.string().nullable(),
    per_second: z.int(),
    created_at: moment,
    expires_at: moment,
  })
  .meta({ id: 'Key' });
const described = { tag: 'Keys' as const, unknown: { kind: 'unknown_key' } as const };

/** API keys: made, listed, ended. What opens doors is shown once, when it is made. */
export const keyEndpoints = (context: Context): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/keys', id: 'listKeys', verb: 'list keys', ...described },
    summary: 'Every key there ever was, without what opens doors',
    roles: ['admin', 'auditor'],
    answer: json(z.object({ data: z.array(keyAnswer) }), 'The keys'),
    handle: async (asked) => {
      const { keys } = given(await listKeysFor(context, { by: administratorOf(asked) }, asked.work));
      return {
        data: keys.map(({ defaultTenant, perSecond: rate, createdAt, expiresAt, ...rest }) => ({
          ...{ ...rest, default_tenant: defaultTenant, per_second: rate, created_at: createdAt, expires_at: expiresAt },
        })),
      };
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/keys', id: 'createKey', verb: 'create a key', ...described },
    summary: 'Make a key; it is shown this once',
    roles: ['admin'],
    body: newKey,
    answer: json(
      z.object({
        name: z.string(),
        key: z.string().nullable().meta({ description: 'Null where the request is a repeat: it was shown before' }),
        expires_at: moment,
      }),
      'The key',
      201,
    ),
    handle: async (asked) => {
      const { default_tenant: defaultTenant, per_second: rate, ...rest } = asked.body;
      const wish = { ...rest, defaultTenant, perSecond: rate };
      const made = given(await createKeyFor(context, { by: administratorOf(asked), wish }, asked.work));
      return { name: made.name, key: made.key, expires_at: made.expiresAt };
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/keys/{name}/revoke', id: 'revokeKey', verb: 'revoke a key', ...described },
    summary: 'End a key, at once',
    roles: ['admin'],
    params: z.object({ name }),
    answer: json(z.object({ name: z.string() }), 'The key that counts no more'),
    handle: async (asked) => {
      const about = { by: administratorOf(asked), name: asked.params.name };
      return { name: given(await revokeKeyFor(context, about, asked.work)).name };
    },
  }),
];
