import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCrowd, addOpenGrants, type Crowd, fillHistory } from '../../bench/history.ts';
import { configuration } from '../../sandbox/cast.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { type LookOptions, lookThrough, settledRow, stretchOf } from '../../src/store/audit-trail.ts';
import { type Database, openDatabase, type Tx } from '../../src/store/database.ts';
import { claimLane, foldable, headOf, untilNextDelivery } from '../../src/store/deliveries.ts';
import { summarise } from '../../src/store/digest.ts';
import { watchOver } from '../../src/store/digest-watch.ts';
import { dueGrants, holders, untilNextDue } from '../../src/store/due.ts';
import { enqueue } from '../../src/store/outbox.ts';
import { readClock } from '../../src/store/policies.ts';
import { readPresent } from '../../src/store/present.ts';
import { oldestOverdue } from '../../src/store/reviews.ts';
import { adoptPolicy } from '../../src/usecases/adopt-policy.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const HISTORY = 20_000;
const DUE = 10;
const HOUR_MS = 60 * 60_000;
const destinations = ['C0ACME', 'C0GLOBEX', 'C0SECURITY'];

let db: TestDatabase;
let store: Database;
let crowd: Crowd;
beforeAll(async () => {
  db = await testDatabase();
  store = openDatabase({ url: db.url('app') });
  await adoptPolicy(store, parseSettings(configuration, 'breakglass.yml'), () => null, 'plans');
  const admin = await db.session('superuser');
  crowd = await aCrowd(
    admin,
    Array.from({ length: 20 }, (_, i) => `U0OPERATOR${i}`),
    ['U0ANNA', 'U0SAM'],
  );
  await fillHistory(admin, crowd, HISTORY, () => {});
  await addPresent(admin);
  await admin.query('vacuum analyze');
});
afterAll(async () => {
  await store.close();
  await db.drop();
});

/** Some grants that are due, as many that are active, and notices that wait in a few lanes. */
async function addPresent(admin: pg.Client): Promise<void> {
  const now = Date.now();
  const open = (from: number, until: number) =>
    Array.from({ length: DUE }, (_, i) => ({
      ...{ state: 'active' as const, tenant: crowd.tenants[0]?.id ?? '', until: new Date(until) },
      ...{ operator: crowd.operators[from + i] ?? '', places: [] },
    }));
  await addOpenGrants(admin, crowd, [...open(0, now - 60_000), ...open(DUE, now + HOUR_MS / 2)].map(withPlaces));
  await store.acrossTenants('plans', async (tx) => {
    const notice = { kind: 'tenant_changed', tenant: 'Acme', changes: [], wasShared: null } as const;
    const notices = destinations.flatMap((destination) => Array.from({ length: 5 }, () => ({ destination, notice })));
    await enqueue(tx, notices, { tenant: null, requestId: 'plans' });
  });
}

const withPlaces = (grant: Omit<Parameters<typeof addOpenGrants>[2][number], 'places'>) => ({
  ...grant,
  places: [{ destination: 'C0ACME', audience: 'approvers' as const, channel: 'C0ACME', ts: '1.000001' }],
});

interface Read {
  /** Rows of tables and entries of indexes that were looked at, whether or not they were wanted. */
  rows: number;
  /** Pages of tables and indexes, in memory or on disk. */
  pages: number;
  /** Indexes that were searched. */
  indexes: string[];
}

interface Count {
  relation: string;
  rows: number;
  pages: number;
  searches: number;
}

/** What the server had to read of our tables for some work, by its own count. */
const readBy = (work: (tx: Tx) => Promise<unknown>): Promise<Read> =>
  store.acrossTenants('plans', async (tx) => {
    const before = await readSoFar(tx);
    await work(tx);
    const after = await readSoFar(tx);
    const counts = after.map((each, i): Count => {
      const was = before[i] ?? each;
      const less = (name: 'rows' | 'pages' | 'searches') => each[name] - was[name];
      return { relation: each.relation, rows: less('rows'), pages: less('pages'), searches: less('searches') };
    });
    return {
      rows: counts.reduce((sum, { rows }) => sum + rows, 0),
      pages: counts.reduce((sum, { pages }) => sum + pages, 0),
      indexes: counts.filter(({ searches }) => searches > 0).map(({ relation }) => relation),
    };
  });

const readSoFar = (tx: Tx) => tx.$queryRaw<Count[]>`
  select relname as relation, pg_stat_get_xact_blocks_fetched(oid)::int as pages,
         case relkind when 'i' then pg_stat_get_xact_numscans(oid)::int else 0 end as searches,
         (pg_stat_get_xact_tuples_returned(oid)
           + case relkind when 'r' then pg_stat_get_xact_tuples_fetched(oid) else 0 end)::int as rows
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i') order by relname`;

const digestOfADay = async (tx: Tx, tenant: { id: string; name: string } | null) => {
  const { now } = await readClock(tx);
  return summarise(tx, new Date(now.getTime() - 24 * HOUR_MS), now, tenant);
};

const nothingSought = { from: null, to: null, person: null, actions: null, kind: null };
const page: Pick<LookOptions, 'sought' | 'most'> = { sought: nothingSought, most: 11 };

interface Look {
  what: string;
  /** The indexes that must be searched for it. */
  by: string[];
  at: (tx: Tx) => Promise<unknown>;
}

const looks: readonly Look[] = [
  { what: 'the sweep: what is due', by: ['due_to_expire', 'due_to_lapse'], at: (tx) => dueGrants(tx, 200) },
  { what: 'the sweep: when something is due next', by: ['due_to_expire', 'due_to_lapse'], at: untilNextDue },
  { what: 'the leavers: who has something open', by: ['open_by_requester'], at: holders },
  {
    what: 'the outbox: the next lane, its notice and what goes with it',
    by: ['waiting_in_order'],
    at: async (tx) => {
      const lease = await claimLane(tx);
      const head = lease && (await headOf(tx, lease));
      if (!lease || !head) throw new Error('Nothing waits.');
      await foldable(tx, lease, head);
    },
  },
  { what: 'the outbox: when something is due next', by: ['waiting_in_order'], at: untilNextDelivery },
  {
    what: 'the digest of all tenants',
    by: ['grants_requested_at_idx', 'closed_lately'],
    at: (tx) => digestOfADay(tx, null),
  },
  {
    what: 'the digest of one tenant',
    by: ['closed_lately'],
    at: (tx) => digestOfADay(tx, { id: crowd.tenants[0]?.id ?? '', name: 'Acme' }),
  },
  {
    what: 'a page of the audit trail of a tenant, however old',
    by: ['audit_events_tenant_id_id_idx'],
    at: async (tx) => {
      const sight = [crowd.tenants[0]?.id ?? ''];
      const newest = await settledRow(tx);
      const look = { ...page, sight, order: 'newest first', looks: 20_000 } as const;
      await lookThrough(tx, { after: 0n, upTo: newest }, look);
      await lookThrough(tx, { after: 0n, upTo: newest - BigInt(HISTORY) }, look);
    },
  },
  {
    what: 'a page of the audit trail of everything',
    by: ['audit_events_pkey'],
    at: async (tx) => {
      const newest = await settledRow(tx);
      await lookThrough(tx, { after: 0n, upTo: newest }, { ...page, sight: null, order: 'newest first', looks: 100 });
    },
  },
  ...(['newest first', 'oldest first'] as const).flatMap((order) =>
    [true, false].map((ofOne) => ({
      what: `${order}, a part of the audit trail of ${ofOne ? 'a tenant' : 'everything'} in search of somebody who did nothing`,
      by: [ofOne ? 'audit_events_tenant_id_id_idx' : 'audit_events_pkey'],
      at: async (tx: Tx) => {
        const sight = ofOne ? [crowd.tenants[0]?.id ?? ''] : null;
        const person = { names: ['slack:T0HOME:U0NOBODY'], id: null };
        const sought = { ...page.sought, person, kind: 'support_access', actions: ['access.denied'] } as const;
        const stretch = { after: 0n, upTo: await settledRow(tx) };
        const { rest } = await lookThrough(tx, stretch, { ...page, sought, sight, order, looks: 100 });
        if (rest === null) throw new Error('Nothing is left to look through.');
      },
    })),
  ),
  {
    what: 'the part of the audit trail that a window is about',
    by: ['audit_events_at_idx'],
    at: async (tx) => {
      const { now } = await readClock(tx);
      const from = new Date(now.getTime() - 24 * HOUR_MS);
      await stretchOf(tx, { from, to: now }, await settledRow(tx));
    },
  },
  {
    what: 'what a digest watches over',
    by: ['closed_lately', 'reviews_owed', 'audit_events_pkey'],
    at: async (tx) => {
      const { now } = await readClock(tx);
      await watchOver(tx, new Date(now.getTime() - 24 * HOUR_MS), now, null);
    },
  },
  {
    what: 'the reviews that somebody owes',
    by: ['reviews_owed'],
    at: (tx) => oldestOverdue(tx, crowd.operators[0] ?? ''),
  },
  {
    what: 'the figures of a scrape',
    by: ['due_to_expire', 'due_to_lapse', 'waiting_in_order', 'dead_notices', 'reviews_owed', 'audit_events_pkey'],
    at: (tx) => readPresent(tx, true),
  },
];
const lookAt = (wanted: string): Look['at'] => looks.find(({ what }) => what === wanted)?.at ?? untilNextDue;

/** Some of what is there now is read more than once; a history is twenty times as much. */
const BOUND = HISTORY / 20;

describe('what is looked at grows with what is due, open or waiting, and not with what is over', () => {
  test.each(looks)('$what', async ({ by, at }) => {
    const { rows, pages, indexes } = await readBy(at);
    expect(indexes).toEqual(expect.arrayContaining(by));
    expect(rows).toBeLessThan(BOUND);
    expect(pages).toBeLessThan(BOUND / 3);
  });

  test('the sweep reads what is due, and nothing of what is only open', async () => {
    const found = await store.acrossTenants('plans', (tx) => dueGrants(tx, 200));
    expect(found).toHaveLength(DUE);
    expect((await readBy((tx) => dueGrants(tx, 200))).rows).toBe(DUE);
  });
});

test('the count sees what it should: without their indexes, the same looks read the history', async () => {
  await db.query(
    'owner',
    'drop index due_to_expire, due_to_lapse, open_by_requester, one_open_grant, waiting_in_order, closed_lately',
  );
  for (const what of [
    'the sweep: what is due',
    'the outbox: when something is due next',
    'the digest of all tenants',
    'the figures of a scrape',
  ]) {
    expect((await readBy(lookAt(what))).rows, what).toBeGreaterThan(HISTORY);
  }
});
