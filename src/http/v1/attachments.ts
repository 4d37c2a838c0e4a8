import { z } from 'zod';
import { attachmentKinds, type Evidence } from '../../domain/evidence.ts';
import { attachEvidence } from '../../usecases/attach-evidence.ts';
import type { Context } from '../../usecases/context.ts';
import { BadRequest } from '../authzen/question.ts';
import { keyOf } from '../identity/caller.ts';
import { problemOf } from '../problem.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { grantPath } from './words.ts';

/** Bytes: what is kept has a limit of its own, and may be longer where it is written as JSON. */
const LONGEST_BODY = 1024 * 1024;

const text = (expected: string) => z.string({ error: expected });
const body = z.object({
  kind: z.enum(attachmentKinds, { error: `expected one of ${attachmentKinds.join(', ')}` }),
  title: text('expected text'),
  content: z.unknown().optional(),
  links: z.array(text('expected text'), { error: 'expected a list of addresses' }).default([]),
});

const receipt = z
  .object({
    id: z.uuid(),
    bytes: z.int(),
    sha256: z.string(),
    late: z.boolean().meta({ description: 'It came after the end' }),
  })
  .meta({ id: 'Receipt' });

/**
 * What a service knows of a session: log lines, and rows as they were before and after. For keys of services, within
 * their tenants; a session of another tenant, an unknown one and no id at all are one identical 404.
 */
export const attachmentEndpoints = ({ context }: { context: Context }): Endpoint[] => [
  endpoint({
    ...{
      method: 'post',
      path: '/grants/{id}/attachments',
      id: 'attachEvidence',
      verb: 'attach',
      tag: 'Audit',
      roles: ['service'],
    },
    summary: 'Hand in evidence of what was done under an access: a note, log lines, rows before or after',
    params: grantPath,
    unknown: { kind: 'unknown_grant' },
    body,
    bodyLimit: LONGEST_BODY,
    answer: json(receipt, 'What was taken', 201),
    handle: async ({ caller, params, body: sent, work }) => {
      const command = { by: { key: keyOf(caller).id }, grant: params.id, evidence: evidenceFrom(sent) };
      const outcome = await attachEvidence(context, command, work);
      if (outcome.kind === 'refused') throw problemOf(outcome.refusal);
      return outcome.receipt;
    },
  }),
];

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
