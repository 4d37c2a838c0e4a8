import type { PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** How an identity provider names somebody, and their Slack account (`T0HOME:U0OPS`). */
export interface Link {
  issuer: string;
  subject: string;
  account: string;
}

/** Every link there is. Across tenants. */
export const links = (tx: Tx): Promise<Link[]> => tx.$queryRaw<Link[]>`
  select o.issuer, o.external_id as subject, s.issuer || ':' || s.external_id as account
    from identities o join identities s on s.person_id = o.person_id and s.provider = 'slack'
   where o.provider = 'oidc' order by o.issuer, o.external_id`;

export async function link(tx: Tx, { issuer, subject }: Link, personId: PersonId): Promise<void> {
  await tx.identity.create({
    data: { provider: 'oidc', issuer, externalId: subject, personId },
    select: { personId: true },
  });
}

export async function unlink(tx: Tx, { issuer, subject }: Link): Promise<void> {
  await tx.identity.deleteMany({ where: { provider: 'oidc', issuer, externalId: subject } });
}
