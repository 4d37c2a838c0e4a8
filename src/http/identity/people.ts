import { mayApproveFrom } from '../../domain/linking.ts';
import type { Actor, Standing } from '../../domain/people.ts';
import { type ApiRole, type StaffRole, staffRoles } from '../../domain/words.ts';
import type { Database } from '../../store/database.ts';
import { type LinkedPerson, linkedPerson, namedKey } from '../../usecases/who-calls.ts';
import type { Authenticate, Caller, PersonAtApi } from './caller.ts';
import { bearerOf, isToken, programOf } from './keys.ts';
import { type Claims, readToken, type TokenRules } from './tokens.ts';

/** What the configuration says of who calls. */
export interface ApiRoster {
  roles: Readonly<Record<StaffRole, { people: readonly string[]; idpGroups: readonly string[] }>>;
  /** Programs that sign in by something else than a key, and the key that each counts as. */
  clients: readonly ({ key: string } & ({ subject: string } | { certificate: Readonly<Record<string, string>> }))[];
}

/** Answers a second that one person gets, in this process. */
const PER_SECOND = 50;

export interface TokenDoor {
  db: Database;
  rules: TokenRules;
  roster: () => ApiRoster;
  /** How Slack stands to somebody: a guest there is none here. */
  standing: (linked: LinkedPerson) => Promise<Standing>;
}

/** `Authorization: Bearer TOKEN` of the identity provider: a person, or a program that the configuration knows. */
export const byToken =
  ({ db, rules, roster, standing }: TokenDoor): Authenticate =>
  async ({ authorization }) => {
    const token = bearerOf(authorization);
    if (token === null || !isToken(token)) return null;
    const claims = await readToken(token, rules);
    if (claims === null) return null;
    const client = roster().clients.find((each) => 'subject' in each && each.subject === claims.subject);
    if (client) return programNamed(db, client.key);
    // Programs that nobody knows are nobody, and a token that says nothing of groups does not say that there are none.
    if (claims.isProgram || claims.groups === null) return null;
    const linked = await linkedPerson(db, { issuer: rules.issuer, subject: claims.subject });
    return personFrom(claims, rules.issuer, linked && { ...linked, standing: await standing(linked) }, roster());
  };

/** A certificate that the configured authority signed, whose subject the configuration names. Never a person. */
export const byCertificate =
  (db: Database, roster: () => ApiRoster): Authenticate =>
  async ({ certificate, authorization, fromBrowser }) => {
    // A browser shows its certificate whatever page sends it here.
    if (certificate === null || authorization !== undefined || fromBrowser) return null;
    const client = roster().clients.find((each) => 'certificate' in each && isSameName(each.certificate, certificate));
    return client ? programNamed(db, client.key) : null;
  };

function isSameName(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

async function programNamed(db: Database, key: string): Promise<Caller | null> {
  const row = await namedKey(db, key);
  return row && programOf(row);
}

/**
 * A fresh token proves who somebody is; what they hold is said by the people that the file names and by the provider's
 * groups. Who is not linked has such a role only where the token shows that a human signed in (ruling on identity).
 */
export function personFrom(
  { subject, groups, acr, authTime }: Claims,
  issuer: string,
  linked: (Omit<LinkedPerson, 'standing'> & { standing: Standing }) | null,
  { roles }: ApiRoster,
): PersonAtApi {
  const held: Actor['roles'] = {};
  const isHuman = linked !== null || authTime !== null || acr !== null;
  for (const role of staffRoles) {
    if (linked && roles[role].people.includes(linked.account)) held[role] = 'named';
    else if (isHuman && roles[role].idpGroups.some((group) => groups?.includes(group))) held[role] = 'provider';
  }
  const counts = linked === null || linked.standing === 'member';
  const also = (['auditor', 'admin'] as const).filter((role) => counts && held[role] !== undefined);
  return {
    kind: 'person',
    name: linked ? `slack:${linked.account}` : `oidc:${issuer}#${subject}`,
    roles: new Set<ApiRole>(['person', ...also]),
    tenants: null,
    perSecond: PER_SECOND,
    actor: linked && {
      person: linked.person,
      name: `slack:${linked.account}`,
      standing: linked.standing,
      roles: held,
      mayApproveFrom: mayApproveFrom(linked),
      outside: true,
    },
    signIn: { acr, authTime },
  };
}
