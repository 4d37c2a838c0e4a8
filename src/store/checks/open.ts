import pg from 'pg';
import { type Answer, stopsAt } from '../../domain/check.ts';
import type { GrantId } from '../../domain/words.ts';
import { patientFor, SilentDatabase } from '../socket.ts';
import { type KeyRow, keyStatement } from './keys.ts';
import { type Search, type SearchRow, type Standing, searchStatement, searchValues } from './search.ts';
import { isOfOneItem, Overloaded, type Sharing, sharing, TooLate } from './sharing.ts';
import {
  type AnswerRow,
  type Asked,
  type AskedTogether,
  answerStatement,
  type PolicyInForce,
  valuesFor,
} from './statement.ts';

/** This process decides by another configuration than the one in force: no answer until it has that one too. */
export class StalePolicy extends Error {
  override name = 'StalePolicy';
}
/** The key was revoked, or expired, between the door and the answer. */
export class KeyGone extends Error {
  override name = 'KeyGone';
}

/** What one question came to: an answer that is on record, or a failure of its own. */
export type Outcome = { answer: Answer; unusual: readonly GrantId[] } | { failure: unknown };

/** The live answer. Nothing here remembers anything between two statements. */
export interface Checks {
  /**
   * Answers questions and writes the answers down, in one statement with those of other callers.
   * @returns an outcome each, in order; fewer than questions where the semantic stopped at one
   * @throws Overloaded, TooLate, StalePolicy, KeyGone; SilentDatabase or pg's errors for a database that does not answer
   */
  answer(call: AskedTogether): Promise<Outcome[]>;
  /**
   * What is true of grants now, within the bounds of the key that asks; on record like an answer.
   * @throws as `answer`
   */
  search(search: Search): Promise<{ standing: readonly Standing[]; actions: readonly string[] | null }>;
  /** The key with this hash, if it is one and still counts. */
  key(hash: Buffer): Promise<KeyRow | null>;
  close(): Promise<void>;
}

export interface ChecksOptions {
  url: string;
  /** The policy this process decides by. */
  inForce: () => PolicyInForce;
}

/** Statements at a time: while one is flushed to disk, the next one is worked out. */
const CONNECTIONS = 2;
/** Milliseconds. A caller is told within `patience`; each statement is given up before. */
const limits = { connect: 800, statement: 1_000, lock: 400, silence: 1_300, unused: 5_000, patience: 2_000 };
/** Questions in one statement, and waiting. */
const sizes = { statement: 256, waiting: 8_192 };

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
  // Every table is entered by an index, however few rows it had when the plan was made.
  ...['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off'],
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Opens connections for checks alone, so that neither a form nor a digest stands in their way. */
export function openChecks({ url, inForce }: ChecksOptions): Checks {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS + 1, // one for keys
    connectionTimeoutMillis: limits.connect,
    idleTimeoutMillis: limits.unused,
    stream: () => patientFor(limits.silence),
    options: settings,
    application_name: 'breakglass checks',
  });
  pool.on('error', () => {}); // whoever used the connection is told; a spare one is replaced
  pool.on('connect', (connection) => connection.on('error', () => {}));

  const freeShards = Array.from({ length: CONNECTIONS }, (_, shard) => shard);
  const ask = async (calls: readonly AskedTogether[]): Promise<Outcome[][]> => {
    const shard = freeShards.pop() ?? 0;
    try {
      const values = valuesFor(calls, inForce(), shard);
      const { rows } = await pool.query<AnswerRow>({ name: 'answer', text: answerStatement, values });
      if (rows.length === 0) throw new StalePolicy('Another configuration is in force.');
      return outcomesOf(calls, rows);
    } finally {
      freeShards.push(shard);
    }
  };
  const answers = sharing<AskedTogether, Outcome[]>(
    { together: ask, alone: (call) => oneByOne(call, ask), weight: ({ questions }) => questions.length },
    { atOnce: CONNECTIONS, most: sizes.statement, waiting: sizes.waiting, patienceMs: limits.patience },
  );
  const keys = keysThrough(pool);
  let closed: Promise<void> | undefined;
  return {
    answer: (call) => answers.ask(call),
    key: async (hash) => (await keys.ask(hash)).row,
    search: async (search) => {
      const { rows } = await pool.query<SearchRow>(searchStatement, searchValues(search, inForce().epoch));
      const [row] = rows;
      if (!row) throw new StalePolicy('Another configuration is in force.');
      if (!row.may_ask) throw new KeyGone('The key does not count any more.');
      return { standing: row.found ?? [], actions: row.actions };
    },
    close: () => {
      closed ??= Promise.all([answers.idle(), keys.idle()]).then(() => pool.end());
      return closed;
    },
  };
}

function keysThrough(pool: pg.Pool): Sharing<Buffer, { row: KeyRow | null }> {
  const look = async (hashes: readonly Buffer[]) => {
    const { rows } = await pool.query<KeyRow>({ name: 'keys', text: keyStatement, values: [hashes] });
    const byHash = new Map(rows.map((row) => [row.secret_hash.toString('hex'), row]));
    return hashes.map((hash) => ({ row: byHash.get(hash.toString('hex')) ?? null }));
  };
  return sharing(
    { together: look, alone: async (hash) => (await look([hash]))[0] ?? { row: null }, weight: () => 1 },
    { atOnce: 1, most: sizes.statement, waiting: sizes.waiting, patienceMs: limits.patience },
  );
}

function outcomesOf(calls: readonly AskedTogether[], rows: readonly AnswerRow[]): Outcome[][] {
  const byNumber = new Map(rows.map((row) => [row.n, row]));
  let n = 0;
  return calls.map(({ questions }) =>
    questions.flatMap((question) => {
      const row = byNumber.get(n);
      n += 1;
      return row ? [outcomeOf(question, row)] : []; // not looked at: the semantic stopped before it
    }),
  );
}

function outcomeOf({ evaluationId }: Asked, row: AnswerRow): Outcome {
  if (!row.may_ask) return { failure: new KeyGone('The key does not count any more.') };
  return {
    answer: {
      allowed: row.allowed,
      reason: row.reason,
      evaluationId,
      grants: row.grants,
      expiresAt: row.expires_at,
      missing: row.missing,
    },
    unusual: row.unusual,
  };
}

/** Each question in a statement of its own: what is wrong with one is the failure of that one. */
async function oneByOne(
  { questions, semantic }: AskedTogether,
  ask: (calls: readonly AskedTogether[]) => Promise<Outcome[][]>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const question of questions) {
    const outcome = await ask([{ questions: [question], semantic }]).then(
      ([answered]): Outcome => answered?.[0] ?? { failure: new Error('The database left a question unanswered.') },
      (failure: unknown): Outcome => {
        if (!isOfOneItem(failure)) throw failure;
        return { failure };
      },
    );
    outcomes.push(outcome);
    if (stopsAt(semantic, 'answer' in outcome && outcome.answer.allowed)) break;
  }
  return outcomes;
}

/** Nothing is wrong with the question: come back later. */
export const isOutage = (error: unknown): boolean =>
  error instanceof Overloaded ||
  error instanceof TooLate ||
  error instanceof StalePolicy ||
  error instanceof SilentDatabase ||
  error instanceof pg.DatabaseError;
