import type { Answer, Question } from '../domain/check.ts';
import { type Actor, hasRole } from '../domain/people.ts';
import type { TrailPage } from '../domain/trail.ts';
import type { GrantId } from '../domain/words.ts';
import { trailPage } from '../store/audit-trail.ts';
import { StalePolicy } from '../store/checks/outcomes.ts';
import { tenantOfGrant } from '../store/grants.ts';
import { loadTenant } from '../store/tenants.ts';
import { type CheckDesk, check } from './check.ts';
import { type Context, type Refused, refused } from './context.ts';
import { storableOf } from './refusal-log.ts';

export interface Look {
  actor: Actor;
  /** As it was typed; null where nothing was that could be one. */
  tenantKey: string | null;
  /** Only rows older than this one: its id, in decimal digits. */
  before: string | null;
}

export interface Seen {
  kind: 'seen';
  tenant: { key: string; name: string };
  page: TrailPage;
  /** Until when the person may look. */
  until: Date | null;
}

/**
 * A page of a tenant's audit trail, for an operator who has access to it now. Each look is a check of its own: it is on
 * record before a row is read. Whoever may not look is told the same of a tenant that there is and one that there is not.
 * @throws whatever `check` throws for a database that does not answer
 */
export async function lookAtAudit(
  context: Context,
  desk: CheckDesk,
  look: Look,
  requestId: string,
): Promise<Seen | Refused> {
  // Who is no operator any more may still have a grant for a moment: no check, which would put an allowed look on record.
  const answer = hasRole(look.actor, 'operator') ? await answerTo(desk, look, requestId) : null;
  if (answer === 'policy_outdated') return refused({ kind: answer });
  const [grant] = answer?.grants ?? [];
  if (answer?.allowed && grant !== undefined) {
    return { kind: 'seen', ...(await pageUnder(context, grant, look.before)), until: answer.expiresAt };
  }
  const refusal = { kind: 'no_audit_view' } as const;
  await context.refusals.record({ actor: look.actor, verb: 'audit', refusal, about: look.tenantKey, requestId });
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

const questionOf = ({ actor, tenantKey, before }: Look): Question => ({
  subject: actor.name,
  action: 'audit.view',
  actionProperties: {},
  resource: { type: 'audit_trail', id: before === null ? 'newest' : `before ${before}` },
  resourceProperties: {},
  tenant: storableOf(tenantKey),
  contextRequestId: null,
});

/** The tenant is the one of the grant that allows the look, whatever was typed. */
const pageUnder = ({ db }: Context, grant: GrantId, before: string | null): Promise<Pick<Seen, 'tenant' | 'page'>> =>
  db.enterTenant(
    'find the tenant of the grant that allows a look at its audit trail',
    (tx) => tenantOfGrant(tx, grant),
    async (tx, { tenant: id }) => {
      const tenant = id === null ? null : await loadTenant(tx, id);
      if (tenant === null) throw new Error(`The tenant of grant ${grant} is not to be seen.`);
      return { tenant, page: await trailPage(tx, tenant.id, before) };
    },
  );
