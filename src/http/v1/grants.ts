import { z } from 'zod';
import { circumstances, kindOf, kinds, scopes } from '../../domain/words.ts';
import type { Context } from '../../usecases/context.ts';
import { listGrants, type Onlooker, type PagePlace, showGrant } from '../../usecases/look-at-grants.ts';
import { request } from '../../usecases/request.ts';
import { Refused } from '../refusals.ts';
import { type Asked, type Endpoint, endpoint, json } from './endpoint.ts';
import { grantAnswer, grantJson, grantStates } from './grant-answer.ts';
import { type LifecycleParts, linkedActor, onlookerOf, saidOf } from './lifecycle.ts';
import { cursorOf, grantPath, limitOf, pageOf, pageQuery, placeOf, tenantKey, typed } from './words.ts';

const listQuery = z.strictObject({
  tenant: tenantKey.optional().meta({ description: 'The key of a tenant' }),
  state: z
    .enum(['open', ...grantStates.options], { error: 'expected a state, or open' })
    .optional()
    .meta({ description: '`open` is requested or active' }),
  kind: z.enum(kinds, { error: `expected ${kinds.join(' or ')}` }).optional(),
  ...pageQuery,
});

const requestBody = z
  .strictObject({
    tenant: tenantKey,
    scope: z.enum(scopes, { error: `expected one of ${scopes.join(', ')}` }),
    circumstance: z
      .enum(circumstances, { error: `expected one of ${circumstances.join(', ')}` })
      .optional()
      .meta({ description: 'For break-glass: which circumstance of the runbook applies' }),
    reason: typed(4_000),
    ticket: typed(200),
    minutes: z.int({ error: 'expected whole minutes' }),
  })
  .meta({ id: 'AccessRequest' });

/** Looking at access, and asking for it. */
export const grantEndpoints = (parts: LifecycleParts): Endpoint[] => [
  endpoint({
    ...{
      method: 'get',
      path: '/grants',
      id: 'listGrants',
      verb: 'list grants',
      tag: 'Access',
      roles: ['person', 'auditor', 'admin'],
    },
    summary: 'Requests and what became of them, the newest first: of the tenants that the caller may see',
    query: listQuery,
    answer: json(pageOf(grantAnswer), 'A page'),
    handle: async (asked) => {
      const { tenant = null, state, kind = null, limit, cursor } = asked.query;
      const states = state === undefined ? null : state === 'open' ? (['requested', 'active'] as const) : [state];
      const wish = { tenantKey: tenant, states, kind, after: placeIn(cursor), limit: limitOf(limit) };
      const { rows, next } = await listGrants(parts.context, await onlookerOf(asked), wish);
      return {
        data: rows.map((at) => grantJson(at, null)),
        next: next && cursorOf(`${next.at.toISOString()} ${next.id}`),
      };
    },
  }),
  endpoint({
    ...{
      method: 'get',
      path: '/grants/{id}',
      id: 'showGrant',
      verb: 'show',
      tag: 'Access',
      roles: ['person', 'auditor', 'admin'],
    },
    summary: 'One request and what became of it',
    params: grantPath,
    unknown: { kind: 'unknown_grant' },
    answer: json(grantAnswer, 'The access'),
    handle: async (asked) => shown(parts.context, await onlookerOf(asked), asked, asked.params.id),
  }),
  endpoint({
    ...{ method: 'post', path: '/grants', id: 'requestAccess', verb: 'request', tag: 'Access', roles: ['person'] },
    summary: 'Ask for access; what needs nobody is active at once',
    body: requestBody,
    answer: json(grantAnswer, 'The request', 201),
    handle: async (asked) => {
      const actor = await linkedActor(asked);
      const { tenant: tenantKey, circumstance = null, scope, ...rest } = asked.body;
      const outcome = await request(
        parts.context,
        {
          actor,
          directMessage: parts.directMessage(actor),
          tenantKey,
          asked: { kind: kindOf(scope), scope, circumstance, ...rest },
          groupMembers: await parts.groupMembers(),
        },
        asked.work,
      );
      return saidOf(parts.context, asked, outcome);
    },
  }),
];

/** @throws Problem where there is no such access for this onlooker, which is on record */
async function shown(
  context: Context,
  onlooker: Onlooker,
  { refuse }: Pick<Asked<unknown, unknown, unknown>, 'refuse'>,
  id: string,
) {
  const found = await showGrant(context, onlooker, id);
  if (found.kind === 'refused') throw await refuse(found.refusal, id);
  return grantJson(found.at, found.review);
}

/** @throws Refused */
function placeIn(cursor: string | undefined): PagePlace | null {
  const place = placeOf(cursor, /^(?!0000)\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  if (place === null) return null;
  const [at = '', id = ''] = place.split(' ');
  if (Number.isNaN(Date.parse(at))) throw new Refused(400, 'cursor: expected a cursor as it was given.');
  return { at: new Date(at), id };
}
