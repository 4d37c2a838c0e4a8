import { blocksOf, findElement } from '../../slack/elements.ts';
import { type Entries, fieldsOf } from '../../slack/form.ts';
import type { JsonObject, LocalSlack, OpenView, Person } from '../../slack/index.ts';
import type { Act, ActOf, Outcome } from '../wire.ts';
import type { Installed } from './manifest.ts';
import { isMember, isShownTo } from './shown.ts';

/** What somebody does in Slack, carried out as that person; a refusal is what Slack's own window would say. */

const kinds = ['command', 'say', 'press', 'press_in_view', 'choose', 'fill', 'options', 'submit', 'close'] as const;

export type SlackAct = ActOf<(typeof kinds)[number]>;

export const isSlackAct = (act: Act): act is SlackAct => kinds.some((kind) => kind === act.kind);

export interface Desk {
  slack: LocalSlack;
  person: Person;
  installed: Installed;
}

export const done: Outcome = { kind: 'done' };
export const refused = (why: string): Outcome => ({ kind: 'refused', why });

const slackIsDown = refused('Slack is down. Nothing gets through.');
export const notThere = refused('You are not in that channel.');
const messageGone = refused('That message is no longer there.');
const buttonGone = refused('That button is no longer there.');
const windowGone = refused('That window is no longer open.');
const fieldGone = refused('That field is no longer there.');
/** What Slack shows in a window when the app did not answer as it should. */
const trouble = refused('We had some trouble connecting. Try again?');

export function actInSlack(desk: Desk, act: SlackAct): Promise<Outcome> {
  return desk.slack.world.down ? whileDown(desk, act) : carryOut(desk, act);
}

/** What is typed stays on the screen, and a window can be closed; neither reaches Slack. */
async function whileDown({ slack, person }: Desk, act: SlackAct): Promise<Outcome> {
  if (act.kind !== 'close') return slackIsDown;
  const view = onTop(person, act.view);
  if (view === undefined) return windowGone;
  slack.world.modals.close(view);
  return done;
}

function carryOut(desk: Desk, act: SlackAct): Promise<Outcome> {
  switch (act.kind) {
    case 'command':
      return command(desk, act);
    case 'say':
      return say(desk, act);
    case 'press':
      return press(desk, act);
    case 'press_in_view':
      return pressInView(desk, act);
    case 'choose':
      return choose(desk, act);
    case 'fill':
      return fill(desk, act);
    case 'options':
      return options(desk, act);
    case 'submit':
      return submit(desk, act);
    case 'close':
      return close(desk, act);
  }
}

async function command({ slack, person, installed }: Desk, act: ActOf<'command'>): Promise<Outcome> {
  if (!isMember(slack, person.id, act.channel)) return notThere;
  if (!installed.commands.some(({ command: known }) => known === act.command)) {
    return refused(`${act.command} is not a valid command`);
  }
  await person.command(act.command, act.text, { channel: act.channel });
  return done; // where the app failed, Slack says so in a notice
}

async function say({ slack, person, installed }: Desk, { channel, text }: ActOf<'say'>): Promise<Outcome> {
  if (!isMember(slack, person.id, channel)) return notThere;
  if (channel === person.dm() && installed.isReadOnly) {
    return refused('Sending messages to this app has been turned off.');
  }
  person.say(channel, asTyped(text));
  return done;
}

/** Slack keeps what people type so that none of it reads as markup of its own. */
const asTyped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

async function press(desk: Desk, act: ActOf<'press'>): Promise<Outcome> {
  const { slack, person } = desk;
  if (!isMember(slack, person.id, act.channel)) return notThere;
  const message = slack.message(act.channel, act.ts);
  if (message === undefined || !isShownTo(slack, person.id, message)) return messageGone;
  if (!hasButton(message.blocks, act)) return buttonGone;
  await person.click(message, act.action, pickOf(act));
  return done;
}

function hasButton(blocks: JsonObject[], act: ActOf<'press' | 'press_in_view'>): boolean {
  try {
    findElement(blocks, act.action, pickOf(act), 'here');
    return true;
  } catch {
    return false;
  }
}

async function pressInView({ person }: Desk, act: ActOf<'press_in_view'>): Promise<Outcome> {
  const view = onTop(person, act.view);
  if (view === undefined) return windowGone;
  if (!hasButton(blocksOf(view.definition), act)) return buttonGone;
  const outcome = await person.clickInView(act.action, pickOf(act));
  return outcome.kind === 'acked' ? done : trouble;
}

async function choose({ person }: Desk, { view: id, block, entry }: ActOf<'choose'>): Promise<Outcome> {
  const view = onTop(person, id);
  if (view === undefined) return windowGone;
  const field = fieldsOf(view.definition).find(({ blockId }) => blockId === block);
  if (field === undefined) return fieldGone;
  const errors = person.fill({ [block]: entry });
  if (Object.keys(errors).length > 0) return { kind: 'errors', errors };
  if (field.block.type === 'input' && field.block.dispatch_action !== true) return done;
  const ack = await person.choose(block, entry);
  return ack.kind === 'acked' ? done : trouble;
}

async function fill({ person }: Desk, { view: id, entries }: ActOf<'fill'>): Promise<Outcome> {
  const missing = unfit(onTop(person, id), entries);
  if (missing) return missing;
  const errors = person.fill(entries);
  return Object.keys(errors).length > 0 ? { kind: 'errors', errors } : done;
}

async function options({ person }: Desk, { view: id, block, query }: ActOf<'options'>): Promise<Outcome> {
  const view = onTop(person, id);
  if (view === undefined) return windowGone;
  const field = fieldsOf(view.definition).find(({ blockId }) => blockId === block);
  if (field?.element.type !== 'external_select') return fieldGone;
  const outcome = await person.options(block, query);
  if (outcome.kind === 'options') return { kind: 'options', options: outcome.options };
  return outcome.kind === 'refused_by_client' ? { kind: 'errors', errors: outcome.errors } : trouble;
}

async function submit({ person }: Desk, { view: id, entries }: ActOf<'submit'>): Promise<Outcome> {
  const view = onTop(person, id);
  const missing = unfit(view, entries);
  if (missing) return missing;
  if (view?.definition.submit === undefined) return refused('There is nothing to send in that window.');
  const outcome = await person.submit(entries);
  switch (outcome.kind) {
    case 'errors':
    case 'refused_by_client':
      return { kind: 'errors', errors: outcome.errors };
    case 'closed':
    case 'cleared':
    case 'updated':
    case 'pushed':
      return done;
    default:
      return trouble;
  }
}

async function close({ person }: Desk, { view }: ActOf<'close'>): Promise<Outcome> {
  if (onTop(person, view) === undefined) return windowGone;
  await person.close();
  return done;
}

/** The view, if it is this person's and the one on top. */
const onTop = ({ view }: Person, id: string): OpenView | undefined => (view?.id === id ? view : undefined);

/** Why these entries can't be put into the form. */
function unfit(view: OpenView | undefined, entries: Entries): Outcome | null {
  if (view === undefined) return windowGone;
  const known = fieldsOf(view.definition).map(({ blockId }) => blockId);
  return Object.keys(entries).every((block) => known.includes(block)) ? null : fieldGone;
}

type Picked = Pick<ActOf<'press'>, 'block' | 'value' | 'choose'>;
const pickOf = ({ block, value, choose: chosen }: Picked) => ({
  block,
  ...(value === undefined ? {} : { value }),
  ...(chosen === undefined ? {} : { choose: chosen }),
});
