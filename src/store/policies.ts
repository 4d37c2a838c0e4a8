import type { Tx } from './database.ts';

export interface Epoch {
  epoch: number;
  hash: string;
  text: string;
  adoptedAt: Date;
}

/** Waits for other processes that start with a configuration; one adopts at a time. */
export const lockPolicies = (tx: Tx) => tx.$executeRaw`select pg_advisory_xact_lock(7203922)`;

export async function policyInForce(tx: Tx): Promise<Epoch | null> {
  const row = await tx.policyEpoch.findFirst({ orderBy: { epoch: 'desc' }, include: { policy: true } });
  return row && { epoch: row.epoch, hash: row.hash, text: row.policy.text, adoptedAt: row.adoptedAt };
}

export async function adoptPolicy(tx: Tx, hash: string, text: string): Promise<number> {
  await tx.policy.createMany({ data: { hash, text }, skipDuplicates: true });
  const { epoch } = await tx.policyEpoch.create({ data: { hash }, select: { epoch: true } });
  return epoch;
}

/** The database's time and the policy in force: what a rule has to know, read after the locks. */
export async function readClock(tx: Tx): Promise<{ now: Date; epoch: number | null }> {
  const rows = await tx.$queryRaw<{ now: Date; epoch: number | null }[]>`
    select breakglass_now() as now, (select max(epoch) from policy_epochs) as epoch`;
  const row = rows[0];
  if (!row) throw new Error('The database did not say what time it is.');
  return row;
}
