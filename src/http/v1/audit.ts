import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { lineOf, type TrailFormat } from '../../evidence/formats.ts';
import { jsonRow } from '../../evidence/trail.ts';
import type { Context } from '../../usecases/context.ts';
import { type ReadAll, type Reading, readAllAudit, readAuditPage } from '../../usecases/read-audit.ts';
import { problemOf } from '../problem.ts';
import { Refused, type Trouble } from '../refusals.ts';
import { type AuditQuery, cursorOf, queryFrom } from './audit-query.ts';

export interface AuditParts {
  context: Context;
  trouble: Trouble;
}

/** Streams at once in one process, one of each key: each keeps a connection and a few thousand rows. */
const STREAMS_AT_ONCE = 4;
/** Who reads nothing for so long is let go (ms). */
const IDLE_MS = 60_000;
const RETRY_AFTER_SECONDS = 10;

/** `GET /v1/audit`: the audit trail, for keys of auditors (docs/audit.md). */
export function auditRoutes(server: FastifyInstance, parts: AuditParts): void {
  const streams = new Set<string>();
  server.addHook('onRequest', ({ caller, id }) => forAuditors(parts.context, caller, id));
  // A look is on record, so that there is none without an answer to it.
  server.get('/audit', { exposeHeadRoute: false }, async (request, reply) => {
    const query = queryFrom(request.query, request.headers.accept);
    const reading = readingOf(request, query);
    if (query.format === 'json') return page(parts.context, reading, query.limit);
    const { id: reader } = request.caller;
    if (streams.size >= STREAMS_AT_ONCE || streams.has(reader)) {
      throw new Refused(503, 'Too many exports are running. Come back later.', RETRY_AFTER_SECONDS);
    }
    streams.add(reader);
    try {
      const all = await readAllAudit(parts.context, reading, query.format);
      if (all.kind === 'refused') throw problemOf(all.refusal);
      return stream(reply, all.batches, query.format, parts.trouble, () => {
        streams.delete(reader);
      });
    } catch (error) {
      streams.delete(reader);
      throw error;
    }
  });
}

/** Whoever asks with another key is on record: a service has no business here. */
async function forAuditors({ refusals }: Context, caller: FastifyRequest['caller'], requestId: string): Promise<void> {
  if (caller.role === 'auditor') return;
  const refusal = { kind: 'wrong_key', needs: 'auditor' } as const;
  await refusals.record({ actor: { name: `key:${caller.name}` }, verb: 'audit', refusal, about: null, requestId });
  throw problemOf(refusal);
}

const readingOf = ({ caller, id }: FastifyRequest, { wish, after }: AuditQuery): Reading => ({
  ...{ key: { id: caller.id, name: caller.name, tenants: caller.tenants }, wish, after, requestId: id },
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
