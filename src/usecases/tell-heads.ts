import type { TenantId } from '../domain/words.ts';
import type { Tx } from '../store/database.ts';
import { enqueueForEach } from '../store/outbox.ts';
import { postedWithin, type StoredCheckpoint, unpostedOfTenants } from '../store/seal.ts';
import { tenantsWithChannel } from '../store/tenants.ts';

/** A head that was signed just now. */
export type HeadToTell = Omit<StoredCheckpoint, 'at' | 'posted'> & {
  /** A break-glass session closed in what it covers: people get it at once. */
  closing: boolean;
};

/** People get a head at least this often, as long as there are entries. */
const TOLD_EVERY_HOURS = 24;

/**
 * Sends heads to people, so that copies are where no database administrator can reach: when a break-glass session closed,
 * and once a day all that they have not got. The head of everything goes to security, a tenant's own to its owners.
 * @param heads of this transaction, that of everything among them
 * @returns them as they are to be stored, and those of earlier that are sent only now
 */
export async function tellHeads(
  tx: Tx,
  heads: readonly HeadToTell[],
  security: string,
  requestId: string,
): Promise<Omit<StoredCheckpoint, 'at'>[]> {
  const daily = !(await postedWithin(tx, TOLD_EVERY_HOURS));
  if (!daily && !heads.some(({ closing }) => closing)) return heads.map((head) => stored(head, false));
  const readers = await readersOf(tx, security);
  const made = heads.map((head) => stored(head, (daily || head.closing) && readers.has(head.tenant)));
  const fresh = new Set(heads.map(({ tenant }) => tenant));
  const waiting = daily ? await unpostedOfTenants(tx) : [];
  const earlier = waiting
    .filter(({ tenant }) => !fresh.has(tenant) && readers.has(tenant))
    .map((head) => stored(head, true));
  const notices = [...made, ...earlier].flatMap(({ posted, tenant, size, note }) => {
    const reader = posted ? readers.get(tenant) : undefined;
    const notice = { kind: 'checkpoint' as const, tenant: reader?.name ?? null, size, note };
    return reader ? [{ destination: reader.channel, notice, tenant }] : [];
  });
  await enqueueForEach(tx, notices, requestId);
  return [...made, ...earlier];
}

const stored = (
  { tenant, size, root, note, peaks, horizon, server }: Omit<StoredCheckpoint, 'at' | 'posted'>,
  posted: boolean,
): Omit<StoredCheckpoint, 'at'> => ({ tenant, size, root, note, peaks, horizon, server, posted });

interface Reader {
  channel: string;
  /** The tenant's name; null for those who read everything. */
  name: string | null;
}

/** Who gets the head of which tree. A tenant without a channel has nobody. */
async function readersOf(tx: Tx, security: string): Promise<Map<TenantId | null, Reader>> {
  const owners = await tenantsWithChannel(tx);
  return new Map<TenantId | null, Reader>([
    [null, { channel: security, name: null }],
    ...owners.map(({ id, channel, name }): [TenantId, Reader] => [id, { channel, name }]),
  ]);
}
