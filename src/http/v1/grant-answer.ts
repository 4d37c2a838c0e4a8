import { z } from 'zod';
import { type Decided, type Grant, stateAt } from '../../domain/grant.ts';
import { reviewStateAt } from '../../domain/review.ts';
import { circumstances, kinds, legRoles, scopes } from '../../domain/words.ts';
import type { GrantInContext } from '../../store/grant-rows.ts';
import type { ReviewRecord } from '../../store/reviews.ts';
import { moment } from './words.ts';

const states = ['requested', 'active', 'ended', 'revoked', 'expired', 'denied', 'withdrawn', 'lapsed'] as const;
export const grantStates = z.enum(states);
const via = z.enum(['slack', 'api']).meta({ description: 'Where it was done' });
const person = z.string().meta({ description: 'Whose, as the audit names people: slack:TEAM:USER' });

/** An access, as the API shows it to those who may see it. Times are the database's. */
export const grantAnswer = z
  .object({
    id: z.uuid(),
    tenant: z.object({ key: z.string(), name: z.string() }),
    kind: z.enum(kinds),
    scope: z.enum(scopes),
    circumstance: z.enum(circumstances).nullable(),
    state: grantStates,
    requester: person,
    reason: z.string(),
    ticket: z.string(),
    minutes_asked: z.int(),
    minutes_granted: z.int(),
    waived: z.boolean(),
    requested_at: moment,
    requested_via: via,
    lapses_at: moment,
    activated_at: moment.nullable(),
    expires_at: moment.nullable(),
    closed: z.object({ at: moment, by: person.nullable(), via, reason: z.string().nullable() }).nullable(),
    legs: z.array(
      z.object({
        role: z.enum(legRoles),
        decision: z
          .object({
            verdict: z.enum(['approved', 'denied']),
            by: person,
            at: moment,
            via,
            minutes: z.int().nullable(),
            comment: z.string().nullable(),
          })
          .nullable(),
      }),
    ),
    uses: z.object({ allowed: z.int(), refused: z.int() }),
    review: z
      .object({ state: z.enum(['open', 'overdue', 'excused', 'reviewed']), due_at: moment })
      .nullable()
      .meta({ description: 'The review that a break-glass session owes; null where none is owed, or in a list' }),
  })
  .meta({ id: 'Grant' });

const viaOf = ({ outside }: { outside?: true }): 'slack' | 'api' => (outside ? 'api' : 'slack');

export function grantJson({ grant, tenant, now, uses, accounts }: GrantInContext, review: ReviewRecord | null) {
  const name = (id: string) => `slack:${accounts.get(id) ?? id}`;
  const { status } = grant;
  const times = 'activatedAt' in status ? status : null;
  return {
    id: grant.id,
    tenant: { key: tenant.key, name: tenant.name },
    ...{ kind: grant.kind, scope: grant.scope, circumstance: grant.circumstance, state: stateAt(grant, now) },
    requester: name(grant.requester),
    ...{ reason: grant.reason, ticket: grant.ticket },
    ...{ minutes_asked: grant.minutesAsked, minutes_granted: grant.minutesGranted, waived: grant.waived },
    ...{ requested_at: grant.requestedAt, requested_via: viaOf(grant), lapses_at: grant.lapsesAt },
    ...{ activated_at: times?.activatedAt ?? null, expires_at: times?.expiresAt ?? null },
    closed: closedJson(grant, now, name),
    legs: grant.legs.map(({ role, decision }) => ({ role, decision: decision && decisionJson(decision, name) })),
    uses: { allowed: uses?.allowed ?? 0, refused: uses?.refused ?? 0 },
    review: review && { state: reviewStateAt(review, now), due_at: review.dueAt },
  };
}

/** What ran out is over, whether or not the clock has swept. */
function closedJson({ status, lapsesAt }: Grant, now: Date, name: (id: string) => string) {
  if ('closed' in status) {
    const { at, by, reason, ...rest } = status.closed;
    return { at, by: by && name(by), via: viaOf(rest), reason };
  }
  const over = status.state === 'active' ? status.expiresAt : lapsesAt;
  return over <= now ? { at: over, by: null, via: 'slack' as const, reason: null } : null;
}

const decisionJson = ({ verdict, by, at, minutes, comment, ...rest }: Decided, name: (id: string) => string) => ({
  ...{ verdict, by: name(by), at, via: viaOf(rest), minutes, comment },
});
