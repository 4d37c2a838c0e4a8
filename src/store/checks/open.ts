import pg from 'pg';
import { isDatabaseOutage } from '../errors.ts';
import { type PoolState, poolState } from '../pool-state.ts';
import { patientFor, SilentDatabase } from '../socket.ts';
import { type KeyRow, keyStatement } from './keys.ts';
import { KeyGone, type Outcome, oneByOne, outcomesOf, StalePolicy } from './outcomes.ts';
import { type Search, type SearchRow, type Standing, searchStatement, searchValues } from './search.ts';
import { Overloaded, type Sharing, sharing, TooLate } from './sharing.ts';
import { type AnswerRow, type AskedTogether, answering } from './statement.ts';

/** There is no way to the database, or it broke off: nobody knows what became of the statement. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** What a search came to. */
export interface Found {
  standing: readonly Standing[];
  /** The actions that the key may ask about; null for every one. */
  actions: readonly string[] | null;
}

/** The live answer. Nothing here remembers anything between two statements. */
export interface Checks {
  /**
   * Answers questions and writes the answers down, in one statement with those of other callers.
   * @returns an outcome each, in order; fewer than questions where the semantic stopped at one
   * @throws Overloaded, TooLate, StalePolicy, KeyGone; Unreachable, SilentDatabase or pg's errors for a database that does not answer
   */
  answer(call: AskedTogether): Promise<Outcome[]>;
  /**
   * What is true of grants now, within the bounds of the key that asks; on record like an answer.
   * @throws as `answer`
   */
  search(search: Search): Promise<Found>;
  /** The key with this hash, if it is one and still counts. */
  key(hash: Buffer): Promise<KeyRow | null>;
  /** What its connections are doing now. */
  pool(): PoolState;
  close(): Promise<void>;
}

export interface ChecksOptions {
  url: string;
}

/** Statements at a time: while one is flushed to disk, the next one is worked out. */
const CONNECTIONS = 2;
/** Milliseconds. A caller is told within `patience`; each statement is given up before. */
const limits = { connect: 800, statement: 1_000, lock: 400, silence: 1_300, unused: 1_000, slow: 20, patience: 2_000 };
/** Questions in one statement, and waiting. */
const sizes = { statement: 256, worthAnother: 96, waiting: 8_192, searches: 256 };

/**
 * Said by us to each session, whatever the server's or the role's defaults are: an answer goes out when its row is on
 * disk (promise 4). The role sees what it needs for an answer and changes nothing (docs/adr/0012).
 */
const settings = [
  'role=breakglass_check',
  'synchronous_commit=on',
  `statement_timeout=${limits.statement}`,
  `lock_timeout=${limits.lock}`,
  'idle_in_transaction_session_timeout=1000',
  'timezone=UTC',
  'jit=off',
  // Every table is entered by the one index that leads to the row, however few rows it had when the plan was made.
  ...['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'enable_bitmapscan=off'],
  ...['enable_hashjoin=off', 'enable_mergejoin=off'],
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Opens connections for checks alone, so that neither a form nor a digest stands in their way. */
export function openChecks({ url }: ChecksOptions): Checks {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS + 2, // one for keys, one for searches
    connectionTimeoutMillis: limits.connect,
    idleTimeoutMillis: limits.unused,
    stream: () => patientFor(limits.silence),
    options: settings,
    application_name: 'breakglass checks',
  });
  pool.on('error', () => {}); // whoever used the connection is told; a spare one is replaced
  pool.on('connect', (connection) => connection.on('error', () => {}));

  const ask = async (calls: readonly AskedTogether[]): Promise<Outcome[][]> => {
    const { rows } = await reaching(pool.query<AnswerRow>(answering(calls)));
    return outcomesOf(calls, rows[0] ?? { epoch: null, answers: null });
  };
  const answers = sharing<AskedTogether, Outcome[]>(
    {
      together: ask,
      alone: (call, wanted) => oneByOne(call, ask, wanted),
      weight: ({ questions }) => questions.length,
    },
    {
      ...{ atOnce: CONNECTIONS, most: sizes.statement, waiting: sizes.waiting, patienceMs: limits.patience },
      worthAnother: { weight: sizes.worthAnother, afterMs: limits.slow },
    },
  );
  const find = async (search: Search): Promise<Found> => {
    const { rows } = await reaching(pool.query<SearchRow>(searchStatement, searchValues(search)));
    const [row] = rows;
    if (!row) throw new StalePolicy('Another configuration is in force.');
    if (!row.may_ask) throw new KeyGone('The key does not count any more.');
    return { standing: row.found ?? [], actions: row.actions };
  };
  // One at a time, each by itself: they must not take the connections of those who check.
  const searches = sharing<Search, Found>(
    { together: async ([search]) => (search ? [await find(search)] : []), alone: find, weight: () => 1 },
    { atOnce: 1, most: 1, waiting: sizes.searches, patienceMs: limits.patience },
  );
  const keys = keysThrough(pool);
  let closed: Promise<void> | undefined;
  return {
    answer: (call) => answers.ask(call),
    key: async (hash) => (await keys.ask(hash.toString('hex'))).row,
    search: (search) => searches.ask(search),
    pool: () => poolState(pool),
    close: () => {
      closed ??= Promise.all([answers.idle(), keys.idle(), searches.idle()]).then(() => pool.end());
      return closed;
    },
  };
}

function keysThrough(pool: pg.Pool): Sharing<string, { row: KeyRow | null }> {
  const look = async (hashes: readonly string[]) => {
    const values = [[...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex'))];
    const { rows } = await reaching(pool.query<KeyRow>({ name: 'keys', text: keyStatement, values }));
    const byHash = new Map(rows.map((row) => [row.secret_hash.toString('hex'), row]));
    return hashes.map((hash) => ({ row: byHash.get(hash) ?? null }));
  };
  return sharing(
    { together: look, alone: async (hash) => (await look([hash]))[0] ?? { row: null }, weight: () => 1 },
    { atOnce: 1, most: sizes.statement, waiting: sizes.waiting, patienceMs: limits.patience },
  );
}

/** What the driver fails with, and neither PostgreSQL nor our patience said, is about the way there. */
const reaching = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error: unknown) => {
    if (error instanceof pg.DatabaseError || error instanceof SilentDatabase) throw error;
    throw new Unreachable('There is no way to the database.', { cause: error });
  });

/** Nothing is wrong with the question: come back later. */
export const isOutage = (error: unknown): boolean =>
  error instanceof Overloaded ||
  error instanceof TooLate ||
  error instanceof StalePolicy ||
  error instanceof SilentDatabase ||
  error instanceof Unreachable ||
  error instanceof pg.DatabaseError ||
  isDatabaseOutage(error);
