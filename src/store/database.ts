import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pass } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { GrantEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import type { TenantId } from '../domain/words.ts';
import { isDuplicate, isLostConnection, isTransient } from './errors.ts';
import { PrismaClient } from './generated/client.ts';
import { type PoolState, poolState } from './pool-state.ts';
import { patientFor, SilentDatabase } from './socket.ts';

/** The transaction a caller works in: opened by one of the scopes below, never bare. */
export type Tx = Omit<
  ReturnType<typeof guardedClient>,
  `$${'transaction' | 'connect' | 'disconnect' | 'extends' | 'on'}`
>;

/**
 * The way to the data. A scope is a transaction that says whose rows it is about; there is no other way in,
 * and row-level security holds the scope against whatever statement runs in it.
 */
export interface Database {
  /** Rows of one tenant. */
  inTenant<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>, reason?: string): Promise<T>;
  /**
   * Rows of one tenant that is not known yet: `look` finds it across tenants, and only then is its scope entered.
   * Where it finds none, `work` runs in a scope that sees nothing.
   */
  enterTenant<F extends { tenant: TenantId | null }, T>(
    reason: string,
    look: (tx: Tx) => Promise<F>,
    work: (tx: Tx, found: F) => Promise<T>,
  ): Promise<T>;
  /** Rows of every tenant: named, rare, with the privileges of its own role only. */
  acrossTenants<T>(reason: string, work: (tx: Tx) => Promise<T>, limitMs?: number): Promise<T>;
  /** What the connections are doing now. */
  pool(): PoolState;
  close(): Promise<void>;
}

/** What became of a grant in one transaction. */
export interface GrantChange {
  /** Null where it was made. */
  before: Grant | null;
  after: Grant;
  events: readonly GrantEvent[];
}

/** Those who watch a transaction: what is to be called when it is committed. */
interface Watched {
  changing: (change: GrantChange) => () => void;
  committed: (() => void)[];
}
const watched = new WeakMap<object, Watched>();

/** Says what is written in this transaction, to whoever watches the database. */
export function noteChange(tx: Tx, change: GrantChange): void {
  const watching = watched.get(tx);
  watching?.committed.push(watching.changing(change));
}

export interface DatabaseOptions {
  url: string;
  /** Connections at most. */
  connections?: number;
  /** Told why somebody looks across tenants. */
  onAcross?: (reason: string) => void;
  /** Told of each change of a grant when it is written; what it gives back is called when that is committed, and only then. */
  changing?: Watched['changing'];
  /** Told before and after each commit, by the name of its scope. Tests stop the process there. */
  reach?: (point: string) => void;
}

/** A statement that outlives these limits is an outage, not a slow answer: whoever waits is told (milliseconds). */
const limits = { connect: 2_000, statement: 5_000, lock: 3_000, transaction: 8_000, idleInTransaction: 10_000 };

/** Ours alone, because the server's may not reach us: silence in the middle of a statement, and rest in the pool (ms). */
const clientLimits = { silence: limits.statement + 1_000, unused: limits.statement };

/**
 * Said to every session by us, whatever the server's or the role's defaults are: an answer is given only for what is
 * on disk, and a lost client does not keep its locks.
 */
const sessionSettings = [
  'synchronous_commit=on',
  `statement_timeout=${limits.statement}`,
  `lock_timeout=${limits.lock}`,
  `idle_in_transaction_session_timeout=${limits.idleInTransaction}`,
  'timezone=UTC',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Set while a scope is open in this chain of calls. */
const scope = new AsyncLocalStorage<string>();

function guardedClient(adapter: PrismaPg) {
  return new PrismaClient({ adapter, errorFormat: 'minimal' }).$extends({
    query: {
      $allOperations({ args, query, operation, model }) {
        if (scope.getStore() === undefined) {
          throw new Error(`${model ?? 'SQL'}.${operation} outside inTenant or acrossTenants: whose rows are these?`);
        }
        return query(args);
      },
    },
  });
}

interface Connections {
  pool: pg.Pool;
  /** How many were ended by the other side so far. */
  lost(): number;
}

function connectionsTo(url: string, atMost: number): Connections {
  let lost = 0;
  const pool = new pg.Pool({
    connectionString: url,
    max: atMost,
    connectionTimeoutMillis: limits.connect,
    idleTimeoutMillis: clientLimits.unused,
    stream: () => patientFor(clientLimits.silence),
    options: sessionSettings,
    application_name: 'breakglass',
  });
  // A connection that dies is replaced, and whoever used it is told by their statement. Its last word must be heard
  // also between two users: an error that nobody listens for ends the process.
  pool.on('connect', (connection) =>
    connection.on('error', (error) => {
      if (!(error instanceof SilentDatabase)) lost += 1;
    }),
  );
  return { pool, lost: () => lost };
}

/** Opens a pool; nothing connects until the first scope. */
export function openDatabase({
  url,
  connections = 10,
  onAcross = () => {},
  changing = () => () => {},
  reach = () => {},
}: DatabaseOptions): Database {
  const { pool, lost } = connectionsTo(url, connections);
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  const client = guardedClient(adapter);
  let closed = false;

  const open = async <T>(name: string, work: (tx: Tx) => Promise<T>, limitMs = limits.transaction): Promise<T> => {
    const watching: Watched = { changing, committed: [] };
    const once = (committing: () => void) => {
      watching.committed = []; // what an earlier try wrote is undone
      // The adapter would open another pool by itself, which nobody closes.
      if (closed) throw new Error(`${name}: the database was closed.`);
      return client.$transaction(
        async (tx) => {
          watched.set(tx, watching);
          const result = await work(tx as Tx);
          reach(`${name}: before commit`);
          committing();
          return result;
        },
        { maxWait: limits.connect, timeout: limitMs },
      );
    };
    const done = await scope.run(name, () => retrying(once, lost));
    for (const tell of watching.committed) tell();
    reach(`${name}: after commit`);
    return done;
  };

  return {
    inTenant: (tenant, work, reason = 'one tenant') =>
      open(reason, async (tx) => {
        await enter(tx, tenant);
        return work(tx);
      }),
    enterTenant: (reason, look, work) => {
      onAcross(reason);
      return open(reason, async (tx) => {
        await becomeAcross(tx);
        const found = await look(tx);
        await comeBack(tx, found.tenant);
        return work(tx, found);
      });
    },
    acrossTenants: (reason, work, limitMs) => {
      onAcross(reason);
      return open(
        reason,
        async (tx) => {
          await becomeAcross(tx);
          return work(tx);
        },
        limitMs,
      );
    },
    pool: () => poolState(pool),
    close: () => {
      closed = true;
      return client.$disconnect();
    },
  };
}

const enter = (tx: Tx, tenant: TenantId) => tx.$queryRaw`select set_config('app.tenant_id', ${tenant}, true)`;

/** Ourselves again, in a tenant's scope or in one that sees nothing: both in one statement, since each is a way there and back. */
const comeBack = (tx: Tx, tenant: TenantId | null) =>
  tx.$queryRaw`select set_config('role', 'none', true), set_config('app.tenant_id', ${tenant ?? ''}, true)`;

const becomeAcross = (tx: Tx) => tx.$executeRaw`set local role breakglass_across`;

/** Before the next try on another connection, and twice that before the last (ms). */
const AFTER_CUT_MS = 100;

/**
 * Tries the same work again, a few times, where nothing of it can have stayed. Serialization failures, deadlocks and lost
 * races for a unique key undo everything, also at the commit; the second look finds what the faster one did. A
 * connection that was lost before the commit was sent takes the transaction with it; the error has to say so, since it may
 * be another one of the pool that was lost meanwhile. One that was lost after that may have committed: nobody knows, so
 * nobody tries again.
 */
async function retrying<T>(
  transaction: (committing: () => void) => Promise<T>,
  lost: () => number,
  attempts = 3,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const lostBefore = lost();
    let committing = false;
    try {
      return await transaction(() => {
        committing = true;
      });
    } catch (error) {
      const cut = !committing && lost() > lostBefore && isLostConnection(error);
      if (attempt >= attempts || !(cut || isTransient(error) || isDuplicate(error))) throw error;
      // Where one connection was ended others may be about to: the pool learns of those meanwhile.
      if (cut) await pass(AFTER_CUT_MS * attempt);
    }
  }
}
