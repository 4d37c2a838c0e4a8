import type {
  AllMiddlewareArgs,
  BlockAction,
  ButtonAction,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { Refusal } from '../../domain/refusals.ts';
import { asWord, type LegRole, legRoles } from '../../domain/words.ts';
import { type Outcome, type Refused, refused } from '../../usecases/context.ts';
import { slackFailure } from '../clients.ts';
import { type ActingPerson, actingPerson, type Door } from '../door.ts';
import { mrkdwn } from '../text.ts';
import type { Message } from '../views/card.ts';
import { fieldOf, refusalSentence, slowSentence, troubleSentence, unknownStandingSentence } from '../views/refusals.ts';
import { messageModal } from '../views/request-form.ts';

export type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;
export type ButtonArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;
export type SubmissionArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** The id of this piece of work: set by the first middleware, in every log line and audit row it causes. */
export const requestIdOf = ({ context }: Pick<AllMiddlewareArgs, 'context'>): string => String(context.requestId);

/** A button's value: a grant's id, and the leg where it decides one. Anybody can forge it; the rules look again. */
export function subjectOf(value: unknown): { grant: string; leg: LegRole | undefined } | null {
  const [grant = '', leg] = typeof value === 'string' ? value.split(':') : [];
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(grant)) return null;
  return { grant, leg: asWord(legRoles, leg) };
}

/** No button of ours says that, so somebody made it up: on record, without its text, and then said as any other no. */
export async function madeUp(door: Door, args: ButtonArgs | SubmissionArgs, verb: string): Promise<Refusal> {
  const refusal = { kind: 'unknown_grant' } as const;
  const actor = await actingPerson(door, args.body.user.id);
  await door.context.refusals.record({ actor, verb, refusal, about: null, requestId: requestIdOf(args) });
  return refusal;
}

export type Respond = (message: {
  response_type: 'ephemeral';
  replace_original: false;
  text: string;
  blocks?: Message['blocks'];
}) => Promise<unknown>;

/** Tells the person who acted, and nobody else. That it could not be said is logged and changes nothing. */
export async function tell(door: Door, respond: Respond, message: string | Message): Promise<void> {
  const said = typeof message === 'string' ? { text: message } : message;
  await respond({ response_type: 'ephemeral', replace_original: false, ...said }).catch((error: unknown) => {
    door.log.warn({ err: error }, 'an answer could not be delivered');
  });
}

/** What became of it, for those who run the bot: ids and stable words, nothing typed. */
function logOutcome({ log }: Door, outcome: Outcome): void {
  if (outcome.kind === 'refused') log.info({ refusal: outcome.refusal.kind }, 'refused');
  else if (outcome.kind === 'repeated') log.info({ grant: outcome.grant }, 'a repeat, nothing done');
  else log.info({ grant: outcome.at.grant.id, state: outcome.at.grant.status.state }, 'done');
}

/** Says why not, only to the person; a success needs no words, the card shows it. */
export async function tellRefusal(door: Door, respond: Respond, outcome: Outcome, actor: ActingPerson): Promise<void> {
  logOutcome(door, outcome);
  if (outcome.kind === 'refused') await tell(door, respond, sentenceFor(outcome, actor));
}

/** Refusals that rest on who somebody is. */
const aboutWho: readonly Refusal['kind'][] = ['not_the_role', 'not_an_operator', 'not_yours'];

/** "No" because Slack did not answer is said as that, not as a lack of rights. */
export function sentenceFor(
  { refusal, accounts }: Refused,
  { unsure }: Pick<ActingPerson, 'unsure'>,
  address: string | null = null,
): string {
  if (unsure && aboutWho.includes(refusal.kind)) return unknownStandingSentence;
  return refusalSentence(refusal, accounts, address);
}

/** Runs the work behind an acknowledged click or command; whatever breaks, the person gets one sentence. */
export async function answering(door: Door, respond: Respond, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    door.log.error({ err: error }, 'a request from Slack could not be carried out');
    await tell(door, respond, troubleSentence);
  }
}

/** Slack waits three seconds for the answer to a form; some of it is the way there and back (ms). */
export const ANSWER_WITHIN_MS = 2_500;

/** What came of a form, and what its answer says beside that. */
export interface Submitted {
  outcome: Outcome;
  actor: Pick<ActingPerson, 'unsure'>;
  /** Said in the form's place where nothing else would show that it went through. */
  done?: string;
  /** Of the message that a refusal is about. */
  address?: string | null;
  /** Shown where a refusal is not the end of it. */
  instead?: ModalView;
}

/**
 * Answers a submitted form: closes it, shows mistakes at their fields, or says in its place why not. Work that takes
 * longer than Slack waits goes on; the form says so, and then what became of it.
 */
export async function answerSubmission(
  door: Door,
  { ack, view }: Pick<SubmissionArgs, 'ack' | 'view'>,
  title: string,
  work: () => Promise<Submitted | Refusal>,
): Promise<void> {
  const answer = carryOut(door, title, work);
  const inTime = await Promise.race([answer.then((found) => ({ found })), after(ANSWER_WITHIN_MS)]);
  if (inTime) return acknowledge(ack, inTime.found);
  await ack({ response_action: 'update', view: messageModal(title, slowSentence) });
  const found = await answer;
  const late =
    found === null
      ? messageModal(title, 'It went through.')
      : (found.view ?? messageModal(title, Object.values(found.errors).join(' ')));
  await door.slack.quick.views.update({ view_id: view.id, view: late }).catch((error: unknown) => {
    door.log.warn({ slack_error: slackFailure(error).error }, 'a late answer could not be shown');
  });
}

/** Null closes the form. */
type Answer = { view: ModalView; errors?: never } | { errors: Record<string, string>; view?: never } | null;

async function acknowledge(ack: SubmissionArgs['ack'], answer: Answer): Promise<void> {
  if (answer === null) await ack();
  else if (answer.errors) await ack({ response_action: 'errors', errors: answer.errors });
  else await ack({ response_action: 'update', view: answer.view });
}

/** What to answer. Whatever breaks becomes one sentence. */
async function carryOut(door: Door, title: string, work: () => Promise<Submitted | Refusal>): Promise<Answer> {
  try {
    const result = await work();
    const submitted: Submitted = 'outcome' in result ? result : { outcome: refused(result), actor: { unsure: false } };
    const { outcome, actor, done, address, instead } = submitted;
    logOutcome(door, outcome);
    if (instead) return { view: instead };
    if (outcome.kind === 'refused') return whyNot(title, outcome, actor, address);
    return done === undefined ? null : { view: messageModal(title, done) };
  } catch (error) {
    door.log.error({ err: error }, 'a form could not be carried out');
    return { view: messageModal(title, troubleSentence) };
  }
}

function whyNot(title: string, outcome: Refused, actor: Submitted['actor'], address: Submitted['address']): Answer {
  const sentence = sentenceFor(outcome, actor, address);
  const field = fieldOf(outcome.refusal);
  if (field) return { errors: { [field]: withoutMarkup(sentence) } };
  return { view: messageModal(title, mrkdwn(sentence)) };
}

/** Null after so long; whoever races against it takes it for "not yet". */
export function after(ms: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ms).unref();
  });
}

/** Field errors are plain text: a date is written out, a mention becomes a word. */
const withoutMarkup = (sentence: string): string =>
  sentence.replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1').replace(/<@[^>]*>/g, 'somebody else');

/**
 * Opens a form for a click. The trigger lives three seconds, so nothing is looked up before.
 * @param view as Slack gets it, a JSON text: its client would walk an object several times, for logs that nobody reads
 */
export async function openForm(door: Door, trigger: string, view: ModalView | string): Promise<string | null> {
  try {
    const text = typeof view === 'string' ? view : JSON.stringify(view);
    // Slack's client sends a text as it is; its types do not say so.
    const opened = await door.slack.quick.views.open({ trigger_id: trigger, view: text as string & ModalView });
    return opened.view?.id ?? null;
  } catch (error) {
    door.log.warn({ slack_error: slackFailure(error).error }, 'a form could not be opened');
    return null;
  }
}
