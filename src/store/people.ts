import type { PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/**
 * The person behind a Slack account; made at first sight.
 * @param account team and user, `T0HOME:U0OPS`
 */
export async function personOf(tx: Tx, account: string): Promise<PersonId> {
  const [issuer = '', externalId = ''] = account.split(':');
  const where = { provider_issuer_externalId: { provider: 'slack', issuer, externalId } };
  const known = await tx.identity.findUnique({ where, select: { personId: true } });
  if (known) return known.personId;
  // Two first sights at once: one insert waits for the other and then finds the row, so no second person is left over.
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`slack:${account}`}, 0))`;
  const meanwhile = await tx.identity.findUnique({ where, select: { personId: true } });
  if (meanwhile) return meanwhile.personId;
  const { id } = await tx.person.create({ data: {}, select: { id: true } });
  await tx.identity.create({
    data: { provider: 'slack', issuer, externalId, personId: id },
    select: { personId: true },
  });
  return id;
}
