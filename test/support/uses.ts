import type { TestDatabase } from './database.ts';

/** Counts as checks would have left them, without asking so often: an action, how often it was allowed and refused. */
export async function countUses(
  db: TestDatabase,
  grant: string,
  ...counts: readonly [action: string, allowed: number, refused: number][]
): Promise<void> {
  for (const [action, allowed, refused] of counts) {
    for (const [answer, uses] of [
      [true, allowed],
      [false, refused],
    ] as const) {
      if (uses === 0) continue;
      await db.query(
        'superuser',
        `insert into use_counts (grant_id, action, allowed, shard, tenant_id, uses, first_at, last_at)
         select id, $2, $3, 0, tenant_id, $4, breakglass_now(), breakglass_now() from grants where id = $1`,
        [grant, action, answer, uses],
      );
    }
  }
}
