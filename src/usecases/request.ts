import { randomUUID } from 'node:crypto';
import { applyAll } from '../domain/apply.ts';
import { recordOf } from '../domain/audit.ts';
import type { GrantEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import { noticesAfter, placesFor } from '../domain/notices.ts';
import type { Actor } from '../domain/people.ts';
import { type Asked, request as decideRequest } from '../domain/request.ts';
import type { PersonId, Scope, StaffRole } from '../domain/words.ts';
import { recordAudit } from '../store/audit.ts';
import { noteChange, type Tx } from '../store/database.ts';
import { insertGrant, loadGrant, lockOpenGrant, updateGrant } from '../store/grants.ts';
import { rememberHandled } from '../store/handled.ts';
import { enqueue } from '../store/outbox.ts';
import { readClock } from '../store/policies.ts';
import { oldestOverdue } from '../store/reviews.ts';
import { loadTenant, tenantIdOf } from '../store/tenants.ts';
import { type Context, type InForce, type Outcome, refused, type Work } from './context.ts';
import { asRepeated, closeWhatIsDue, recordRefusal, repeatKey } from './decide-on-grant.ts';

export interface RequestCommand {
  actor: Actor;
  /** Who asks, as Slack addresses a direct message to them. */
  directMessage: string;
  tenantKey: string;
  asked: Omit<Asked, 'id'>;
  /** Who is in the user groups that give a role, now. */
  groupMembers: Partial<Record<StaffRole, readonly string[]>>;
}

/** Ask for access. Access without legs is active at once. */
export async function request(context: Context, command: RequestCommand, work: Work): Promise<Outcome> {
  const { actor, asked, tenantKey } = command;
  const repeat = repeatKey(actor, `request ${asked.kind}`, work, [tenantKey, asked]);
  const outcome = await context.db.enterTenant(
    "find a tenant by key, and the requester's overdue reviews",
    async (tx) => ({ tenant: await tenantIdOf(tx, tenantKey), overdue: await oldestOverdue(tx, actor.person) }),
    async (tx, { tenant: id, overdue }): Promise<Outcome> => {
      const repeated = await asRepeated(tx, repeat);
      if (repeated) return repeated;
      const inForce = context.inForce();
      const blocking = await whatBlocks(tx, actor.person, asked.scope, inForce, work.requestId);
      const { now, epoch } = await readClock(tx);
      if (epoch !== inForce.epoch) return refused({ kind: 'policy_outdated' });
      const tenant = id === null ? null : await loadTenant(tx, id);
      const { events, refusal } = decideRequest(
        actor,
        { ...asked, id: randomUUID() },
        {
          now,
          policy: inForce.policy,
          tenant,
          open: blocking,
          reviewOverdue: overdue,
          groupMembers: command.groupMembers,
        },
      );
      // What is in the way may be what the same delivery has made meanwhile: its word is there with it.
      if (refusal) return (await asRepeated(tx, repeat)) ?? refused(refusal);
      const saved = await saveRequest(tx, events, command, tenant?.channel ?? null, inForce, work);
      if (repeat) await rememberHandled(tx, repeat, { grant: saved });
      const at = await loadGrant(tx, saved);
      if (at === null) throw new Error(`Grant ${saved} is not to be seen right after it was made.`);
      return { kind: 'done', at };
    },
  );
  await recordRefusal(context, outcome, actor, 'request', tenantKey, work.requestId);
  return outcome;
}

/** An open grant in the way, after what is due was closed. */
async function whatBlocks(
  tx: Tx,
  person: PersonId,
  scope: Scope,
  inForce: InForce,
  requestId: string,
): Promise<'requested' | 'active' | null> {
  const open = await lockOpenGrant(tx, person, scope);
  const at = open && (await loadGrant(tx, open));
  if (!at) return null;
  const { state } = (await closeWhatIsDue(tx, at, inForce, requestId)).grant.status;
  return state === 'requested' || state === 'active' ? state : null;
}

async function saveRequest(
  tx: Tx,
  events: readonly GrantEvent[],
  { actor, directMessage }: RequestCommand,
  ownerChannel: string | null,
  { channels }: InForce,
  { requestId }: Work,
): Promise<string> {
  const first = events[0];
  if (first?.name !== 'requested') throw new Error('A request begins with the fact that it was made.');
  const asked: Grant = first.grant;
  const after = { ...applyAll(asked, events) };
  await insertGrant(tx, asked);
  if (after.status.state !== 'requested') await updateGrant(tx, asked, { ...after, version: asked.version + 1 });
  await recordAudit(
    tx,
    events.map((event) => recordOf(event, after, actor.name, () => actor.name)),
    requestId,
  );
  const places = placesFor(asked, { owner: ownerChannel, ...channels }, directMessage);
  const account = actor.name.replace(/^slack:/, '');
  await enqueue(
    tx,
    noticesAfter(events, after, places, () => account),
    { tenant: asked.tenant, requestId },
  );
  noteChange(tx, { before: null, after, events });
  return asked.id;
}
