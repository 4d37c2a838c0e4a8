import type { CardOf } from '../domain/notices.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** Where a card stands in Slack, and what it shows. */
export interface Posted {
  channel: string;
  ts: string;
  versionShown: number;
}

/** Which card: whose, and of what. */
export interface CardKey {
  grant: GrantId;
  of: CardOf;
}

export async function postedCard(tx: Tx, { grant, of: subject }: CardKey, destination: string): Promise<Posted | null> {
  return tx.postedMessage.findUnique({
    where: { grantId_subject_destination: { grantId: grant, subject, destination } },
    select: { channel: true, ts: true, versionShown: true },
  });
}

/**
 * Remembers where a card stands and what it shows.
 * @param versionFound what was remembered before it was sent. Where somebody distrusted that meanwhile, theirs may have
 *   arrived after ours, and what stands there stays unknown.
 */
export async function rememberPosted(
  tx: Tx,
  { grant, of }: CardKey,
  tenant: TenantId,
  destination: string,
  { channel, ts, versionShown, versionFound }: Posted & { versionFound: number | null },
): Promise<void> {
  await tx.$executeRaw`
    insert into posted_messages as known (grant_id, subject, tenant_id, destination, channel, ts, version_shown)
    values (${grant}::uuid, ${of}::card_subject, ${tenant}::uuid, ${destination}, ${channel}, ${ts}, ${versionShown})
    on conflict (grant_id, subject, destination) do update set channel = excluded.channel, ts = excluded.ts,
      version_shown = case when known.version_shown = ${versionFound} then excluded.version_shown else known.version_shown end`;
}

/**
 * Somebody without a lease may have put an older card over a newer one: what stands there is unknown, which is a version
 * below any other, and another one each time.
 */
export async function distrustPosted(tx: Tx, { grant, of }: CardKey, destination: string): Promise<void> {
  await tx.$executeRaw`
    update posted_messages set version_shown = least(version_shown, 0) - 1
     where grant_id = ${grant}::uuid and subject = ${of}::card_subject and destination = ${destination}`;
}

/**
 * Where a card stands in a channel, for whoever wants to be led there. Where it stands in several, the preferred one's;
 * which of them Slack took first depends on the queues. Across tenants.
 */
export async function cardPlaces(
  tx: Tx,
  of: CardOf,
  grants: readonly GrantId[],
  preferred: string,
): Promise<ReadonlyMap<GrantId, { channel: string; ts: string }>> {
  const rows = await tx.$queryRaw<{ grant: GrantId; channel: string; ts: string }[]>`
    select distinct on (grant_id) grant_id as "grant", channel, ts from posted_messages
     where grant_id = any(${grants}::uuid[]) and subject = ${of}::card_subject
     order by grant_id, destination <> ${preferred}, ts`;
  return new Map(rows.map(({ grant, ...place }) => [grant, place]));
}
