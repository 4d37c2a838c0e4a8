import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CheckDesk } from '../../usecases/check.ts';
import { searchActions, searchSubjects, searchTenants } from '../../usecases/search-access.ts';
import { keyOf } from '../identity/caller.ts';
import type { RateLimit } from '../rate-limit.ts';
import { entities, read, tenantOf } from './question.ts';
import { takeRoom } from './routes.ts';

const subjectSearch = z.object({
  subject: entities.subjectType,
  action: entities.action,
  resource: entities.resource,
  context: entities.context,
});
const resourceSearch = z.object({
  subject: entities.subject,
  action: entities.action,
  resource: entities.resourceType,
  context: entities.context,
});
const actionSearch = z.object({
  subject: entities.subject,
  resource: entities.resource,
  context: entities.context,
});

/** A search looks at more than a check does, one at a time for all keys: it counts as so many answers. */
const SEARCH_COSTS = 10;

/**
 * What is true of grants now (AuthZEN 1.0, "Search APIs"), in one page: there is never more than what is active.
 * A type that nothing is known of has no results; so has a tenant that the key is not bound to.
 */
export function searchRoutes(server: FastifyInstance, { desk, limit }: { desk: CheckDesk; limit: RateLimit }): void {
  // One was taken at the door; a key that gets fewer answers than a search costs may search once a second.
  server.addHook('preHandler', ({ caller }) => takeRoom(limit, caller, Math.min(SEARCH_COSTS, caller.perSecond) - 1));
  const by = ({ caller, id }: FastifyRequest) => ({ key: keyOf(caller).id, requestId: id });
  const tenantIn = ({ caller }: FastifyRequest, resource: Parameters<typeof tenantOf>[0]) =>
    tenantOf(resource) ?? keyOf(caller).defaultTenant;

  server.post('/access/v1/search/subject', async (request) => {
    const { subject, action, resource } = read(subjectSearch, request.body);
    const about = { ...kindOf(resource), tenant: tenantIn(request, resource) };
    const act = { action: action.name, actionProperties: action.properties ?? {} };
    const ids = subject.type === 'user' ? await searchSubjects(desk, by(request), { ...about, ...act }) : [];
    return { results: ids.map((id) => ({ type: 'user', id })) };
  });
  server.post('/access/v1/search/resource', async (request) => {
    const { subject, action, resource } = read(resourceSearch, request.body);
    const act = { action: action.name, actionProperties: action.properties ?? {}, subject: subject.id };
    const keys =
      subject.type === 'user' && resource.type === 'tenant' ? await searchTenants(desk, by(request), act) : [];
    return { results: keys.map((id) => ({ type: 'tenant', id })) };
  });
  server.post('/access/v1/search/action', async (request) => {
    const { subject, resource } = read(actionSearch, request.body);
    const about = { ...kindOf(resource), tenant: tenantIn(request, resource), subject: subject.id };
    const names = subject.type === 'user' ? await searchActions(desk, by(request), about) : [];
    return { results: names.map((name) => ({ name })) };
  });
}

const kindOf = ({ type, properties = {} }: { type: string; properties?: Record<string, unknown> | undefined }) => ({
  resourceType: type,
  resourceProperties: properties,
});
