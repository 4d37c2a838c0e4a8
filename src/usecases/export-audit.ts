import type { Actor } from '../domain/people.ts';
import { filterOf, type TrailFilter, type TrailWish } from '../domain/trail.ts';
import { csvHeader, csvRow } from '../evidence/trail.ts';
import { lookThrough, type Stretch } from '../store/audit-trail.ts';
import type { Database } from '../store/database.ts';
import { readClock } from '../store/policies.ts';
import { inSight, type Reader, recordExport, type Search, searchFor } from './audit-looks.ts';
import { partNamed, type Sight, sightOf, type Which } from './audit-sight.ts';
import type { CheckDesk } from './check.ts';
import type { Context, Refused } from './context.ts';

export interface Exported {
  kind: 'exported';
  /** Null: everything. */
  tenant: Sight['tenant'];
  filter: TrailFilter;
  /** In UTF-8, the oldest row first. */
  csv: Buffer;
  rows: number;
  /** Older rows are left out: there are too many for one file. */
  cut: boolean;
  at: Date;
}

/** What fits a file for a spreadsheet: rows, and bytes. */
export const CSV_MOST = { rows: 50_000, bytes: 20 * 1024 * 1024 } as const;
/** Rows found, and rows looked at, in one transaction. */
const batch = { most: 2_000, looks: 20_000 };
/** Spreadsheets take a text for UTF-8 only where it begins like this. */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * The rows of a filter as a CSV, for who may see them now: the newest, as many as fit. On record, with their number, before
 * it is handed out.
 * @throws whatever `check` throws for a database that does not answer
 */
export async function exportAudit(
  context: Context,
  desk: CheckDesk,
  { actor, wish }: { actor: Actor; wish: TrailWish },
  requestId: string,
): Promise<Exported | Which | Refused> {
  const sight = await sightOf(context, desk, { actor, wish, part: partNamed('csv', wish) }, requestId);
  if (sight.kind !== 'seen') return sight;
  const { at, filter, search } = await context.db.acrossTenants(
    'where an export of the audit trail begins',
    async (tx) => {
      const { now } = await readClock(tx);
      const meant = filterOf(wish, now);
      return { at: now, filter: meant, search: await searchFor(tx, meant) };
    },
  );
  const reader: Reader = { actor: actor.name, tenant: sight.tenant?.id ?? null, grant: sight.grant, requestId };
  const { lines, cut } = await newestLines(context.db, reader, search);
  await inSight(context.db, reader.tenant, (tx) =>
    recordExport(tx, reader, filter, wish, { format: 'csv', rows: lines.length }),
  );
  const csv = Buffer.from([BYTE_ORDER_MARK, csvHeader, ...lines.reverse()].join(''));
  return { kind: 'exported', tenant: sight.tenant, filter, csv, rows: lines.length, cut, at };
}

/** The newest rows, as lines, the newest first. */
async function newestLines(
  db: Database,
  { tenant }: Reader,
  { sought, stretch }: Search,
): Promise<{ lines: string[]; cut: boolean }> {
  const lines: string[] = [];
  let bytes = 0;
  for (let rest: Stretch | null = stretch; rest !== null; ) {
    const options = { sight: tenant === null ? null : [tenant], sought, order: 'newest first', ...batch } as const;
    const from: Stretch = rest;
    const looked = await inSight(db, tenant, (tx) => lookThrough(tx, from, options));
    for (const entry of looked.rows) {
      const line = csvRow(entry);
      bytes += Buffer.byteLength(line);
      if (lines.length === CSV_MOST.rows || bytes > CSV_MOST.bytes) return { lines, cut: true };
      lines.push(line);
    }
    rest = looked.rest;
  }
  return { lines, cut: false };
}
