import { createReadStream } from 'node:fs';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { isStorable } from '../../domain/text.ts';
import type { BundleDesk, DeskOutcome, ReadyBundle } from '../../usecases/bundle-desk.ts';
import type { BundleWish } from '../../usecases/make-bundle.ts';
import type { Caller } from '../identity/caller.ts';
import { Problem } from '../problem.ts';
import { Refused } from '../refusals.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { isTime } from './words.ts';

export interface EvidenceParts {
  bundles: BundleDesk;
}

const RETRY_AFTER_SECONDS = 30;
/** Who reads nothing for so long is let go (ms). */
const IDLE_MS = 60_000;

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'expected a time such as 2026-01-05T09:30:00Z, or a day',
  })
  .refine(isTime, { error: 'expected a time such as 2026-01-05T09:30:00Z, or a day' });
const schema = z.strictObject({
  grant: z
    .uuid({ error: 'expected the id of an access' })
    .transform((id) => id.toLowerCase())
    .optional(),
  from: moment.optional(),
  to: moment.optional(),
  tenant: z
    .string({ error: 'expected the key of a tenant' })
    .max(100, { error: 'expected the key of a tenant' })
    .refine(isStorable, { error: 'expected the key of a tenant' })
    .optional(),
});

/** `GET /v1/evidence`: a bundle of evidence as a zip, for auditors (docs/evidence.md). */
export const evidenceEndpoints = ({ bundles }: EvidenceParts): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/evidence', id: 'makeEvidence', verb: 'evidence', tag: 'Audit', roles: ['auditor'] },
    summary: 'A bundle of evidence that stands on its own: of one access, or of a window of time; on record',
    query: schema,
    answer: { status: 200, description: 'The bundle', content: { 'application/zip': null } },
    handle: async ({ caller, query, work, reply, refuse }) => {
      const wish = wishFrom(query, caller.tenants);
      const key = caller.kind === 'program' ? caller.key.id : null;
      const command = { wish, actor: caller.name, sight: caller.tenants, key };
      const gone = goneSignal(reply);
      const outcome = await bundles.make(command, work.requestId, gone).catch((error: unknown) => {
        throw gone.aborted ? new Refused(503, 'The caller has gone.') : error;
      });
      if (outcome.kind === 'ready') return send(reply, outcome);
      if (outcome.kind === 'unknown_grant' || outcome.kind === 'unknown_tenant') {
        throw await refuse({ kind: outcome.kind }, 'grant' in wish ? wish.grant : wish.tenant);
      }
      throw problemFor(outcome);
    },
  }),
];

/** @throws Refused */
function wishFrom({ grant, from, to, tenant }: z.infer<typeof schema>, tenants: Caller['tenants']): BundleWish {
  const isWindow = from !== undefined && to !== undefined;
  const isGrant = grant !== undefined && [from, to, tenant].every((each) => each === undefined);
  if (isGrant) return { grant };
  if (!isWindow || grant !== undefined)
    throw new Refused(400, 'Expected grant; or from and to, with tenant for one tenant.');
  const window = { from: new Date(from), to: new Date(to) };
  if (window.to <= window.from) throw new Refused(400, 'to: expected a time after from.');
  if (tenant === undefined && tenants !== null) throw new Refused(400, 'tenant: is needed with a key of some tenants.');
  return { ...window, tenant: tenant ?? null };
}

type NotMade = Exclude<DeskOutcome, { kind: 'ready' } | { kind: 'unknown_grant' } | { kind: 'unknown_tenant' }>;

function problemFor(outcome: NotMade): Refused {
  switch (outcome.kind) {
    case 'busy':
      return new Refused(503, 'Other bundles are being made. Come back later.', RETRY_AFTER_SECONDS);
    case 'no_key':
      return new Problem(409, 'There is no key that history is sealed with, so nothing can be proven.', {
        refusal: 'not_sealed',
      });
    case 'nothing_sealed':
      return new Problem(409, 'Nothing of it is sealed yet. That takes some seconds.', { refusal: 'not_sealed' });
    case 'unknown_key':
      return new Problem(409, 'The newest checkpoint is signed by a key that is not known here.', {
        refusal: 'unknown_key',
      });
    case 'history_changed':
      return new Problem(409, `The history is not what was signed. ${outcome.what}`, { refusal: 'history_changed' });
    case 'tenant_needed':
      return new Refused(400, 'tenant: is needed with a key of some tenants.');
  }
}

/** Aborted where the caller has gone: nobody waits for it any more. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) gone.abort(new Error('The caller has gone.'));
  });
  return gone.signal;
}

function send(reply: FastifyReply, { file, bytes, name, letGo }: ReadyBundle): FastifyReply {
  const content = createReadStream(file);
  reply.raw.setTimeout(IDLE_MS, () => reply.raw.destroy());
  content.once('close', () => void letGo());
  return reply
    .type('application/zip')
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(content);
}
