import type { FastifyInstance, FastifyRequest } from 'fastify';

const endpoints = {
  access_evaluation_endpoint: '/access/v1/evaluation',
  access_evaluations_endpoint: '/access/v1/evaluations',
  search_subject_endpoint: '/access/v1/search/subject',
  search_action_endpoint: '/access/v1/search/action',
  search_resource_endpoint: '/access/v1/search/resource',
} as const;

/**
 * What there is to ask, and where (AuthZEN 1.0, "Policy Decision Point Metadata"); open to anybody who reaches the port.
 * @param publicUrl how callers reach this API. Unset, it is the address that the request came to, which only a first try
 *   should rest on: whoever sends the request chooses it, so nobody may keep the answer.
 */
export function metadataRoute(server: FastifyInstance, publicUrl: string | null): void {
  server.get('/.well-known/authzen-configuration', async (request, reply) => {
    const base = publicUrl ?? addressOf(request);
    reply.header('cache-control', publicUrl === null ? 'no-store' : 'public, max-age=3600');
    return {
      policy_decision_point: base,
      ...Object.fromEntries(Object.entries(endpoints).map(([name, path]) => [name, `${base}${path}`])),
    };
  });
}

const addressOf = ({ host }: FastifyRequest): string =>
  /^[\w.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/i.test(host) ? `http://${host}` : 'http://localhost';
