import { z } from 'zod';
import { isStorable } from '../../domain/text.ts';
import { Refused } from '../refusals.ts';

/** What several endpoints take and give. */

export const grantPath = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .meta({ description: 'The id of an access' }),
});

/** Text that somebody typed; how much of it is right is a rule's to say. */
export const typed = (most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'expected text') })
    .max(most, { error: `expected ${most} characters or fewer` });

export const tenantKey = z
  .string({ error: 'expected the key of a tenant' })
  .min(1, { error: 'expected the key of a tenant' })
  .max(100, { error: 'expected the key of a tenant' })
  .refine(isStorable, { error: 'expected the key of a tenant' });

export const moment = z.iso.datetime();

/** A time that PostgreSQL knows as well: there is no year 0. */
export const isTime = (text: string): boolean => new Date(text).getTime() > Date.UTC(1970, 0, 1) - 1;

/** Rows of a page. */
const rows = { usual: 50, most: 200 };
export const pageQuery = {
  limit: z
    .string({ error: 'expected one value' })
    .regex(/^[1-9]\d{0,2}$/, { error: `expected a number from 1 to ${rows.most}` })
    .refine((text) => Number(text) <= rows.most, { error: `expected a number from 1 to ${rows.most}` })
    .optional()
    .meta({ description: `Rows of a page, 1 to ${rows.most}; ${rows.usual} where it is not said` }),
  cursor: z
    .string({ error: 'expected one value' })
    .max(200, { error: 'expected a cursor as it was given' })
    .optional()
    .meta({ description: 'Where to go on: the `next` of the page before' }),
};
export const limitOf = (limit: string | undefined): number => (limit === undefined ? rows.usual : Number(limit));

/** Says nothing to whoever holds it, and is looked at before it is used. */
export const cursorOf = (place: string): string => Buffer.from(place).toString('base64url');
/**
 * The place behind a cursor, null without one.
 * @throws Refused where it is none that this list gave
 */
export function placeOf(cursor: string | undefined, shape: RegExp): string | null {
  if (cursor === undefined) return null;
  const place = Buffer.from(cursor, 'base64url').toString();
  if (shape.test(place) && cursorOf(place) === cursor) return place;
  throw new Refused(400, 'cursor: expected a cursor as it was given.');
}

export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({ data: z.array(item), next: z.string().nullable().meta({ description: 'Null where nothing follows' }) });
