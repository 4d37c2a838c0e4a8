import { filterOf, type TrailEntry, type TrailFilter, type TrailWish } from '../domain/trail.ts';
import type { TenantId } from '../domain/words.ts';
import { keyCounts } from '../store/api-keys.ts';
import { type LookOptions, lookThrough, type Sight, type Stretch, settledRow } from '../store/audit-trail.ts';
import { KeyGone } from '../store/checks/outcomes.ts';
import type { Database, Tx } from '../store/database.ts';
import { readClock } from '../store/policies.ts';
import { tenantIdOf } from '../store/tenants.ts';
import { type Reader, recordExport, recordExportEnd, recordView, searchFor } from './audit-looks.ts';
import { type Context, type Refused, refused } from './context.ts';

/** Who reads; what they may see ends with their bounds. */
export interface ReadingCaller {
  /** How the audit names them. */
  name: string;
  /** Of the key, which is looked up again each time; null for a person, whose token is young. */
  key: string | null;
  /** Null: every tenant, and what concerns none. */
  tenants: readonly TenantId[] | null;
}

/** Who reads, what for, and behind which row. */
export interface Reading {
  caller: ReadingCaller;
  wish: TrailWish;
  /** The number of a row that is known already; 0 for none. */
  after: bigint;
  requestId: string;
}

/** What a reading came to mean. */
interface Begun {
  filter: TrailFilter;
  search: { stretch: Stretch; options: Pick<LookOptions, 'sight' | 'sought' | 'order'> };
  reader: Reader;
  /** No row of the window is still to come. */
  isOver: boolean;
}

export interface ReadPage {
  kind: 'page';
  rows: readonly TrailEntry[];
  /** Behind which row to go on; null where nothing will ever come. */
  next: bigint | null;
  filter: TrailFilter;
}

export interface ReadAll {
  kind: 'all';
  /** One after the other, as they are asked for. Ends early with `return`, and that is on record. */
  batches: AsyncGenerator<readonly TrailEntry[], void, void>;
}

/** Rows that a statement looks at, and statements for one page. */
const bounds = { looks: 20_000, statements: 10 };
/** Rows found, and looked at, in one transaction of an export. */
const batch = { most: 1_000, looks: 5_000 };
/** A window that ended so long ago is over: no transaction of ours lasts as long (ms). */
const OVER_AFTER_MS = 120_000;

/**
 * A page of the audit trail, oldest first, within the bounds of who asks; on record with it. It has fewer rows than
 * asked for, or none, where the next are a long way off: `next` goes on. Whoever goes on behind `next` misses no row.
 */
export async function readAuditPage(context: Context, reading: Reading, limit: number): Promise<ReadPage | Refused> {
  const begun = await begin(context, reading);
  if (begun.kind === 'refused') return begun;
  const { filter, search, reader, isOver } = begun.begun;
  const after = reading.after === 0n ? null : String(reading.after);
  return inBounds(context.db, reading.caller, search.options.sight, async (tx) => {
    const rows: TrailEntry[] = [];
    let rest: Stretch | null = search.stretch;
    for (let times = 0; rest !== null && rows.length < limit && times < bounds.statements; times += 1) {
      const looked = await lookThrough(tx, rest, { ...search.options, ...bounds, most: limit - rows.length });
      rows.push(...looked.rows);
      rest = looked.rest;
    }
    await recordView(tx, reader, filter, reading.wish, { after, rows: rows.length });
    const next = rest === null ? (isOver ? null : laterOf(search.stretch.upTo, reading.after)) : rest.after;
    return { kind: 'page', rows, next, filter };
  });
}

const laterOf = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * All rows of a window, oldest first. That they are taken is on record before the first is read, and how many it were when
 * the last was handed out. A key that is revoked meanwhile gets no further.
 */
export async function readAllAudit(context: Context, reading: Reading, format: string): Promise<ReadAll | Refused> {
  const begun = await begin(context, reading);
  if (begun.kind === 'refused') return begun;
  const { filter, reader, search } = begun.begun;
  await inBounds(context.db, reading.caller, search.options.sight, (tx) =>
    recordExport(tx, reader, filter, reading.wish, { format, rows: null }),
  );
  return { kind: 'all', batches: allOf(context.db, reading.caller, begun.begun) };
}

async function* allOf(db: Database, caller: ReadingCaller, { search, reader }: Begun): ReadAll['batches'] {
  let rows = 0;
  let rest: Stretch | null = search.stretch;
  try {
    while (rest !== null) {
      const from: Stretch = rest;
      const options = { ...search.options, ...batch };
      const looked = await inBounds(db, caller, options.sight, (tx) => lookThrough(tx, from, options));
      rest = looked.rest;
      rows += looked.rows.length;
      if (looked.rows.length > 0) yield looked.rows;
    }
  } finally {
    const complete = rest === null;
    const scope = reader.tenant;
    const record = (tx: Tx) => recordExportEnd(tx, reader, { rows, complete });
    await (scope === null ? db.acrossTenants('the end of an export', record) : db.inTenant(scope, record));
  }
}

/** Finds the tenants, the person and the stretch; a tenant that is not to be seen is none. */
async function begin(
  { db, refusals }: Context,
  { caller, wish, after, requestId }: Reading,
): Promise<{ kind: 'begun'; begun: Begun } | Refused> {
  const begun = await db.acrossTenants('where a reading of the audit trail begins', async (tx) => {
    const sight = await sightOf(tx, caller, wish.tenant);
    if (sight === undefined) return null;
    const { now } = await readClock(tx);
    const filter = filterOf(wish, now);
    const { sought, stretch } = await searchFor(tx, filter, settledRow);
    const isOver = filter.to !== null && filter.to.getTime() + OVER_AFTER_MS < now.getTime();
    const options = { sight, sought, order: 'oldest first' } as const;
    return { filter, isOver, search: { stretch: { ...stretch, after: laterOf(stretch.after, after) }, options } };
  });
  if (begun) {
    const [only = null, ...others] = begun.search.options.sight ?? [];
    const reader = { actor: caller.name, tenant: others.length === 0 ? only : null, grant: null, requestId };
    return { kind: 'begun', begun: { ...begun, reader } };
  }
  const refusal = { kind: 'unknown_tenant' } as const;
  await refusals.record({ actor: caller, verb: 'audit', refusal, about: wish.tenant, requestId });
  return refused(refusal);
}

/** Undefined where the tenant is not to be seen by them, or not there: that is one answer. */
async function sightOf(tx: Tx, { tenants }: ReadingCaller, named: string | null): Promise<Sight | undefined> {
  if (named === null) return tenants;
  const id = await tenantIdOf(tx, named);
  return id !== null && (tenants?.includes(id) ?? true) ? [id] : undefined;
}

/** One tenant's rows are read in its own scope. A key is looked up again each time. */
function inBounds<T>(db: Database, { key }: ReadingCaller, sight: Sight, work: (tx: Tx) => Promise<T>): Promise<T> {
  const check = async (tx: Tx): Promise<void> => {
    if (key !== null && !(await keyCounts(tx, key))) throw new KeyGone('The key does not count any more.');
  };
  const [only, ...others] = sight ?? [];
  if (only !== undefined && others.length === 0) {
    const look = async (tx: Tx) => {
      await check(tx);
      return { tenant: only };
    };
    return db.enterTenant('somebody reads the audit trail of a tenant', look, work);
  }
  return db.acrossTenants('somebody reads the audit trail', async (tx) => {
    await check(tx);
    return work(tx);
  });
}
