import type { LinkSource, PersonLink } from '../domain/linking.ts';
import type { Standing } from '../domain/people.ts';
import type { PersonId } from '../domain/words.ts';
import type { Tx } from './database.ts';

/** How an identity provider names somebody, and their Slack account (`T0HOME:U0OPS`). */
export interface Link {
  issuer: string;
  subject: string;
  account: string;
}

/** Every link there is, and who vouches for it. Across tenants. */
export const links = (tx: Tx) => tx.$queryRaw<(Link & { source: LinkSource })[]>`
  select o.issuer, o.external_id as subject, s.issuer || ':' || s.external_id as account, o.source
    from identities o join identities s on s.person_id = o.person_id and s.provider = 'slack'
   where o.provider = 'oidc' order by o.issuer, o.external_id`;

export async function link(
  tx: Tx,
  { issuer, subject }: Pick<Link, 'issuer' | 'subject'>,
  personId: PersonId,
  source: LinkSource,
): Promise<void> {
  await tx.identity.create({
    data: { provider: 'oidc', issuer, externalId: subject, personId, source },
    select: { personId: true },
  });
}

export async function unlink(tx: Tx, { issuer, subject }: Pick<Link, 'issuer' | 'subject'>): Promise<void> {
  await tx.identity.deleteMany({ where: { provider: 'oidc', issuer, externalId: subject } });
}

/** How an identity provider names this person, and what time it is; null for one who is not linked. */
export async function linkOf(tx: Tx, person: PersonId): Promise<(PersonLink & { now: Date }) | null> {
  const rows = await tx.$queryRaw<(PersonLink & { now: Date })[]>`
    select issuer, external_id as subject, source, created_at as since, breakglass_now() as now from identities
     where provider = 'oidc' and person_id = ${person}::uuid`;
  return rows[0] ?? null;
}

/** Is this subject somebody already? */
export async function isLinked(tx: Tx, { issuer, subject }: Pick<Link, 'issuer' | 'subject'>): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from identities where provider = 'oidc' and issuer = ${issuer} and external_id = ${subject}`;
  return rows.length > 0;
}

/** Whom a provider's subject names, and how that came to be. */
export interface LinkedPerson {
  person: PersonId;
  /** Their Slack account, `T0HOME:U0OPS`. */
  account: string;
  source: LinkSource;
  since: Date;
  /** What Slack last said of the account; null where nobody asked. */
  standing: Standing | null;
}

/** The person behind a subject, with their Slack account; null where nobody linked it. */
export async function personBySubject(
  tx: Tx,
  { issuer, subject }: Pick<Link, 'issuer' | 'subject'>,
): Promise<LinkedPerson | null> {
  const rows = await tx.$queryRaw<LinkedPerson[]>`
    select o.person_id as person, s.issuer || ':' || s.external_id as account, o.source, o.created_at as since, s.standing
      from identities o join identities s on s.person_id = o.person_id and s.provider = 'slack'
     where o.provider = 'oidc' and o.issuer = ${issuer} and o.external_id = ${subject}`;
  return rows[0] ?? null;
}

/** Remembers what Slack said of an account. */
export async function keepStanding(tx: Tx, account: string, standing: Standing): Promise<void> {
  const [issuer = '', externalId = ''] = account.split(':');
  await tx.$executeRaw`
    update identities set standing = ${standing}
     where provider = 'slack' and issuer = ${issuer} and external_id = ${externalId} and standing is distinct from ${standing}`;
}
