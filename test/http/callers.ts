import type { StaffRole } from '../../src/domain/words.ts';
import type { Authenticate } from '../../src/http/identity/caller.ts';
import { byKey } from '../../src/http/identity/keys.ts';
import { type ApiRoster, personFrom } from '../../src/http/identity/people.ts';
import { linkedPerson } from '../../src/usecases/who-calls.ts';
import { startTestApi, type TestApi, type TestApiOptions } from '../support/api.ts';

const ISSUER = 'https://id.example.com';
const named = (role: StaffRole, user: string) => ({ people: [`T0HOME:${user}`], idpGroups: [`group-${role}`] });
const roster: ApiRoster = {
  roles: {
    operator: named('operator', 'U0OLIVIA'),
    ops: named('ops', 'U0PETRA'),
    security: named('security', 'U0SAM'),
    auditor: named('auditor', 'U0ADA'),
    admin: named('admin', 'U0ALEX'),
  },
  clients: [],
};
const cast = ['U0OLIVIA', 'U0PETRA', 'U0SAM', 'U0ADA', 'U0ALEX', 'U0ANNA', 'U0NOBODY'];

/** People by what stands for their token here; what makes a token good is looked at in test/http/identity.test.ts. */
const asPerson =
  (db: Parameters<typeof linkedPerson>[0], acr: () => { acr: string | null; authTime: Date | null }): Authenticate =>
  async ({ authorization }) => {
    const [, subject, group] = /^Bearer person-([\w]+)(?::([\w-]+))?$/.exec(authorization ?? '') ?? [];
    if (subject === undefined) return null;
    const linked = await linkedPerson(db, { issuer: ISSUER, subject });
    const claims = { subject, groups: group === undefined ? [] : [group], isProgram: false, ...acr() };
    const standing = linked?.standing ?? 'member';
    return { ...personFrom(claims, ISSUER, linked && { ...linked, standing }, roster), perSecond: 1_000_000 };
  };

export interface ApiWithPeople extends TestApi {
  /** What a person shows: `person-U0SAM`, or with a group of the provider, `person-x:group-admin`. */
  as(subject: string): string;
  /** How people signed in, from now on. */
  signedIn(acr: string | null, authTime: Date | null): void;
}

/** The API with keys, and with people who are linked by the names of their Slack accounts. */
export async function apiWithPeople(options: TestApiOptions = {}): Promise<ApiWithPeople> {
  let signIn: { acr: string | null; authTime: Date | null } = { acr: 'urn:example:bronze', authTime: null };
  const api = await startTestApi({
    ...options,
    authenticate: (db, checks) => {
      const [person, key] = [asPerson(db, () => signIn), byKey(checks)];
      return async (shown) => (await person(shown)) ?? key(shown);
    },
  });
  for (const user of cast) await link(api, user);
  await api.db.query(
    'superuser',
    `insert into owners (tenant_id, person_id) select $1, person_id from identities where external_id = 'U0ANNA' and provider = 'slack'`,
    [api.world.acme],
  );
  return {
    ...api,
    as: (subject) => `person-${subject}`,
    signedIn: (acr, authTime) => {
      signIn = { acr, authTime };
    },
  };
}

async function link({ db }: TestApi, user: string): Promise<void> {
  await db.query(
    'superuser',
    `with known as (select person_id from identities where provider = 'slack' and external_id = $1),
          made as (insert into people select where not exists (select from known) returning id),
          person as (select person_id as id from known union all select id from made),
          account as (insert into identities (provider, issuer, external_id, person_id)
            select 'slack', 'T0HOME', $1, id from person on conflict do nothing)
     insert into identities (provider, issuer, external_id, person_id, source) select 'oidc', $2, $1, id, 'file' from person`,
    [user, ISSUER],
  );
}
