import type { Tx } from './database.ts';

/** By what a repeat is recognised: who, which verb, and the key of the delivery (a view's id, a trigger's id). */
export interface RepeatKey {
  actor: string;
  verb: string;
  key: string;
  /** SHA-256 of what was asked, so that the same key with another body is not taken for a repeat. */
  bodyHash: string;
}

/** What came of the first delivery; null where this is the first. */
export async function findHandled(tx: Tx, { actor, verb, key }: RepeatKey) {
  const rows = await tx.$queryRaw<{ bodyHash: string; outcome: unknown }[]>`
    select body_hash as "bodyHash", outcome from handled_requests
     where actor = ${actor} and verb = ${verb} and key = ${key}`;
  return rows[0] ?? null;
}

/** Remembers a success in its own transaction; of two at once, the second waits and fails on the key. */
export async function rememberHandled(
  tx: Tx,
  { actor, verb, key, bodyHash }: RepeatKey,
  outcome: object,
): Promise<void> {
  await tx.$executeRaw`
    insert into handled_requests (actor, verb, key, body_hash, outcome)
    values (${actor}, ${verb}, ${key}, ${bodyHash}, ${JSON.stringify(outcome)}::jsonb)`;
}

/** A repeat comes within minutes; what is older is no longer needed. */
export async function forgetHandled(tx: Tx, days: number): Promise<void> {
  await tx.$executeRaw`delete from handled_requests where at < breakglass_now() - make_interval(days => ${days}::int)`;
}
