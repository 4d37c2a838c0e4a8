import { z } from 'zod';
import { isStorable } from '../../domain/text.ts';
import { actionsLike, isTrailName, type TrailWish } from '../../domain/trail.ts';
import { kinds } from '../../domain/words.ts';
import { type TrailFormat, trailFormats } from '../../evidence/formats.ts';
import { Refused } from '../refusals.ts';
import { isTime } from './words.ts';

export interface AuditQuery {
  wish: TrailWish;
  /** The number of the row to go on behind. */
  after: bigint;
  limit: number;
  format: 'json' | TrailFormat;
}

/** Rows of a page. */
const rows = { usual: 100, most: 1_000 };
const formats = ['json', ...trailFormats] as const;

const one = () => z.string({ error: 'expected one value' });
const moment = () =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'expected a time such as 2026-01-05T09:30:00Z, or a day',
    })
    .refine(isTime, { error: 'expected a time such as 2026-01-05T09:30:00Z, or a day' });
export const auditQuery = z.strictObject({
  from: moment().optional(),
  to: moment().optional(),
  tenant: one()
    .max(100, { error: 'expected the key of a tenant' })
    .refine(isStorable, { error: 'expected the key of a tenant' })
    .optional(),
  person: one()
    .refine(isTrailName, { error: 'expected a name such as slack:T0HOME:U0OLIVIA or key:reader' })
    .optional(),
  action: one()
    .refine((word) => actionsLike(word).length > 0, {
      error: 'expected an action such as access.denied, or a word of some',
    })
    .optional(),
  kind: z.enum(kinds, { error: `expected ${kinds.join(' or ')}` }).optional(),
  limit: one()
    .regex(/^[1-9]\d{0,3}$/, { error: `expected a number from 1 to ${rows.most}` })
    .refine((text) => Number(text) <= rows.most, { error: `expected a number from 1 to ${rows.most}` })
    .optional(),
  cursor: one()
    .refine((text) => rowBehind(text) !== null, { error: 'expected a cursor as it was given' })
    .optional(),
  format: z.enum(formats, { error: `expected one of ${formats.join(', ')}` }).optional(),
});

/**
 * What the query of `GET /v1/audit` means.
 * @throws Refused
 */
export function queryFrom(query: z.infer<typeof auditQuery>, accept: string | undefined): AuditQuery {
  const { from, to, tenant = null, person = null, action = null, kind = null, limit, cursor } = query;
  if (from === undefined && (person ?? action ?? kind) !== null) {
    throw new Refused(
      400,
      'from: is needed with person, action or kind. No index leads to those, so say how far back.',
    );
  }
  const format = query.format ?? formatFor(accept);
  if (limit !== undefined && format !== 'json') throw new Refused(400, 'limit: is for pages, in JSON.');
  const when = (text: string | undefined) => (text === undefined ? null : { at: new Date(text) });
  return {
    wish: { tenant, person, action, kind, since: when(from), until: when(to) },
    after: cursor === undefined ? 0n : (rowBehind(cursor) ?? 0n),
    limit: limit === undefined ? rows.usual : Number(limit),
    format,
  };
}

/** Says nothing to whoever holds it, and is looked at before it is used: a row's number. */
export const cursorOf = (row: bigint): string => Buffer.from(`row:${row}`).toString('base64url');

function rowBehind(cursor: string): bigint | null {
  const [, row] = /^row:(0|[1-9]\d{0,17})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return row !== undefined && cursorOf(BigInt(row)) === cursor ? BigInt(row) : null;
}

const byType: Readonly<Record<string, AuditQuery['format']>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
  'application/*': 'json',
  'text/*': 'csv',
  '*/*': 'json',
};

/** The best of what the caller takes (RFC 9110, section 12.5.1). */
function formatFor(accept: string | undefined): AuditQuery['format'] {
  if (accept === undefined || accept.trim() === '') return 'json';
  const wanted = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    const weight = parameters.map((each) => /^q=([01](?:\.\d{0,3})?)$/.exec(each)?.[1]).find(Boolean);
    return { format: byType[type], weight: weight === undefined ? 1 : Number(weight) };
  });
  const [best] = wanted.filter(({ format, weight }) => format && weight > 0).sort((a, b) => b.weight - a.weight);
  if (best?.format) return best.format;
  throw new Refused(406, 'Expected to be taken: application/json, application/x-ndjson or text/csv.');
}
