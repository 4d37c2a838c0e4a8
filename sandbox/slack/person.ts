/** A person at their Slack client: what they see, type and press. */
import { ApiError } from './calls.ts';
import { respond } from './chat.ts';
import type { Ack, Deliverer } from './deliver.ts';
import type { SlackUser } from './directory.ts';
import { findElement, type Pick } from './elements.ts';
import type { JsonObject } from './json.ts';
import type { Message } from './messages.ts';
import type { ClickOutcome, CommandOutcome } from './outcomes.ts';
import { commandBody, messageActionBody } from './payloads.ts';
import { PersonModals } from './person-modals.ts';
import type { Truthy, WaitOptions } from './wait.ts';
import type { World } from './world.ts';

export type Until = <T>(look: () => T, what: string, options?: WaitOptions) => Promise<Truthy<T>>;

/** A message, as captured or named. */
export type Target = Message | { channel: string; ts: string };

export interface ClickOptions extends Pick {
  /** What the person answers to the confirmation dialog; yes unless told. */
  confirm?: boolean;
  /** Press even what the person can't see. */
  force?: boolean;
}

export class Person extends PersonModals {
  /** Types a slash command; in the DM with the bot unless told where. */
  async command(
    command: string,
    text = '',
    { channel: id = this.dm(), force = false }: { channel?: string; force?: boolean } = {},
  ): Promise<CommandOutcome> {
    const channel = this.world.directory.channels.get(id);
    if (channel === undefined) throw new Error(`there is no channel ${id}`);
    if (!force) this.#mustBeIn(id);
    const body = commandBody(this.world, this.user, channel, command, this.#escaped(text));
    const { ack } = await this.deliverer.deliver('command', body);
    if (ack.kind !== 'acked') return this.failed(ack, command);
    if (ack.response === undefined) return ack;
    try {
      respond(ack.response, this.world, { user: this.id, channel: id, ts: undefined });
      return ack;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.failed({ kind: 'bad_ack', error: error.code, details: error.details }, command);
    }
  }

  /** What is on the person's screen in that channel, oldest first. Throws when they are not in it. */
  sees(channel: string): readonly Message[] {
    this.#mustBeIn(channel);
    return this.world.messages.in(channel).filter((message) => this.#isFor(message));
  }

  /** What only this person sees, in any channel, oldest first. */
  get ephemerals(): readonly Message[] {
    const mine = this.world.messages.all().filter((message) => message.ephemeralTo === this.id);
    return mine.sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  /** The id of the direct message with the bot. */
  dm(): string {
    return this.world.directory.dmWith(this.id).id;
  }

  /** Writes a message; the bot is not told. */
  say(channel: string, text: string): Message {
    this.#mustBeIn(channel);
    return this.world.messages.post(channel, this.id, { text, blocks: [], metadata: undefined, thread_ts: undefined });
  }

  /** Presses a button, or chooses from a menu, in a message as it stands now. */
  async click(target: Target, actionId: string, options: ClickOptions = {}): Promise<ClickOutcome> {
    return this.#press(this.#onScreen(target, options.force ?? false), actionId, options);
  }

  /** Presses a button of a message as it was when it was captured, as a client does that has not caught up. */
  async clickStale(message: Message, actionId: string, options: ClickOptions = {}): Promise<ClickOutcome> {
    if (!options.force) this.#mustBeIn(message.channel);
    return this.#press(message, actionId, options);
  }

  /** Sends any action on any message, found or not: what a forger could do who had the signing secret. */
  async clickRaw(action: JsonObject, target: Target): Promise<Ack> {
    const message =
      'blocks' in target ? target : (this.world.messages.find(target.channel, target.ts) ?? this.#imagined(target));
    const { ack } = await this.deliverer.deliver(
      'interactive',
      messageActionBody(this.world, this.user, message, { type: 'button', block_id: 'raw', ...action }),
    );
    return ack;
  }

  /** The action that pressing this would send, for clickRaw. */
  button(target: Target, actionId: string, pick: Pick = {}): JsonObject {
    return findElement(this.#onScreen(target, false).blocks, actionId, pick, 'the message').action;
  }

  async #press(message: Message, actionId: string, options: ClickOptions): Promise<ClickOutcome> {
    const { action } = findElement(message.blocks, actionId, options, `the message ${message.channel} ${message.ts}`);
    const outcome = await this.confirmed(action, options.confirm ?? true, () =>
      messageActionBody(this.world, this.user, message, action),
    );
    return outcome;
  }

  /** Our commands ask for it (`should_escape`): whoever is mentioned by name arrives as an id. */
  #escaped(text: string): string {
    return text.replace(/(?<!\S)@([a-z0-9._-]+)(?!\S)/g, (typed, name) => {
      const user = [...this.world.directory.users.values()].find((each) => each.name === name);
      return user === undefined ? typed : `<@${user.id}|${name}>`;
    });
  }

  #onScreen(target: Target, force: boolean): Message {
    const message = this.world.messages.find(target.channel, target.ts);
    if (message === undefined) throw new Error(`there is no message ${target.ts} in ${target.channel} (any more)`);
    if (force) return message;
    this.#mustBeIn(target.channel);
    if (!this.#isFor(message)) throw new Error(`${this.id} can't see ${target.ts}: it is for ${message.ephemeralTo}`);
    return message;
  }

  #isFor(message: Message): boolean {
    return message.ephemeralTo === undefined || message.ephemeralTo === this.id;
  }

  #mustBeIn(channel: string): void {
    const members = this.world.directory.channels.get(channel)?.members;
    if (!members?.includes(this.id)) throw new Error(`${this.id} is not in ${channel}`);
  }

  #imagined({ channel, ts }: { channel: string; ts: string }): Message {
    return {
      channel,
      ts,
      user: this.world.bot.user,
      text: '',
      blocks: [],
      metadata: undefined,
      thread_ts: undefined,
      edited: undefined,
      ephemeralTo: undefined,
      revision: 0,
    };
  }
}

export const personOf = (world: World, deliverer: Deliverer, until: Until, id: string): Person => {
  const user: SlackUser | undefined = world.directory.users.get(id);
  if (user === undefined) throw new Error(`there is nobody called ${id}; addUser first`);
  return new Person(world, deliverer, until, id);
};
