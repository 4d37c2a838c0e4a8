import type { Answer, Question } from '../domain/check.ts';
import { type Actor, hasRole, ownsTenant } from '../domain/people.ts';
import type { TrailWish } from '../domain/trail.ts';
import type { GrantId, Kind } from '../domain/words.ts';
import { StalePolicy } from '../store/checks/outcomes.ts';
import type { Tx } from '../store/database.ts';
import type { Tenant } from '../store/grant-rows.ts';
import { tenantOfGrant } from '../store/grants.ts';
import { loadTenant, ownedBy, tenantIdOf } from '../store/tenants.ts';
import { type CheckDesk, check } from './check.ts';
import { type Context, type Refused, refused } from './context.ts';
import { storableOf } from './refusal-log.ts';

/** Who looks at what, and what for. */
export interface Look {
  actor: Actor;
  wish: TrailWish;
  /** What is looked at, as the record of a use calls it: `newest`, `before 42`, `csv`. */
  part: string;
}

/** What somebody may see of the audit trail now. */
export interface Sight {
  kind: 'seen';
  /** Null: everything. */
  tenant: Pick<Tenant, 'id' | 'key' | 'name'> | null;
  /** The grant that it rests on: that look is on record already. Null where a role is enough. */
  grant: GrantId | null;
  /** Until when the person may look; null where that has no end. */
  until: Date | null;
}

/** What is looked at, as a use of a grant names it. */
export function partNamed(part: string, { person, action, kind }: TrailWish): string {
  const only = Object.entries({ person, action, kind }).flatMap(([name, value]) => (value ? [`${name} ${value}`] : []));
  return [part, ...only].join('; ');
}

/** A wish with what goes without saying. */
export const meantBy = (wish: TrailWish, { grant }: Sight, usualKind: Kind | null): TrailWish =>
  grant === null ? { ...wish, kind: wish.kind ?? usualKind } : wish;

/** A tenant has to be named: by who owns several, whose keys these are, and by who owns none. */
export interface Which {
  kind: 'which';
  tenants: readonly string[];
}

/**
 * What of the audit trail somebody may see: auditors and security all of it, owners their tenant's, an operator that of a
 * tenant they have audit view of, which is a use of that grant and on record before a row is read. Whoever may not look is
 * told the same of a tenant that there is and one that there is not.
 * @throws whatever `check` throws for a database that does not answer
 */
export async function sightOf(
  context: Context,
  desk: CheckDesk,
  look: Look,
  requestId: string,
): Promise<Sight | Which | Refused> {
  const { actor, wish } = look;
  if (hasRole(actor, 'auditor') || hasRole(actor, 'security')) {
    const tenant = wish.tenant === null ? null : await tenantNamed(context, wish.tenant, () => true);
    if (wish.tenant === null || tenant) return { kind: 'seen', tenant, grant: null, until: null };
    return refuse(context, look, requestId);
  }
  const owned = await ownedTenants(context, actor);
  const [only] = wish.tenant === null ? owned : owned.filter(({ key }) => key === wish.tenant);
  if (only && (wish.tenant !== null || owned.length === 1)) {
    return { kind: 'seen', tenant: only, grant: null, until: null };
  }
  if (wish.tenant === null) return { kind: 'which', tenants: owned.map(({ key }) => key) };
  return sightByGrant(context, desk, look, requestId);
}

const tenantNamed = ({ db }: Context, key: string, maySee: (tenant: Tenant) => boolean): Promise<Tenant | null> =>
  db.enterTenant(
    'find a tenant by key',
    async (tx) => ({ tenant: await tenantIdOf(tx, key) }),
    async (tx, { tenant: id }) => {
      const tenant = id === null ? null : await loadTenant(tx, id);
      return tenant && maySee(tenant) ? tenant : null;
    },
  );

/** The tenants that somebody owns, by key; a guest or a stranger only those whose file says that they may act. */
async function ownedTenants({ db }: Context, actor: Actor): Promise<Tenant[]> {
  const load = (tx: Tx) => ownedBy(tx, actor.person);
  const owned = await db.acrossTenants('which tenants somebody owns', load);
  return owned.filter((tenant) => ownsTenant(actor, tenant.owners));
}

async function sightByGrant(
  context: Context,
  desk: CheckDesk,
  look: Look,
  requestId: string,
): Promise<Sight | Refused> {
  // Who is no operator any more may still have a grant for a moment: no check, which would put an allowed look on record.
  const answer = hasRole(look.actor, 'operator') ? await answerTo(desk, look, requestId) : null;
  if (answer === 'policy_outdated') return refused({ kind: answer });
  const [grant] = answer?.grants ?? [];
  if (!answer?.allowed || grant === undefined) return refuse(context, look, requestId);
  return { kind: 'seen', tenant: await tenantUnder(context, grant), grant, until: answer.expiresAt };
}

async function refuse({ refusals }: Context, { actor, wish }: Look, requestId: string): Promise<Refused> {
  const refusal = { kind: 'no_audit_view' } as const;
  await refusals.record({ actor, verb: 'audit', refusal, about: wish.tenant, requestId });
  return refused(refusal);
}

async function answerTo(desk: CheckDesk, look: Look, requestId: string): Promise<Answer | 'policy_outdated'> {
  try {
    const asked = { questions: [questionOf(look)], semantic: 'execute_all' } as const;
    const [outcome] = await check(desk, { person: look.actor.name }, asked, requestId);
    if (outcome === undefined) throw new Error('A check was left unanswered.');
    if ('failure' in outcome) throw outcome.failure;
    return outcome.answer;
  } catch (error) {
    if (error instanceof StalePolicy) return 'policy_outdated';
    throw error;
  }
}

const questionOf = ({ actor, wish, part }: Look): Question => ({
  subject: actor.name,
  action: 'audit.view',
  actionProperties: {},
  resource: { type: 'audit_trail', id: part },
  resourceProperties: {},
  tenant: storableOf(wish.tenant),
  contextRequestId: null,
});

/** The tenant is the one of the grant that allows the look, whatever was typed. */
const tenantUnder = ({ db }: Context, grant: GrantId): Promise<Tenant> =>
  db.enterTenant(
    'find the tenant of the grant that allows a look at its audit trail',
    (tx) => tenantOfGrant(tx, grant),
    async (tx, { tenant: id }) => {
      const tenant = id === null ? null : await loadTenant(tx, id);
      if (tenant === null) throw new Error(`The tenant of grant ${grant} is not to be seen.`);
      return tenant;
    },
  );
