import { anything, type TrailWish } from '../../domain/trail.ts';
import type { Kind } from '../../domain/words.ts';
import type { Refused } from '../../usecases/context.ts';
import { lookAtAudit } from '../../usecases/look-at-audit.ts';
import { type ActingPerson, actingPerson, type Door } from '../door.ts';
import { commands } from '../ids.ts';
import { auditFilterForm, parseAuditFilter } from '../views/audit-filter-form.ts';
import { placeIn, type TrailPlace } from '../views/audit-place.ts';
import { auditTrailMessage, whichMessage } from '../views/audit-trail.ts';
import { wishFrom } from '../views/audit-words.ts';
import type { Message } from '../views/card.ts';
import { refusalSentence, slowSentence, troubleSentence, unknownStandingSentence } from '../views/refusals.ts';
import type { FormState } from '../views/request-form.ts';
import {
  ANSWER_WITHIN_MS,
  after,
  answering,
  type ButtonArgs,
  type CommandArgs,
  openForm,
  requestIdOf,
  type SubmissionArgs,
  tell,
} from './asking.ts';
import { inModal, screenOf, trailModal } from './screen.ts';
import { sendCsv } from './send-csv.ts';

/** `audit WORDS`: the audit trail, newest first, of whatever the words say and the person may see. */
export const commandAudit = (door: Door, kind: Kind, text: string, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const said = wishFrom(text);
    if ('mistake' in said) return tell(door, args.respond, said.mistake);
    const wish = await withUser(door, said.wish, said.user);
    const usualKind = kind === 'support_access' && !said.kindSaid ? kind : null;
    const request = { user: args.command.user_id, requestId: requestIdOf(args), command: commands[kind] };
    await tell(door, args.respond, await answerTo(door, request, { wish, before: null }, usualKind));
  });

/** The Older button: the next page, looked at as anew. What the button says is only where to go on. */
export const clickAuditOlder = (door: Door, args: ButtonArgs): Promise<void> => {
  const screen = screenOf(door, args);
  return answering(door, screen, async () => {
    const place = placeIn(args.action.value);
    await tell(door, screen, place ? await answerTo(door, requestOf(args), place, null) : await nowhere(door, args));
  });
};

/** The Filter button opens the form that narrows down what the page shows. */
export const clickAuditFilter = (door: Door, args: ButtonArgs): Promise<void> => {
  const screen = screenOf(door, args);
  return answering(door, screen, async () => {
    const place = placeIn(args.action.value);
    if (!place) return tell(door, screen, await nowhere(door, args));
    const view = auditFilterForm(args.action.value ?? '', place);
    if (args.body.view) await door.slack.quick.views.update({ view_id: args.body.view.id, view });
    else if ((await openForm(door, args.body.trigger_id, view)) === null) {
      await tell(door, screen, 'Slack did not open the form in time. Press the button again.');
    }
  });
};

/**
 * The form's answer takes its place: a form belongs to no channel where it could be given. It goes with the acknowledgement
 * where there is time for that: what is sent beside it may be seen first, and overwritten by it.
 */
export async function submitAuditFilter(door: Door, args: SubmissionArgs): Promise<void> {
  const answer = filtered(door, args).catch((error: unknown) => {
    door.log.error({ err: error }, 'a form could not be carried out');
    return troubleSentence;
  });
  const inTime = await Promise.race([answer, after(ANSWER_WITHIN_MS)]);
  await args.ack({ response_action: 'update', view: trailModal(inTime ?? slowSentence) });
  if (inTime === null) await tell(door, inModal(door, args.view.id), await answer);
}

async function filtered(door: Door, args: SubmissionArgs): Promise<Message | string> {
  const said = parseAuditFilter(args.view.state.values as FormState, args.view.private_metadata);
  const wish = await withUser(door, said.wish, said.user);
  return answerTo(door, requestOf(args), { wish, before: null }, null);
}

/** The CSV button: every row of what the page shows, as a file, by direct message. */
export const clickAuditCsv = (door: Door, args: ButtonArgs): Promise<void> => {
  const screen = screenOf(door, args);
  return answering(door, screen, async () => {
    const place = placeIn(args.action.value);
    if (!place) return tell(door, screen, await nowhere(door, args));
    const actor = await actingPerson(door, args.body.user.id);
    if (actor.standing === 'unknown') return tell(door, screen, unknownStandingSentence);
    const asked = { actor, user: args.body.user.id, requestId: requestIdOf(args), wish: place.wish };
    const outcome = await sendCsv(door, asked, (said) => tell(door, screen, said));
    if (outcome?.kind === 'refused') await tell(door, screen, whyNot(outcome, actor));
    if (outcome?.kind === 'which') await tell(door, screen, whichMessage(outcome.tenants, commands.support_access));
  });
};

interface Request {
  user: string;
  requestId: string;
  command: string;
}

const requestOf = (args: ButtonArgs | SubmissionArgs): Request => ({
  ...{ user: args.body.user.id, requestId: requestIdOf(args), command: commands.support_access },
});

async function answerTo(
  door: Door,
  { user, requestId, command }: Request,
  { wish, before }: TrailPlace,
  usualKind: Kind | null,
): Promise<Message | string> {
  const actor = await actingPerson(door, user);
  if (actor.standing === 'unknown') return unknownStandingSentence;
  const look = await lookAtAudit(door.context, door.desk, { actor, wish, before, usualKind }, requestId);
  switch (look.kind) {
    case 'seen':
      return auditTrailMessage(look);
    case 'which':
      return whichMessage(look.tenants, command);
    case 'refused':
      return whyNot(look, actor);
  }
}

/** Where Slack did not say which groups somebody is in, "no" is not the last word. */
const whyNot = ({ refusal }: Refused, { unsure }: ActingPerson): string =>
  unsure ? unknownStandingSentence : refusalSentence(refusal);

/** Whom Slack's id names, as the audit does. */
async function withUser(door: Door, wish: TrailWish, user: string | null): Promise<TrailWish> {
  if (user === null) return wish;
  return { ...wish, person: `slack:${(await door.directory.lookUp(user)).account}` };
}

/** No button of ours says that, so somebody made it up: on record, and said as any other no. */
async function nowhere(door: Door, args: ButtonArgs): Promise<string> {
  const refusal = { kind: 'no_audit_view' } as const;
  const actor = await actingPerson(door, args.body.user.id);
  if (actor.standing === 'unknown') return unknownStandingSentence;
  await door.context.refusals.record({
    actor,
    verb: 'audit',
    refusal,
    about: anything.tenant,
    requestId: requestIdOf(args),
  });
  return refusalSentence(refusal);
}
