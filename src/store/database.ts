import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import type { TenantId } from '../domain/words.ts';
import { isDuplicate, isTransient } from './errors.ts';
import { PrismaClient } from './generated/client.ts';

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
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections at most. */
  connections?: number;
  /** Told why somebody looks across tenants. */
  onAcross?: (reason: string) => void;
  /** Told before and after each commit, by the name of its scope. Tests stop the process there. */
  reach?: (point: string) => void;
}

/** A statement that outlives these limits is an outage, not a slow answer: whoever waits is told (milliseconds). */
const limits = { connect: 2_000, statement: 5_000, lock: 3_000, transaction: 8_000, idleInTransaction: 10_000 };

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

/** Opens a pool; nothing connects until the first scope. */
export function openDatabase({
  url,
  connections = 10,
  onAcross = () => {},
  reach = () => {},
}: DatabaseOptions): Database {
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: limits.connect,
      options: sessionSettings,
      application_name: 'breakglass',
    },
    { onPoolError: () => {} }, // a connection that dies in the pool is replaced; the next scope reports what it meets
  );
  const client = guardedClient(adapter);

  const open = async <T>(name: string, work: (tx: Tx) => Promise<T>, limitMs = limits.transaction): Promise<T> => {
    const done = await scope.run(name, () =>
      retrying(() =>
        client.$transaction(
          async (tx) => {
            const result = await work(tx as Tx);
            reach(`${name}: before commit`);
            return result;
          },
          { maxWait: limits.connect, timeout: limitMs },
        ),
      ),
    );
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
        await tx.$executeRaw`set local role none`;
        if (found.tenant !== null) await enter(tx, found.tenant);
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
    close: () => client.$disconnect(),
  };
}

const enter = (tx: Tx, tenant: TenantId) => tx.$queryRaw`select set_config('app.tenant_id', ${tenant}, true)`;

const becomeAcross = (tx: Tx) => tx.$executeRaw`set local role breakglass_across`;

/**
 * Serialization failures, deadlocks and lost races for a unique key undo everything, so the same work may be tried
 * again, a few times: the second look finds what the faster one did.
 */
async function retrying<T>(transaction: () => Promise<T>, attempts = 3): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt >= attempts || !(isTransient(error) || isDuplicate(error))) throw error;
    }
  }
}
