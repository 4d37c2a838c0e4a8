import { z } from 'zod';
import type { Actor } from '../../domain/people.ts';
import { reviewQuestions, reviewVerdicts } from '../../domain/review-answers.ts';
import { legRoles, type StaffRole } from '../../domain/words.ts';
import { approve } from '../../usecases/approve.ts';
import type { Context, Outcome } from '../../usecases/context.ts';
import { deny } from '../../usecases/deny.ts';
import { end } from '../../usecases/end.ts';
import { type Onlooker, showGrant } from '../../usecases/look-at-grants.ts';
import { excuseReview, review } from '../../usecases/review.ts';
import { revoke } from '../../usecases/revoke.ts';
import { withdraw } from '../../usecases/withdraw.ts';
import { problemOf } from '../problem.ts';
import { type Asked, type Endpoint, endpoint, json } from './endpoint.ts';
import { grantAnswer, grantJson } from './grant-answer.ts';
import { grantPath, typed } from './words.ts';

/** What the verbs need from elsewhere. */
export interface LifecycleParts {
  context: Context;
  /** Where the bot writes to somebody. */
  directMessage(actor: Actor): string;
  /** Who is in the Slack user groups that give a role, now; nobody where Slack does not say. */
  groupMembers(): Promise<Partial<Record<StaffRole, readonly string[]>>>;
}

type Anything = Asked<unknown, unknown, unknown>;

/** @throws Problem for a person whom no Slack identity belongs to, and for a program */
export async function linkedActor({ caller, refuse }: Pick<Anything, 'caller' | 'refuse'>): Promise<Actor> {
  if (caller.kind === 'person' && caller.actor) return caller.actor;
  throw await refuse({ kind: 'not_linked' }, null);
}

/** Who looks. Somebody who is not linked sees what the role that their provider's groups give them shows. */
export async function onlookerOf(asked: Pick<Anything, 'caller' | 'refuse'>): Promise<Onlooker> {
  const { caller } = asked;
  if (caller.kind === 'program') return { tenants: caller.tenants };
  if (caller.actor) return { person: caller.actor };
  if (caller.roles.has('auditor') || caller.roles.has('admin')) return { tenants: null };
  return { person: await linkedActor(asked) };
}

/** What came of a verb: the access as it is now. A repeat is answered like the first time. */
export async function saidOf(context: Context, { caller }: Pick<Anything, 'caller'>, outcome: Outcome) {
  if (outcome.kind === 'refused') throw problemOf(outcome.refusal);
  const id = outcome.kind === 'done' ? outcome.at.grant.id : outcome.grant;
  const actor = caller.kind === 'person' ? caller.actor : null;
  const now = actor && (await showGrant(context, { person: actor }, id));
  if (now?.kind === 'found') return grantJson(now.at, now.review);
  if (outcome.kind === 'done') return grantJson(outcome.at, null);
  throw problemOf({ kind: 'unknown_grant' });
}

const leg = z.enum(legRoles, { error: `expected one of ${legRoles.join(', ')}` });
const reason = z.strictObject({ reason: typed(4_000) });
const answers = z
  .strictObject(
    Object.fromEntries(
      reviewQuestions.map((question) => [
        question,
        z.strictObject({
          answer: z.enum(reviewVerdicts, { error: `expected one of ${reviewVerdicts.join(', ')}` }),
          note: typed(4_000).default(''),
        }),
      ]),
    ),
  )
  .meta({ id: 'ReviewAnswers' });

/** The verbs on an access that there is. Who does not see it learns nothing of it; who sees it is told what stands in the way. */
export function verbEndpoints({ context }: LifecycleParts): Endpoint[] {
  const verb = <B extends z.ZodType | undefined>(
    name: string,
    id: string,
    summary: string,
    body: B,
    act: (
      about: { actor: Actor; grant: string },
      body: B extends z.ZodType ? z.infer<B> : null,
      asked: Anything,
    ) => Promise<Outcome>,
  ): Endpoint =>
    endpoint({
      ...{ method: 'post', path: `/grants/{id}/${name}`, id, verb: name, tag: 'Access', roles: ['person'], summary },
      params: grantPath,
      unknown: { kind: 'unknown_grant' },
      body,
      answer: json(grantAnswer, 'The access as it is now'),
      handle: async (asked) => {
        const actor = await linkedActor(asked);
        const { id: grant } = asked.params;
        const seen = await showGrant(context, { person: actor }, grant);
        if (seen.kind === 'refused') throw await asked.refuse(seen.refusal, grant);
        return saidOf(context, asked, await act({ actor, grant }, asked.body, asked));
      },
    });
  return [
    verb(
      'approve',
      'approveAccess',
      'Agree, as the one who fills a leg; minutes to allow it for less',
      z.strictObject({
        leg,
        minutes: z.int({ error: 'expected whole minutes' }).optional(),
        comment: typed(4_000).optional(),
      }),
      (about, { leg: role, minutes = null, comment = null }, { work, caller }) => {
        const signIn = caller.kind === 'person' ? caller.signIn : null;
        return approve(context, { ...about, leg: role, minutes, comment, signIn }, work);
      },
    ),
    verb(
      'deny',
      'denyAccess',
      'Close a request by denying one of its legs, with a reason',
      z.strictObject({ leg, reason: typed(4_000) }),
      (about, body, { work }) => deny(context, { ...about, ...body }, work),
    ),
    verb('withdraw', 'withdrawAccess', 'Take back your request', undefined, (about, _, { work }) =>
      withdraw(context, about, work),
    ),
    verb('end', 'endAccess', 'Give access back before it runs out', undefined, (about, _, { work }) =>
      end(context, about, work),
    ),
    verb('revoke', 'revokeAccess', 'Stop access at once, with a reason', reason, (about, body, { work }) =>
      revoke(context, { ...about, ...body }, work),
    ),
    verb(
      'review',
      'reviewAccess',
      'Answer the questions that a break-glass session leaves',
      z.strictObject({ answers }),
      (about, { answers: given }, { work }) => review(context, { ...about, answers: given }, work),
    ),
    verb(
      'excuse',
      'excuseReview',
      'Let the operator ask again although a review is overdue, with a reason',
      reason,
      (about, body, { work }) => excuseReview(context, { ...about, ...body }, work),
    ),
  ];
}
