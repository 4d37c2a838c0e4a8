import type { Actor } from '../domain/people.ts';
import { filterOf, type TrailEntry, type TrailFilter, type TrailPage, type TrailWish } from '../domain/trail.ts';
import type { Kind } from '../domain/words.ts';
import { type LookOptions, lookThrough, type Stretch } from '../store/audit-trail.ts';
import type { Tx } from '../store/database.ts';
import { readClock } from '../store/policies.ts';
import { inSight, recordView, searchFor } from './audit-looks.ts';
import { meantBy, partNamed, type Sight, sightOf, type Which } from './audit-sight.ts';
import type { CheckDesk } from './check.ts';
import type { Context, Refused } from './context.ts';

export interface Look {
  actor: Actor;
  wish: TrailWish;
  /** Only rows older than this one: its id, in decimal digits. */
  before: string | null;
  /** What is meant where no kind is said; a grant of audit view is for the whole trail all the same. */
  usualKind: Kind | null;
}

export interface Seen {
  kind: 'seen';
  /** Null: everything. */
  tenant: Sight['tenant'];
  wish: TrailWish;
  /** What the wish came to mean. */
  filter: TrailFilter;
  page: TrailPage;
  /** Until when the person may look; null where that has no end. */
  until: Date | null;
}

const PAGE = 10;
/** Rows that a statement looks at, and statements for one page: beyond that the person decides whether to go on. */
const bounds = { looks: 20_000, statements: 10 };

/**
 * A page of the audit trail, newest first, for who may see it now. Each look is decided anew, and on record before its rows
 * are shown.
 * @throws whatever `check` throws for a database that does not answer
 */
export async function lookAtAudit(
  context: Context,
  desk: CheckDesk,
  { actor, wish: said, before, usualKind }: Look,
  requestId: string,
): Promise<Seen | Which | Refused> {
  const sight = await sightOf(context, desk, { actor, wish: said, part: partOf(said, before) }, requestId);
  if (sight.kind !== 'seen') return sight;
  const wish = meantBy(said, sight, usualKind);
  const { filter, sought, stretch } = await context.db.acrossTenants(
    'where a look at the audit trail begins',
    async (tx) => {
      const meant = filterOf(wish, (await readClock(tx)).now);
      return { filter: meant, ...(await searchFor(tx, meant)) };
    },
  );
  const reader = { actor: actor.name, tenant: sight.tenant?.id ?? null, grant: sight.grant, requestId };
  const page = await inSight(context.db, reader.tenant, async (tx) => {
    const options = { sight: sight.tenant && [sight.tenant.id], sought, order: 'newest first', ...bounds } as const;
    const found = await pageOf(tx, upTo(stretch, before), options);
    if (sight.grant === null) await recordView(tx, reader, filter, wish, { before, rows: found.rows.length });
    return found;
  });
  return { kind: 'seen', tenant: sight.tenant, wish, filter, page, until: sight.until };
}

const partOf = (wish: TrailWish, before: string | null): string =>
  partNamed(before === null ? 'newest' : `before ${before}`, wish);

function upTo(stretch: Stretch, before: string | null): Stretch {
  const last = before === null ? stretch.upTo : BigInt(before) - 1n;
  return last < stretch.upTo ? { ...stretch, upTo: last } : stretch;
}

async function pageOf(
  tx: Tx,
  stretch: Stretch,
  options: Omit<LookOptions, 'most'> & typeof bounds,
): Promise<TrailPage> {
  const found: TrailEntry[] = [];
  let rest: Stretch | null = stretch;
  for (let times = 0; rest !== null && times < options.statements; times += 1) {
    const looked = await lookThrough(tx, rest, { ...options, most: PAGE + 1 - found.length });
    found.push(...looked.rows);
    if (found.length > PAGE) {
      const rows = found.slice(0, PAGE);
      return { rows, older: rows.at(-1)?.id ?? null, reached: null };
    }
    rest = looked.rest;
    if (rest !== null && times === options.statements - 1) {
      return { rows: found, older: String(rest.upTo + 1n), reached: looked.reached };
    }
  }
  return { rows: found, older: null, reached: null };
}
