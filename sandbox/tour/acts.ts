import { cast, channels, type Player } from '../cast.ts';
import type { ClickOutcome, Entries, OpenView } from '../slack/index.ts';
import { asString } from '../slack/json.ts';
import { Mismatch } from './mismatch.ts';
import type { CardOf, Play, Step, Where } from './play.ts';
import { buttonsOf, plainText, readView } from './reading.ts';

/** What people do, each in one step. */

export const name = (who: Player): string => cast[who].name;
export const placeOf = (who: Player, where: Where): string =>
  where === 'dm' ? `${name(who)}'s direct messages` : `#${channels[where].name}`;

/** @param more who is at it and where, and what can be seen before */
export const step = (title: string, run: Step['run'], more: Omit<Step, 'name' | 'run'> = {}): Step => ({
  name: title,
  run,
  ...more,
});

/** Something that is done elsewhere than in Slack's windows. */
export const happens = (title: string, change: (play: Play) => unknown): Step =>
  step(title, async (play) => {
    await change(play);
    return [];
  });

/** Types a command that is acknowledged; what it answers is another step. */
export const types = (who: Player, text: string, where: Where = 'dm'): Step =>
  step(
    `${name(who)} types ${text}${where === 'dm' ? '' : ` in ${placeOf(who, where)}`}`,
    async (play) => {
      const [command = '', ...words] = text.split(' ');
      const outcome = await play.person(who).command(command, words.join(' '), { channel: play.channel(who, where) });
      return acknowledged(outcome);
    },
    { scene: { who, where }, types: text },
  );

/** A form is on the screen of the person who acted. */
export const form = (who: Player, title: string, { shown = false } = {}): Step =>
  step(
    `${name(who)} gets the form "${title}"`,
    async (play) => {
      const fits = () => formOf(play, who, title);
      const view = await play.until(
        fits,
        () => `a form "${title}"`,
        () => screen(play, who),
      );
      return shown ? readView(view, play.reader).split('\n') : [];
    },
    { scene: { who }, seenOn: 'screen' },
  );

const formOf = (play: Play, who: Player, title: string): OpenView | undefined => {
  const { view } = play.person(who);
  return view && plainText(view.definition, 'title') === title && view.definition.submit ? view : undefined;
};

const screen = (play: Play, who: Player): string => {
  const { view } = play.person(who);
  return view ? readView(view, play.reader) : 'no form';
};

interface Sending extends Pick<Step, 'run' | 'seenOn'> {
  /** What comes of it. */
  what: string;
  entries: Entries;
}

/** A step that sends the form on the screen, which can be seen filled in before. */
const sending = (who: Player, { what, entries, run, ...more }: Sending): Step =>
  step(`${name(who)} sends the form${what}`, run, {
    ...{ scene: { who }, sends: true, ...more },
    about: typeof entries.ticket === 'string' ? entries.ticket : undefined,
    prepare: (play) => void (play.person(who).view && play.person(who).fill(entries)),
  });

/** Sends the form on the screen, which closes it. */
export const sends = (who: Player, entries: Entries): Step =>
  sending(who, {
    ...{ what: ', and it closes', entries },
    run: async (play) => {
      const order = Object.keys(play.person(who).view?.state ?? {});
      const outcome = await play.person(who).submit(entries);
      if (outcome.kind !== 'closed') throw new Mismatch('the form to close', `${outcome.kind}\n${screenOf(outcome)}`);
      return order.flatMap((id) => (entries[id] === undefined ? [] : [`${id}: ${entries[id]}`]));
    },
  });

/** Sends the form with mistakes, which stays; at each wrong field stands a sentence that begins as `errors` says. */
export const sendsWrongly = (who: Player, what: string, entries: Entries, errors: Record<string, string>): Step =>
  sending(who, {
    ...{ what: ` ${what}, and it stays with a sentence at the field`, entries, seenOn: 'screen' },
    run: async (play) => {
      const outcome = await play.person(who).submit(entries);
      const found = outcome.kind === 'errors' ? lines(outcome.errors) : [outcome.kind, screenOf(outcome)];
      const wanted = lines(errors);
      const right = found.length === wanted.length && wanted.every((each, index) => found[index]?.startsWith(each));
      if (!right) throw new Mismatch(wanted.join('\n'), found.join('\n'));
      return found;
    },
  });

const lines = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([id, text]) => `${id}: ${text}`);
const screenOf = (outcome: object): string => JSON.stringify('errors' in outcome ? outcome.errors : {});

/** Sends the form, which gives way to a window that says something. */
export const sendsAndReads = (who: Player, entries: Entries, says: string): Step =>
  sending(who, {
    ...{ what: ', and a window says what came of it', entries, seenOn: 'screen' },
    run: async (play) => {
      const outcome = await play.person(who).submit(entries);
      const seen = outcome.kind === 'updated' ? readView(outcome.view, play.reader) : outcome.kind;
      if (!seen.includes(says)) throw new Mismatch(says, seen);
      return seen.split('\n');
    },
  });

/** Types the command, gets the form and sends it. */
export const asks = (
  who: Player,
  command: '/breakglass' | '/support-access',
  entries: Entries,
  shown = false,
): Step[] => [
  types(who, command),
  form(who, command === '/breakglass' ? 'Break-glass request' : 'Support access', { shown }),
  sends(who, entries),
];

/** Presses a button of a ticket's card; where Slack asks to confirm, the person does. */
export const presses = (who: Player, where: Where, ticket: string, label: string, of: CardOf = 'grant'): Step =>
  step(
    `${name(who)} presses "${label}" in ${where === 'dm' ? 'the direct messages' : placeOf(who, where)}`,
    async (play) => {
      const card = play.card(who, where, ticket, of);
      const button = card && buttonsOf(card).find((each) => each.label === label);
      if (!card || !button) throw new Mismatch(`a card of ${ticket} with ${label}`, card ? play.read(card) : 'no card');
      const outcome = await play.person(who).click(card, button.action, { value: button.value });
      acknowledged(outcome);
      return confirmation(outcome);
    },
    { scene: { who, where }, presses: label, about: ticket },
  );

/** Presses a button of the page that only this person was shown last. */
const pressesOnPage = (who: Player, words: string, button: string): Step =>
  step(
    `${name(who)} presses "${words}"`,
    async (play) => {
      const page = play.person(who).ephemerals.at(-1);
      if (!page) throw new Mismatch('a page', 'nothing');
      return acknowledged(await play.person(who).click(page, button));
    },
    { scene: { who }, presses: words },
  );

export const pressesOlder = (who: Player): Step => pressesOnPage(who, 'Older', 'audit_older');
export const pressesCsv = (who: Player): Step => pressesOnPage(who, 'CSV by DM', 'audit_csv');

function confirmation({ confirm }: ClickOutcome): string[] {
  if (confirm === undefined) return [];
  const [title, text, yes, no] = ['title', 'text', 'confirm', 'deny'].map((field) => plainText(confirm, field));
  return [`Slack asks first: ${title} ${text} [${yes}] [${no}]`, `answered: ${yes}`];
}

/** Slack delivers something once more, as it does when an answer was lost on the way. */
export const deliveredAgain = (what: string, kind: 'block_actions' | 'view_submission'): Step =>
  step(`Slack delivers the same ${what} a second time`, async ({ slack }) => {
    const first = slack.deliveries.findLast((delivery) => asString(delivery.body.type) === kind);
    if (first === undefined) throw new Mismatch(`a ${what} to deliver again`, 'none');
    return acknowledged((await slack.redeliver(first, { num: 1, reason: 'http_timeout' })).ack);
  });

function acknowledged(outcome: { kind: string } | undefined): string[] {
  if (outcome?.kind !== 'acked') throw new Mismatch('Slack to get an answer in time', JSON.stringify(outcome));
  return [];
}
