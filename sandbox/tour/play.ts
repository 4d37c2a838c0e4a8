import { cast, channels, type Player } from '../cast.ts';
import type { SandboxClock } from '../clock.ts';
import type { Service } from '../service.ts';
import type { LocalSlack, Message, Person, Reader } from '../slack/index.ts';
import { Mismatch } from './mismatch.ts';
import { buttonsOf, read, shownMoment, ZONE } from './reading.ts';
import type { Records } from './records.ts';

export type Where = keyof typeof channels | 'dm';
/** Which of a session's two cards. */
export type CardOf = 'grant' | 'review';

/** What a step expects of a message. */
export interface Looks {
  /** Texts that are all there. `{ends}` and `{lapses}` stand for the moments of the ticket's grant. */
  says?: readonly string[];
  /** The labels of its buttons, all of them, in order. */
  buttons?: readonly string[];
}

/** Who acts or looks in a step, and where. */
export interface Scene {
  who: Player;
  /** Left out where it is a window, or where they are already. */
  where?: Where;
}

/** One thing that happens, and what has to come of it. Throws a Mismatch where that is not so. */
export interface Step {
  name: string;
  /** Left out where nobody of the cast is at it. */
  scene?: Scene;
  /** The ticket of the request that it is about; left out where that is the one before, or none. */
  about?: string | undefined;
  /** The command that it types. */
  types?: string;
  /** The label of the button that it presses. */
  presses?: string;
  /** It sends the form that is on the screen. */
  sends?: true;
  /** Where a window of the page shows by itself what was to be seen; left out where only the transcript does. */
  seenOn?: 'screen' | 'record';
  /** What can be seen before it happens, for whoever watches slowly: a form filled in, and not sent yet. */
  prepare?(play: Play): void;
  /** @returns what was to be seen, for the transcript */
  run(play: Play): Promise<readonly string[]>;
}

export interface Journey {
  title: string;
  steps: readonly (Step | readonly Step[])[];
}

/** How long anything that should happen may take on a busy machine (ms). */
export const PATIENCE_MS = 15_000;

/** Where a tour is played: any running bot with the sandbox's people, and a service that asks it. */
export interface Stage {
  slack: LocalSlack;
  clock: SandboxClock;
  service: Service;
  adminUrl: string;
  /** The public key that this history is sealed with. */
  sealKey: string;
}

/** What the tour is played on, and what of it was shown so far. */
export class Play {
  readonly slack: LocalSlack;
  readonly clock: SandboxClock;
  readonly service: Service;
  readonly adminUrl: string;
  readonly sealKey: string;
  readonly records: Records;
  readonly reader: Reader;
  /** Messages that stand in the transcript, by channel and timestamp. */
  readonly #shown = new Set<string>();
  /** The lines of each ticket's cards that stand in the transcript: by ticket, and by ticket and place. */
  readonly #drawn = new Map<string, readonly string[]>();

  readonly #first = new Map<string, Message>();

  constructor({ slack, clock, service, adminUrl, sealKey }: Stage, records: Records) {
    this.slack = slack;
    this.clock = clock;
    this.service = service;
    this.adminUrl = adminUrl;
    this.sealKey = sealKey;
    this.records = records;
    this.reader = slack.reader(ZONE);
  }

  person(who: Player): Person {
    return this.slack.as(cast[who].id);
  }

  channel(who: Player, where: Where): string {
    return where === 'dm' ? this.person(who).dm() : channels[where].id;
  }

  read(message: Message): string {
    return read(message, this.reader);
  }

  /** Waits for something; what there is instead is told when it does not come. */
  async until<T>(look: () => T, expected: () => string, instead: () => string) {
    return this.slack.until(look, expected(), { timeoutMs: PATIENCE_MS }).catch((error: unknown) => {
      throw error instanceof Error && error.message.startsWith('waited') ? new Mismatch(expected(), instead()) : error;
    });
  }

  /** The card of a ticket, or that of its review, as it stands in a channel. There is never more than one. */
  card(who: Player, where: Where, ticket: string, of: CardOf = 'grant'): Message | undefined {
    const cards = this.person(who)
      .sees(this.channel(who, where))
      .filter(({ text }) => text.startsWith('Review: ') === (of === 'review'))
      .filter((message) => message.ephemeralTo === undefined && this.read(message).includes(`Ticket: ${ticket}`));
    if (cards.length > 1) throw new Mismatch('one card for the request', `${cards.length} cards`);
    return cards[0];
  }

  /** The card of a ticket in the place where it was seen first, as it was then. */
  remembered(ticket: string): Message {
    const first = this.#first.get(ticket);
    if (first === undefined) throw new Mismatch(`a card of ${ticket} seen before`, 'none');
    return first;
  }

  /** What nobody was told about yet in this transcript, in a place. */
  unread(who: Player, where: Where): readonly Message[] {
    return this.person(who)
      .sees(this.channel(who, where))
      .filter((message) => message.ephemeralTo === undefined && !this.#shown.has(keyOf(message)));
  }

  /** Everything that the transcript does not show yet, in any channel or direct message. */
  overlooked(): readonly Message[] {
    return this.slack.channels
      .flatMap(({ id }) => this.slack.messages(id))
      .filter((message) => !this.#shown.has(keyOf(message)));
  }

  show(message: Message): void {
    this.#shown.add(keyOf(message));
  }

  /** What is new about a card for those who read the transcript: all of it at first, then what changed. */
  draw(card: Message, ticket: string, of: CardOf = 'grant'): readonly string[] {
    this.show(card);
    if (of === 'grant') this.#first.set(ticket, this.#first.get(ticket) ?? card);
    const lines = this.read(card).split('\n');
    const drawn = `${of} ${ticket}`;
    const here = `${drawn} ${card.channel}`;
    const seenHere = this.#drawn.has(here);
    const before = this.#drawn.get(here) ?? this.#drawn.get(drawn);
    this.#drawn.set(here, lines);
    this.#drawn.set(drawn, this.#drawn.get(drawn) ?? lines);
    if (before === undefined) return lines;
    const fresh = lines.filter((line) => !before.includes(line));
    const gone = Object.entries(parts).flatMap(([name, isPart]) =>
      before.some(isPart) && !lines.some(isPart) ? [`(no ${name}${seenHere ? ' any more' : ''})`] : [],
    );
    const changes = [...fresh, ...gone];
    if (seenHere) return changes.length > 0 ? changes : ['(unchanged)'];
    return changes.length > 0 ? ['(the same card, except)', ...changes] : ['(the same card)'];
  }

  /** Resolves once the message of `find` looks as expected. */
  async looks(find: () => Message | undefined, looks: Looks, ticket: string | undefined): Promise<Message> {
    const absentFrom = (message: Message, filled: (text: string) => string) =>
      missing(this.read(message), buttonsOf(message), looks, filled);
    const there = await this.until(
      () => {
        const message = find();
        return message && absentFrom(message, rough).length === 0 ? message : undefined;
      },
      () => {
        const message = find();
        return message ? absentFrom(message, rough).join('\n') : describe(looks);
      },
      () => this.#instead(find()),
    );
    const exact = ticket === undefined ? rough : await this.#moments(ticket);
    const absent = absentFrom(there, exact);
    if (absent.length > 0) throw new Mismatch(absent.join('\n'), this.read(there));
    return there;
  }

  async #moments(ticket: string): Promise<(text: string) => string> {
    const grant = (await this.records.grants(ticket)).at(-1);
    const ends = grant?.expires_at ? shownMoment(grant.expires_at) : '(no end)';
    const lapses = grant ? shownMoment(grant.lapses_at) : '(no request)';
    return (text) => text.replaceAll('{ends}', ends).replaceAll('{lapses}', lapses);
  }

  #instead(message: Message | undefined): string {
    return message ? this.read(message) : 'nothing';
  }
}

const keyOf = ({ channel, ts }: Message) => `${channel} ${ts}`;
/** Parts of a card whose absence says something, by how their lines begin. */
const parts = {
  note: (line: string) => line.startsWith('· '),
  buttons: (line: string) => line.startsWith('['),
};

/** A text as far as its first moment, which is compared once the rest is there. */
const rough = (text: string) => text.replace(/\{\w+\}.*$/s, '');

function missing(
  text: string,
  buttons: readonly { label: string }[],
  { says = [], buttons: wanted }: Looks,
  filled: (text: string) => string,
): string[] {
  const labels = buttons.map(({ label }) => label).join(', ');
  const absent = says.map(filled).filter((each) => !text.includes(each));
  return wanted === undefined || wanted.join(', ') === labels ? absent : [...absent, describe({ buttons: wanted })];
}

function describe({ says = [], buttons }: Looks): string {
  const row = buttons === undefined ? [] : [buttons.length > 0 ? `the buttons ${buttons.join(', ')}` : 'no buttons'];
  return [...says, ...row].join('\n');
}
