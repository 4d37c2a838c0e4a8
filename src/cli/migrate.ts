import { lines } from '../config/mistakes.ts';
import type { readOfflineEnvironment } from '../config.ts';
import { startEmbeddedDatabase } from '../store/embedded/bootstrap.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { exits } from './exits.ts';
import { say } from './terminal.ts';

/** `migrate`: as the owner of the tables, or the embedded database. @returns the exit code */
export async function migrateCommand({
  migrateUrl,
  database: usual,
}: ReturnType<typeof readOfflineEnvironment>): Promise<number> {
  if (migrateUrl !== null) return report(await migrate(migrateUrl).catch(withoutTrace));
  const database = usual();
  if ('embeddedIn' in database) {
    const embedded = await startEmbeddedDatabase({ dataDir: database.embeddedIn });
    await embedded.server.stop();
    say(`The embedded database in ${database.embeddedIn} is up to date.`);
    return exits.done;
  }
  throw lines([
    "MIGRATE_DATABASE_URL: expected the PostgreSQL address of the tables' owner; DATABASE_URL is for the bot.",
  ]);
}

function report(applied: readonly string[]): number {
  say(
    applied.length === 0
      ? 'The database was up to date.'
      : `Applied:\n${applied.map((name) => `  ${name}`).join('\n')}`,
  );
  return exits.done;
}

/** Prisma's engine ends its messages with the places in its own source. */
function withoutTrace(error: unknown): never {
  const said = error instanceof Error ? error.message : String(error);
  const kept = said.split('\n').filter((line) => !/^\s+(\d+: \w+|with |at )/.test(line));
  throw new Error(kept.join('\n').trim(), { cause: error });
}
