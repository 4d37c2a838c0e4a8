import pg from 'pg';
import { everything, migrationsList, openEngine } from './engine.ts';

/** One migration at a time, whoever starts first. Any number that nothing else uses. */
const MIGRATION_LOCK = 7_203_921;

/**
 * Brings the database up to date and says which migrations were applied, oldest first.
 * @param url the owner's connection string (`MIGRATE_DATABASE_URL`)
 * @throws Error when a migration fails or an earlier one was left half done; the message says what to do
 */
export async function migrate(url: string): Promise<string[]> {
  const guard = new pg.Client({ connectionString: url });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await forgetInterrupted(guard);
    const { engine, close } = await openEngine(url, () =>
      Promise.reject(new Error('Applying migrations needs no shadow database.')),
    );
    const { appliedMigrationNames } = await engine
      .applyMigrations({
        migrationsList: migrationsList(),
        filters: everything,
      })
      .finally(close);
    return appliedMigrationNames;
  } finally {
    await guard.end();
  }
}

/**
 * A migration runs as one transaction, so one that was interrupted did nothing: only its row in Prisma's table is left.
 * We hold the lock, so nobody is running it now. Marked as rolled back, it is applied again.
 */
async function forgetInterrupted(guard: pg.Client): Promise<void> {
  const { rows } = await guard.query<{ known: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as known`,
  );
  if (!rows[0]?.known) return;
  await guard.query(
    `update _prisma_migrations set rolled_back_at = clock_timestamp()
      where finished_at is null and rolled_back_at is null`,
  );
}
