import { createHash, randomUUID } from 'node:crypto';
import { recordOf } from '../domain/audit.ts';
import { attach as decideAttach, type Evidence, type Hashed } from '../domain/evidence.ts';
import type { Actor } from '../domain/people.ts';
import type { GrantId, PersonId, TenantId } from '../domain/words.ts';
import { grantForKey, insertAttachment } from '../store/attachments.ts';
import { recordAudit } from '../store/audit.ts';
import { KeyGone } from '../store/checks/outcomes.ts';
import type { Tx } from '../store/database.ts';
import { loadGrant, lockGrant, tenantOfGrant } from '../store/grants.ts';
import { findHandled, rememberHandled } from '../store/handled.ts';
import { changeReviewCard } from '../store/reviews.ts';
import { type Context, type Outcome, refused, type Work } from './context.ts';
import { closeWhatIsDue, recordRefusal, repeatKey } from './decide-on-grant.ts';
import { redrawReview } from './redraw-review.ts';

/** Who hands something in: a person whom the door has proven, or a service by its key's id. */
export type Attacher = { person: Actor } | { key: string };

export interface AttachCommand {
  by: Attacher;
  grant: GrantId;
  evidence: Evidence;
}

/** What was taken. */
export type Receipt = Hashed & { late: boolean };
export type Attached = Outcome & { receipt?: Receipt };

interface Found {
  name: string;
  tenant: TenantId | null;
  person: PersonId | null;
}

/**
 * Attach evidence to a session: its operator, or a service whose key is bound to its tenant. What comes after the end is
 * marked late, and shows on the card of the review.
 * @throws KeyGone where the key was revoked meanwhile
 */
export async function attachEvidence(
  context: Context,
  { by, grant: id, evidence }: AttachCommand,
  work: Work,
): Promise<Attached> {
  let name = 'person' in by ? by.person.name : '';
  const hashed = hashOf(evidence.content);
  const outcome = await context.db.enterTenant(
    'find the tenant of a session that evidence is for',
    (tx) => whoAndWhere(tx, by, id),
    async (tx, found): Promise<Attached> => {
      name = found.name;
      const repeat = repeatKey(found, 'attach', work, [id, evidence]);
      const handled = repeat && (await findHandled(tx, repeat));
      if (handled && handled.bodyHash !== repeat.bodyHash) return refused({ kind: 'repeated_with_another_body' });
      if (handled) return { kind: 'repeated', grant: id, receipt: handled.outcome as Receipt };
      const taken = await take(context, tx, found, { id, evidence, hashed }, work.requestId);
      if (repeat && taken.receipt) await rememberHandled(tx, repeat, taken.receipt);
      return taken;
    },
  );
  await recordRefusal(context, outcome, { name }, 'attach', id, work.requestId);
  return outcome;
}

async function take(
  context: Context,
  tx: Tx,
  { name, person }: Found,
  { id, evidence, hashed }: { id: GrantId; evidence: Evidence; hashed: Hashed },
  requestId: string,
): Promise<Attached> {
  await lockGrant(tx, id);
  const found = await loadGrant(tx, id);
  if (found === null) return refused({ kind: 'unknown_grant' });
  const inForce = context.inForce();
  if (found.epoch !== inForce.epoch) return refused({ kind: 'policy_outdated' });
  const at = await closeWhatIsDue(tx, found, inForce, requestId);
  const { events, refusal } = decideAttach(at.grant, person, evidence, hashed, at.now);
  if (refusal) return refused(refusal, at.accounts);
  const [event] = events;
  if (!event) throw new Error('Evidence was taken without a fact.');
  await insertAttachment(tx, at.grant, event, name);
  await recordAudit(tx, [recordOf(event, at.grant, name, () => name)], requestId);
  if (await changeReviewCard(tx, id)) await redrawReview(tx, at.grant, inForce.channels, requestId);
  return { kind: 'done', at, receipt: { ...hashed, late: event.late } };
}

async function whoAndWhere(tx: Tx, by: Attacher, grant: GrantId): Promise<Found> {
  if ('person' in by) {
    const { name, person } = by.person;
    return { name, person, ...(await tenantOfGrant(tx, grant)) };
  }
  const found = await grantForKey(tx, by.key, grant);
  if (found === null) throw new KeyGone('The key does not count any more.');
  return { name: `key:${found.name}`, person: null, tenant: found.tenant };
}

const hashOf = (content: string): Hashed => ({
  id: randomUUID(),
  bytes: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
});
