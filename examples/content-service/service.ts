import { evaluationOf, type From, type Guard } from 'breakglass-bot/guard';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Sessions } from './session.ts';

interface Document {
  tenant: string;
  text: string;
}

/**
 * A content service with three doors for operators. Customers would come in elsewhere: this is only about the people
 * who run the service and have, by default, no business in a customer's documents.
 */
export function contentService({ guard, sessions }: { guard: Guard; sessions: Sessions }): FastifyInstance {
  const documents = new Map<string, Document>([['42', { tenant: 'acme', text: 'The plans of Acme' }]]);
  const owners = new Map<string, string>();
  const app = fastify();

  /**
   * Who is asking. This must be the service's own authenticated session, whatever that is: a guard can't know better
   * than the service who somebody is. A header or a body that merely names a person would let everybody be anybody.
   */
  const operatorOf = ({ headers }: FastifyRequest): string | null =>
    sessions.operatorOf(headers.authorization?.replace(/^Bearer /, '') ?? '');

  const allowedTo = <R extends FastifyRequest>(action: string, tenant: From<R, string | null>) => ({
    preHandler: guard.requireGrant<R>({ action, tenant, subject: operatorOf, requestId: ({ id }) => id }).fastify,
  });

  // The tenant is looked up where the document is kept: the request could name any. What is not there is nobody's,
  // and nobody is let in.
  type OfDocument = { Params: { id: string } };
  const tenantOf = ({ params }: FastifyRequest<OfDocument>) => documents.get(params.id)?.tenant ?? null;

  app.get<OfDocument>('/documents/:id', allowedTo('content.read', tenantOf), (request) => ({
    text: documents.get(request.params.id)?.text,
    evaluation: evaluationOf(request)?.evaluationId,
  }));

  app.put<OfDocument & { Body: { text: string } }>(
    '/documents/:id',
    { schema: { body: textBody }, ...allowedTo('content.write', tenantOf) },
    ({ params, body }) => {
      const document = documents.get(params.id);
      if (document) document.text = body.text;
      return document;
    },
  );

  type OfWorkspace = { Params: { tenant: string }; Body: { owner: string } };
  const workspaceOf = ({ params }: FastifyRequest<OfWorkspace>) => params.tenant;

  app.post<OfWorkspace>(
    '/workspaces/:tenant/owner',
    { schema: { body: ownerBody }, ...allowedTo('workspace.create_owner', workspaceOf) },
    ({ params, body }, reply) => {
      owners.set(params.tenant, body.owner);
      reply.code(201);
      return { tenant: params.tenant, owner: body.owner };
    },
  );

  return app;
}

const bodyWith = (name: string) => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'string', minLength: 1 } },
});
const textBody = bodyWith('text');
const ownerBody = bodyWith('owner');
