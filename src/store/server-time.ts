import type { Tx } from './database.ts';

/**
 * What time it is (milliseconds since 1970), by the clock of the database's machine: `breakglass_now()` without what the
 * sandbox and the tests put on top. For what others signed with clocks of their own; no rule asks it.
 */
export async function serverTime(tx: Tx): Promise<number> {
  const rows = await tx.$queryRaw<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
  const row = rows[0];
  if (!row) throw new Error('The database did not say what time it is.');
  return row.ms;
}
