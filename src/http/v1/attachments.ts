import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { attachmentKinds, type Evidence } from '../../domain/evidence.ts';
import type { Refusal } from '../../domain/refusals.ts';
import { attachEvidence } from '../../usecases/attach-evidence.ts';
import type { Context } from '../../usecases/context.ts';
import { BadRequest, read } from '../authzen/question.ts';
import { problemOf, sayProblem } from '../problem.ts';
import { Refused, type Trouble } from '../refusals.ts';

/** Bytes: what is kept has a limit of its own, and may be longer where it is written as JSON. */
const LONGEST_BODY = 1024 * 1024;

const text = (expected: string) => z.string({ error: expected });
const body = z.object({
  kind: z.enum(attachmentKinds, { error: `expected one of ${attachmentKinds.join(', ')}` }),
  title: text('expected text'),
  content: z.unknown().optional(),
  links: z.array(text('expected text'), { error: 'expected a list of addresses' }).default([]),
});

export interface AttachmentParts {
  context: Context;
  trouble: Trouble;
}

/**
 * What a service knows of a session: log lines, and rows as they were before and after. For keys of services, within
 * their tenants; a session of another tenant, an unknown one and no id at all are one identical 404.
 */
export function attachmentRoutes(server: FastifyInstance, { context, trouble }: AttachmentParts): void {
  const say = sayProblem(trouble);
  const tooLong = new Refused(413, `Expected a body of ${LONGEST_BODY / 1024} kB or less.`);
  server.post<{ Params: { id: string } }>(
    '/grants/:id/attachments',
    {
      bodyLimit: LONGEST_BODY,
      errorHandler: (error, request, reply) => say(isTooLong(error) ? tooLong : error, request, reply),
    },
    async (request, reply) => {
      const { caller, params, id: requestId } = request;
      const actor = { name: `key:${caller.name}` };
      const refuse = async (refusal: Refusal) => {
        await context.refusals.record({ actor, verb: 'attach', refusal, about: params.id, requestId });
        return problemOf(refusal);
      };
      if (caller.role !== 'service') throw await refuse({ kind: 'wrong_key', needs: 'service' });
      const evidence = evidenceFrom(read(body, request.body));
      if (!isId(params.id)) throw await refuse({ kind: 'unknown_grant' });
      const command = { by: { key: caller.id }, grant: params.id, evidence };
      const outcome = await attachEvidence(context, command, { requestId, deliveryKey: repeatKeyOf(request) });
      if (outcome.kind === 'refused') throw problemOf(outcome.refusal);
      return reply.code(201).send(outcome.receipt);
    },
  );
}

const isTooLong = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** A snapshot is any JSON value, kept as its shortest text; everything else is a text. */
function evidenceFrom({ content, ...rest }: z.infer<typeof body>): Evidence {
  if (rest.kind === 'note' || rest.kind === 'log_lines') {
    if (typeof content !== 'string') throw new BadRequest('content: expected text.');
    return { ...rest, content };
  }
  if (content === undefined) throw new BadRequest('content: is missing.');
  return { ...rest, content: shortestOf(content) };
}

function shortestOf(content: unknown): string {
  try {
    return JSON.stringify(content, (_, value: unknown) => {
      // It would be kept as another number than the one that was sent, or as none.
      if (typeof value === 'number' && !Number.isSafeInteger(Math.trunc(value))) {
        throw new BadRequest('content: expected numbers beyond 2^53 as text.');
      }
      return value;
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BadRequest('content: expected JSON that is not nested thousands of levels deep.');
  }
}

/** By what a caller lets us recognise the same request; null where it does not. */
function repeatKeyOf({ headers }: FastifyRequest): string | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  if (typeof given === 'string' && /^[\x21-\x7e]{1,255}$/.test(given)) return given;
  throw new BadRequest('Idempotency-Key: expected 1 to 255 visible ASCII characters.');
}
