import type { FastifyInstance } from 'fastify';
import { BadRequest } from './authzen/question.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bodies are JSON objects in UTF-8 (AuthZEN 1.0, "HTTPS JSON Binding"), and nothing else is read. */
export function readJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    objectFrom(body),
  );
}

function objectFrom(body: Buffer): object {
  if (body.length === 0) throw new BadRequest('Expected a JSON object as the body, found nothing.');
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    throw new BadRequest('Expected a JSON object in UTF-8 as the body.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('Expected a JSON object as the body.');
  }
  return value;
}
