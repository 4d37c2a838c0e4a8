import { readFile } from 'node:fs/promises';
import { hasRole } from '../../domain/people.ts';
import type { DeskOutcome, ReadyBundle } from '../../usecases/bundle-desk.ts';
import { type ActingPerson, actingPerson, type Door } from '../door.ts';
import { sendFile } from '../files.ts';
import { typed } from '../text.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import { answering, type ButtonArgs, madeUp, requestIdOf, subjectOf, tell } from './asking.ts';

/** Slack takes larger files; a bundle of one access that is larger is for the command line (bytes). */
const LARGEST = 64 * 1024 * 1024;

/** The Evidence button: a bundle of this access, by direct message, for auditors and security. */
export const clickEvidence = (door: Door, args: ButtonArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const { action, body, respond } = args;
    const subject = subjectOf(action.value);
    if (!subject) return tell(door, respond, refusalSentence(await madeUp(door, args, 'evidence')));
    const actor = await actingPerson(door, body.user.id);
    const why = await whyNot(door, actor, subject.grant, requestIdOf(args));
    if (why !== null) return tell(door, respond, why);
    const command = { wish: { grant: subject.grant }, actor: actor.name, sight: null, key: null };
    const outcome = await door.bundles.make(command, requestIdOf(args));
    if (outcome.kind !== 'ready') return tell(door, respond, notMade(outcome));
    await tell(door, respond, await send(door, body.user.id, outcome).finally(outcome.letGo));
  });

async function whyNot(door: Door, actor: ActingPerson, grant: string, requestId: string): Promise<string | null> {
  if (hasRole(actor, 'auditor') || hasRole(actor, 'security')) return null;
  if (actor.unsure) return unknownStandingSentence;
  const refusal = { kind: 'not_the_role', leg: 'auditor' } as const;
  await door.context.refusals.record({ actor, verb: 'evidence', refusal, about: grant, requestId });
  return refusalSentence(refusal);
}

async function send(door: Door, user: string, { file, bytes, name, outcome }: ReadyBundle): Promise<string> {
  if (bytes > LARGEST) return 'This bundle is too large for Slack. `breakglass evidence` makes it on the command line.';
  const title = 'Evidence of one access';
  const comment = `${title}: ${outcome.entries} entries, proven against the signed checkpoint of ${outcome.treeSize}. SHA-256 of its manifest: \`${outcome.manifest}\``;
  const sent = await sendFile(door.slack.patient, user, { name, title, bytes: await readFile(file), comment });
  if (sent.kind === 'sent') return 'The evidence is in your direct messages.';
  door.log.warn({ slack_error: sent.error }, 'evidence could not be sent');
  return `Slack did not take the file: ${typed(sent.error, 100)}. Try again later.`;
}

function notMade(outcome: Exclude<DeskOutcome, { kind: 'ready' }>): string {
  switch (outcome.kind) {
    case 'busy':
      return 'Other bundles are being made. Press the button again in a minute.';
    case 'no_key':
      return 'There is no key that history is sealed with, so nothing can be proven. Whoever runs the bot sets AUDIT_SIGNING_KEY.';
    case 'nothing_sealed':
      return 'Nothing of this access is sealed yet. Press the button again in a few seconds.';
    case 'unknown_key':
      return 'The newest checkpoint is signed by a key that is not known here. Tell whoever runs the bot.';
    case 'history_changed':
      return `No bundle was made: the history is not what was signed. ${typed(outcome.what, 300)} Tell security.`;
    case 'unknown_grant':
    case 'unknown_tenant':
    case 'tenant_needed':
      return 'There is no such access.';
  }
}
