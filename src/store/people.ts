import type { PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/**
 * The person behind a Slack account; made at first sight.
 * @param account team and user, `T0HOME:U0OPS`
 */
export async function personOf(tx: Tx, account: string): Promise<PersonId> {
  const [issuer = '', externalId = ''] = account.split(':');
  const find = () => tx.$queryRaw<{ person: PersonId }[]>`
    select person_id as person from identities
     where provider = 'slack' and issuer = ${issuer} and external_id = ${externalId}`;
  const [known] = await find();
  if (known) return known.person;
  // Two first sights at once: one insert waits for the other and then finds the row, so no second person is left over.
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`slack:${account}`}, 0))`;
  const [meanwhile] = await find();
  if (meanwhile) return meanwhile.person;
  const { id } = await tx.person.create({ data: {}, select: { id: true } });
  await tx.identity.create({
    data: { provider: 'slack', issuer, externalId, personId: id },
    select: { personId: true },
  });
  return id;
}
