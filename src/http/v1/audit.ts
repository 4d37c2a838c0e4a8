import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { lineOf, type TrailFormat } from '../../evidence/formats.ts';
import { jsonRow } from '../../evidence/trail.ts';
import type { Context } from '../../usecases/context.ts';
import { type ReadAll, type Reading, readAllAudit, readAuditPage } from '../../usecases/read-audit.ts';
import { problemOf } from '../problem.ts';
import { Refused, type Trouble } from '../refusals.ts';
import { type AuditQuery, auditQuery, cursorOf, queryFrom } from './audit-query.ts';
import { type Asked, type Endpoint, endpoint } from './endpoint.ts';
import { moment, pageOf } from './words.ts';

export interface AuditParts {
  context: Context;
  trouble: Trouble;
}

/** Streams at once in one process, one of each caller: each keeps a connection and a few thousand rows. */
const STREAMS_AT_ONCE = 4;
/** Who reads nothing for so long is let go (ms). */
const IDLE_MS = 60_000;
const RETRY_AFTER_SECONDS = 10;

const row = z
  .object({
    id: z.string(),
    at: moment,
    action: z.string(),
    actor: z.string(),
    tenant: z.string().nullable(),
    grant: z.string().nullable(),
    request_id: z.string(),
    details: z.record(z.string(), z.unknown()),
    entry: z.string().meta({ description: 'The exact text that is sealed' }),
  })
  .meta({ id: 'AuditRow' });
const auditPage = z.object({
  ...pageOf(row).shape,
  ...{ from: moment.nullable(), to: moment.nullable() },
});

/** `GET /v1/audit`: the audit trail, for auditors (docs/audit.md). */
export function auditEndpoints(parts: AuditParts): Endpoint[] {
  const streams = new Set<string>();
  return [
    endpoint({
      ...{ method: 'get', path: '/audit', id: 'readAudit', verb: 'audit', tag: 'Audit', roles: ['auditor'] },
      summary: 'The audit trail, oldest first, in pages or as one stream; each look is on record',
      query: auditQuery,
      answer: {
        ...{ status: 200, description: 'A page, or all of it as CSV or lines of JSON (also OCSF)' },
        content: { 'application/json': auditPage, 'application/x-ndjson': null, 'text/csv': null },
      },
      handle: async (asked) => {
        const query = queryFrom(asked.query, asked.request.headers.accept);
        const reading = readingOf(asked, query);
        if (query.format === 'json') return page(parts.context, reading, query.limit);
        return streamed(parts, asked, reading, query.format, streams);
      },
    }),
  ];
}

async function streamed(
  parts: AuditParts,
  { caller, reply }: Pick<Asked<unknown, unknown, unknown>, 'caller' | 'reply'>,
  reading: Reading,
  format: TrailFormat,
  streams: Set<string>,
): Promise<FastifyReply> {
  if (streams.size >= STREAMS_AT_ONCE || streams.has(caller.name)) {
    throw new Refused(503, 'Too many exports are running. Come back later.', RETRY_AFTER_SECONDS);
  }
  streams.add(caller.name);
  const done = () => void streams.delete(caller.name);
  try {
    const all = await readAllAudit(parts.context, reading, format);
    if (all.kind === 'refused') throw problemOf(all.refusal);
    return stream(reply, all.batches, format, parts.trouble, done);
  } catch (error) {
    done();
    throw error;
  }
}

const readingOf = (
  { caller, work }: Pick<Asked<unknown, unknown, unknown>, 'caller' | 'work'>,
  { wish, after }: AuditQuery,
): Reading => ({
  caller: { name: caller.name, key: caller.kind === 'program' ? caller.key.id : null, tenants: caller.tenants },
  ...{ wish, after, requestId: work.requestId },
});

async function page(context: Context, reading: Reading, limit: number) {
  const read = await readAuditPage(context, reading, limit);
  if (read.kind === 'refused') throw problemOf(read.refusal);
  const { from, to } = read.filter;
  return { data: read.rows.map(jsonRow), next: read.next === null ? null : cursorOf(read.next), from, to };
}

const types: Readonly<Record<TrailFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  ocsf: 'application/x-ndjson; charset=utf-8',
};

function stream(
  reply: FastifyReply,
  batches: ReadAll['batches'],
  format: TrailFormat,
  trouble: Trouble,
  done: () => void,
): FastifyReply {
  const readable = Readable.from(textOf(batches, format, trouble), { objectMode: false });
  readable.once('close', done);
  reply.raw.setTimeout(IDLE_MS, () => reply.raw.destroy());
  if (format === 'csv') reply.header('content-disposition', 'attachment; filename="audit.csv"');
  return reply.type(types[format]).send(readable);
}

/** One piece of text for each batch. What breaks it off breaks off the answer, so that nobody takes a part for the whole. */
async function* textOf(batches: ReadAll['batches'], format: TrailFormat, trouble: Trouble): AsyncGenerator<string> {
  const line = lineOf[format];
  try {
    yield line.header;
    for await (const rows of batches) yield rows.map(line.row).join('');
  } catch (error) {
    trouble.defect(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}
