import { z } from 'zod';
import {
  changeTenant,
  createTenant,
  listTenants,
  restoreTenant,
  showTenant,
} from '../../usecases/administer-tenants.ts';
import { archiveTenant } from '../../usecases/archive-tenant.ts';
import type { Context } from '../../usecases/context.ts';
import { administratorOf, given, sentOf } from './administration.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { cursorOf, limitOf, moment, pageOf, pageQuery, placeOf, tenantKey, typed } from './words.ts';

const owner = z.strictObject({
  account: typed(100).meta({ description: 'A Slack account: U0OPS, or T0ACME:U0BOSS of another company' }),
  guest: z.boolean().default(false).meta({ description: 'May act although Slack calls them a guest' }),
});
const tenantAnswer = z
  .object({
    key: z.string(),
    name: z.string(),
    channel: z.string().nullable(),
    shared: z.boolean(),
    owners: z.array(z.object({ account: z.string(), guest: z.boolean() })),
    source: z.enum(['file', 'api']).meta({ description: 'Whose it is: what the file names is changed in the file' }),
    archived_at: moment.nullable(),
    created_at: moment,
  })
  .meta({ id: 'Tenant' });

type View =
  Awaited<ReturnType<typeof showTenant>> extends infer R ? (R extends { tenant: infer V } ? V : never) : never;
const tenantJson = ({ archivedAt, createdAt, ...rest }: View) => ({
  ...rest,
  ...{ archived_at: archivedAt, created_at: createdAt },
});

const path = z.object({ key: tenantKey });
const channel = typed(100).nullable().meta({ description: "The owners' channel" });
const fields = { name: typed(1_000), shared: z.boolean(), channel, owners: z.array(owner).max(500) };
const described = { tag: 'Tenants' as const, unknown: { kind: 'unknown_tenant' } as const };

/** Tenants and their owners: what the file does not name is administered here. Archived, never deleted. */
export const tenantEndpoints = (context: Context): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/tenants', id: 'listTenants', verb: 'list tenants', ...described },
    summary: 'Tenants by key',
    roles: ['admin', 'auditor'],
    query: z.strictObject({ ...pageQuery, archived: z.enum(['true', 'false']).optional() }),
    answer: json(pageOf(tenantAnswer), 'A page'),
    handle: async (asked) => {
      const { limit, cursor, archived } = asked.query;
      const after = placeOf(cursor, /^[a-z0-9-]{1,100}$/);
      const wish = { by: administratorOf(asked), after, limit: limitOf(limit), archived: archived === 'true' };
      const { tenants, next } = given(await listTenants(context, wish, asked.work));
      return { data: tenants.map(tenantJson), next: next && cursorOf(next) };
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/tenants/{key}', id: 'showTenant', verb: 'show a tenant', ...described },
    summary: 'One tenant',
    roles: ['admin', 'auditor'],
    params: path,
    answer: json(tenantAnswer, 'The tenant'),
    handle: async (asked) => {
      const about = { by: administratorOf(asked), key: asked.params.key };
      return tenantJson(given(await showTenant(context, about, asked.work)).tenant);
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/tenants', id: 'createTenant', verb: 'create a tenant', ...described },
    summary: 'Make a tenant',
    roles: ['admin'],
    body: z
      .strictObject({
        key: tenantKey,
        ...fields,
        channel: fields.channel.default(null),
        shared: fields.shared.default(false),
        owners: fields.owners.default([]),
      })
      .meta({ id: 'NewTenant' }),
    answer: json(tenantAnswer, 'The tenant', 201),
    handle: async (asked) => {
      const wish = { by: administratorOf(asked), tenant: asked.body };
      return tenantJson(given(await createTenant(context, wish, asked.work)).tenant);
    },
  }),
  endpoint({
    ...{ method: 'patch', path: '/tenants/{key}', id: 'changeTenant', verb: 'change a tenant', ...described },
    summary: 'Change a tenant; the old channel, owners who leave and security are told',
    roles: ['admin'],
    params: path,
    body: z.strictObject(fields).partial().meta({ id: 'TenantChange' }),
    answer: json(tenantAnswer, 'The tenant as it is now'),
    handle: async (asked) => {
      const wish = { by: administratorOf(asked), key: asked.params.key, change: sentOf(asked.body) };
      return tenantJson(given(await changeTenant(context, wish, asked.work)).tenant);
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/tenants/{key}/archive', id: 'archiveTenant', verb: 'archive a tenant', ...described },
    summary: 'Put a tenant away: what is open on it is closed; nothing is deleted',
    roles: ['admin'],
    params: path,
    body: z.strictObject({ reason: typed(4_000) }),
    answer: json(
      z.object({ tenant: tenantAnswer, closed: z.int().meta({ description: 'Requests and access that were open' }) }),
      'The tenant, and what was closed with it',
    ),
    handle: async (asked) => {
      const wish = { by: administratorOf(asked), key: asked.params.key, reason: asked.body.reason };
      const { tenant, closed } = given(await archiveTenant(context, wish, asked.work));
      return { tenant: tenantJson(tenant), closed };
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/tenants/{key}/restore', id: 'restoreTenant', verb: 'restore a tenant', ...described },
    summary: 'Take a tenant out of the archive',
    roles: ['admin'],
    params: path,
    answer: json(tenantAnswer, 'The tenant'),
    handle: async (asked) => {
      const wish = { by: administratorOf(asked), key: asked.params.key };
      return tenantJson(given(await restoreTenant(context, wish, asked.work)).tenant);
    },
  }),
];
