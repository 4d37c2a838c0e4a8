import type {
  AllMiddlewareArgs,
  BlockAction,
  ButtonAction,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewResponseAction,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Refusal } from '../../domain/refusals.ts';
import { asWord, type LegRole, legRoles } from '../../domain/words.ts';
import type { Outcome } from '../../usecases/context.ts';
import { slackFailure } from '../clients.ts';
import type { Door } from '../door.ts';
import type { Message } from '../views/card.ts';
import { fieldOf, refusalSentence, troubleSentence } from '../views/refusals.ts';
import { messageModal } from '../views/request-form.ts';

export type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;
export type ButtonArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;
export type SubmissionArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** The id of this piece of work: set by the first middleware, in every log line and audit row it causes. */
export const requestIdOf = ({ context }: Pick<AllMiddlewareArgs, 'context'>): string => String(context.requestId);

/** A button's value: a grant's id, and the leg where it decides one. Anybody can forge it; the rules look again. */
export function subjectOf(value: string | undefined): { grant: string; leg: LegRole | undefined } | null {
  const [grant = '', leg] = (value ?? '').split(':');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(grant)) return null;
  return { grant, leg: asWord(legRoles, leg) };
}

type Respond = (message: {
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

/** Says why not, only to the person; a success needs no words, the card shows it. */
export async function tellRefusal(door: Door, respond: Respond, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'refused') await tell(door, respond, refusalSentence(outcome.refusal, outcome.accounts));
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

/** Answers a submitted form: closes it, shows mistakes at their fields, or says in its place why not. */
export async function answerSubmission(
  door: Door,
  { ack }: Pick<SubmissionArgs, 'ack'>,
  title: string,
  work: () => Promise<Outcome | Refusal>,
): Promise<void> {
  let answer: ViewResponseAction | undefined;
  try {
    answer = asAnswer(title, await work());
  } catch (error) {
    door.log.error({ err: error }, 'a form could not be carried out');
    answer = { response_action: 'update', view: messageModal(title, troubleSentence) };
  }
  await (answer ? ack(answer) : ack());
}

function asAnswer(title: string, result: Outcome | Refusal): ViewResponseAction | undefined {
  if (result.kind === 'done' || result.kind === 'repeated') return undefined;
  const { refusal, accounts } =
    result.kind === 'refused' ? result : { refusal: result, accounts: new Map<string, string>() };
  const sentence = refusalSentence(refusal, accounts);
  const field = fieldOf(refusal);
  if (field) return { response_action: 'errors', errors: { [field]: withoutMarkup(sentence) } };
  return { response_action: 'update', view: messageModal(title, withoutMarkup(sentence)) };
}

/** Field errors and modals show plain text: a date is written out, a mention becomes a word. */
const withoutMarkup = (sentence: string): string =>
  sentence.replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1').replace(/<@[^>]*>/g, 'somebody else');

/** Opens a form for a click. The trigger lives three seconds, so nothing is looked up before. */
export async function openForm(
  door: Door,
  trigger: string,
  view: Parameters<Door['slack']['quick']['views']['open']>[0]['view'],
): Promise<string | null> {
  try {
    const opened = await door.slack.quick.views.open({ trigger_id: trigger, view });
    return opened.view?.id ?? null;
  } catch (error) {
    door.log.warn({ slack_error: slackFailure(error).error }, 'a form could not be opened');
    return null;
  }
}
