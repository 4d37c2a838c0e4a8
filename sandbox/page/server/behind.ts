import pg from 'pg';
import type { Behind, FirstSteps } from '../wire.ts';
import {
  AUDIT,
  type AuditRow,
  behindOf,
  FIRST_STEPS,
  LEGS,
  type LegRow,
  LINES,
  type LineRow,
  lineOf,
  NOTICES,
  type NoticeRow,
  REVIEW_DUE,
} from './behind-rows.ts';

/** Looks at the bot's database for whoever wants to see behind it; never changes a row. */
export interface BehindTheScenes {
  /** @param grant whose story is told; the newest where null, or where there is no such grant */
  look(grant: string | null): Promise<Behind>;
  firstSteps(): Promise<FirstSteps>;
  /** When the next review is due; undefined where none waits. */
  reviewDue(): Promise<Date | undefined>;
  close(): Promise<void>;
}

/** How many requests can be chosen from. */
const SHOWN = 50;

/** What is worth another look, and when. A row that did not change rings nothing, so that a quiet bot stays quiet. */
const watched: readonly (readonly [table: string, when: string])[] = [
  ['outbox', 'insert or update of state, attempts, dropped_at'],
  ['audit_events', 'insert'],
  ['grants', 'insert or update'],
  ['legs', 'insert or update'],
  ['reviews', 'insert or update'],
];
const BELL = 'page_watches';
/** Rings when the clock was moved, too: how a request stands depends on it. */
const CLOCK = 'breakglass_clock';

/**
 * Every look rejects once the database is gone; nothing else comes of that.
 * @param adminUrl somebody's who sees every tenant
 * @param onChange called after each transaction in which anything of it changed, and when the clock was moved
 */
export async function openBehind(adminUrl: string, onChange: () => void): Promise<BehindTheScenes> {
  const bell = await hearing(adminUrl, onChange);
  const pool = new pg.Pool({ connectionString: adminUrl, max: 2, application_name: 'sandbox page' });
  pool.on('error', ignore); // the database may stop before we do
  return {
    look: (grant) => inOneSnapshot(pool, (client) => lookAt(client, grant)),
    firstSteps: async () => {
      const { rows } = await pool.query<FirstSteps>(FIRST_STEPS);
      return rows[0] ?? { asked: false, approved: false, over: false };
    },
    reviewDue: async () => (await pool.query<{ at: Date | null }>(REVIEW_DUE)).rows[0]?.at ?? undefined,
    close: async () => {
      await bell.close();
      await pool.end();
    },
  };
}

async function lookAt(client: pg.PoolClient, grant: string | null): Promise<Behind> {
  const { rows: lines } = await client.query<LineRow>(
    `${LINES} order by g.requested_at desc, g.id desc limit ${SHOWN}`,
  );
  const listed = lines.find(({ id }) => id === grant);
  // As text: what a page asks for need not be an id at all.
  const older = grant === null || listed ? [] : await rowsOf<LineRow>(client, `${LINES} where g.id::text = $1`, grant);
  const row = listed ?? older[0] ?? lines[0];
  if (row === undefined) return { requests: [], followed: null };
  const legs = await rowsOf<LegRow>(client, LEGS, row.id);
  const audit = await rowsOf<AuditRow>(client, AUDIT, row.id);
  const notices = await rowsOf<NoticeRow>(client, NOTICES, row.id);
  return { requests: lines.map(lineOf), followed: behindOf(row, legs, audit, notices) };
}

const rowsOf = async <R extends pg.QueryResultRow>(client: pg.PoolClient, text: string, grant: string): Promise<R[]> =>
  (await client.query<R>(text, [grant])).rows;

/** State, audit and notices are written in one transaction, and so they are read. */
async function inOneSnapshot<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on('error', ignore);
  let broken = true;
  try {
    await client.query('begin isolation level repeatable read read only');
    const found = await work(client);
    await client.query('commit');
    broken = false;
    return found;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

/** Whoever asked on that connection is told anyway. */
const ignore = (): void => {};

async function hearing(adminUrl: string, onChange: () => void): Promise<{ close(): Promise<void> }> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'sandbox page' });
  client.on('error', ignore);
  await client.connect();
  try {
    for (const [table, when] of watched)
      await client.query(
        `create or replace trigger ${BELL} after ${when} on ${table} for each row execute function ring('${BELL}')`,
      );
    for (const bell of [BELL, CLOCK]) await client.query(`listen ${bell}`);
  } catch (error) {
    await client.end();
    throw error;
  }
  client.on('notification', onChange);
  return {
    close: async () => {
      client.off('notification', onChange);
      await client.end();
    },
  };
}
