/** The handle on a running local Slack. */
import type { Server } from 'node:http';
import { type ApiCall, callLine } from './calls.ts';
import type { Listener } from './changes.ts';
import {
  Deliverer,
  type Delivery,
  deliveryLine,
  encoded,
  type Posted,
  type PostOptions,
  type Retry,
} from './deliver.ts';
import type { NewChannel, NewGroup, NewUser, SlackChannel, SlackGroup, SlackUser } from './directory.ts';
import { userChanged } from './events.ts';
import type { Fault, FaultHandle, FaultOptions } from './faults.ts';
import type { JsonObject } from './json.ts';
import type { Message } from './messages.ts';
import type { Reader } from './mrkdwn.ts';
import type { Pacing } from './pacing.ts';
import { eventBody } from './payloads.ts';
import { type Person, personOf } from './person.ts';
import { listen } from './server.ts';
import { Sockets } from './socket-mode.ts';
import { type Truthy, until, type WaitOptions } from './wait.ts';
import { type LocalSlackOptions, World } from './world.ts';

export class LocalSlack {
  /** The whole state, for whoever puts a page on top. */
  readonly world: World;
  readonly sockets: Sockets;
  readonly #deliverer: Deliverer;
  readonly #people = new Map<string, Person>();
  #server: Server | undefined;

  constructor(options: LocalSlackOptions) {
    this.world = new World(options);
    this.sockets = new Sockets(this.world);
    this.#deliverer = new Deliverer(this.world, this.sockets);
  }

  async start(): Promise<this> {
    this.#server = await listen(this.world, () => this.sockets.connectUrl());
    this.sockets.attach(this.#server);
    return this;
  }

  /** Closes everything; who waits is told. */
  async stop(): Promise<void> {
    this.world.changes.emit({ kind: 'stopped' });
    this.sockets.stop();
    this.#deliverer.stop();
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** What the bot's `slackApiUrl` is. */
  get apiUrl(): string {
    return `${this.world.origin}/api/`;
  }

  /** Where signed posts go, e.g. `http://127.0.0.1:3000/slack/events`; undefined means over Socket Mode. */
  pointAt(url: string | undefined): void {
    this.#deliverer.pointAt(url);
  }

  // Who and what is there. Adding somebody who exists changes the fields given and keeps the others.

  addUser(user: NewUser): SlackUser {
    return this.world.directory.putUser(user);
  }

  updateUser(id: string, changes: Omit<NewUser, 'id'>): SlackUser {
    return this.world.directory.putUser({ ...changes, id });
  }

  addChannel(channel: NewChannel): SlackChannel {
    return this.world.directory.putChannel(channel);
  }

  updateChannel(id: string, changes: Omit<NewChannel, 'id'>): SlackChannel {
    return this.world.directory.putChannel({ ...changes, id });
  }

  addGroup(group: NewGroup): SlackGroup {
    return this.world.directory.putGroup(group);
  }

  updateGroup(id: string, changes: Omit<NewGroup, 'id'>): SlackGroup {
    return this.world.directory.putGroup({ ...changes, id });
  }

  removeGroup(id: string): void {
    this.world.directory.removeGroup(id);
  }

  get channels(): readonly SlackChannel[] {
    return [...this.world.directory.channels.values()];
  }

  get users(): readonly SlackUser[] {
    return [...this.world.directory.users.values()];
  }

  /** A person to act as; always the same one, whose client remembers what it has loaded. */
  as(id: string): Person {
    const wait = <T>(look: () => T, what: string, options?: WaitOptions) => this.until(look, what, options);
    const person = this.#people.get(id) ?? personOf(this.world, this.#deliverer, wait, id);
    this.#people.set(id, person);
    return person;
  }

  /** For the text renderer: names from the directory, dates in this zone (their fallback without one). */
  reader(zone?: string): Reader {
    const { users, channels, groups } = this.world.directory;
    return { zone, nameOf: (id) => users.get(id)?.real_name ?? channels.get(id)?.name ?? groups.get(id)?.handle };
  }

  /** Everything said in a channel, ephemerals included, oldest first. */
  messages(channel: string): readonly Message[] {
    return this.world.messages.in(channel);
  }

  /** The bytes of a file that a message brought. */
  file(id: string): Buffer | undefined {
    return this.world.uploads.find(id)?.bytes;
  }

  message(channel: string, ts: string): Message | undefined {
    return this.world.messages.find(channel, ts);
  }

  // What happened, and waiting for it to happen.

  /** What the bot called, oldest first; `response_url` for posts to one. */
  calls(method?: string): readonly ApiCall[] {
    return this.world.calls.filter((call) => method === undefined || call.method === method);
  }

  /** What was sent to the bot, oldest first. */
  get deliveries(): readonly Delivery[] {
    return this.#deliverer.deliveries;
  }

  get lastDelivery(): Delivery {
    const last = this.deliveries.at(-1);
    if (last === undefined) throw new Error('nothing has been sent to the bot yet');
    return last;
  }

  on(listener: Listener): () => void {
    return this.world.changes.on(listener);
  }

  /** Resolves with the first truthy value of `look`, which is asked again after every change. */
  until<T>(look: () => T, what: string, options: WaitOptions = {}): Promise<Truthy<T>> {
    const { waitMs } = this.world.options;
    const timeout = options.timeoutMs ?? waitMs;
    const history = () => this.#history();
    return until(this.world.changes, look, what, history, timeout === undefined ? {} : { timeoutMs: timeout });
  }

  // What Slack sends of its own accord, and what others send in its name.

  /** The same payload once more. */
  redeliver(delivery: Delivery = this.lastDelivery, retry?: Retry): Promise<Delivery> {
    return this.#deliverer.redeliver(delivery, retry);
  }

  /** An Events API event, e.g. `{type: 'user_change', user: …}`. */
  event(event: JsonObject, retry?: Retry): Promise<Delivery> {
    return this.#deliverer.deliver('event', eventBody(this.world, event), retry);
  }

  /** Tells the bot what a user looks like now. */
  userChange(id: string): Promise<Delivery> {
    return this.event(userChanged(this.world, id));
  }

  /** A raw post to the bot's URL; an object is encoded as Slack encodes its kind. */
  post(body: string | JsonObject, options: PostOptions = {}): Promise<Posted> {
    if (typeof body === 'string') return this.#deliverer.post(body, options);
    const kind = 'command' in body ? 'command' : body.type === 'event_callback' ? 'event' : 'interactive';
    const { text, contentType } = encoded(kind, body);
    return this.#deliverer.post(text, { contentType, ...options });
  }

  // What goes wrong.

  fault(method: string, fault: Fault, options?: FaultOptions): FaultHandle {
    return this.world.faults.add(method, fault, options);
  }

  /** Removes every fault and lets go what hangs. */
  clearFaults(): void {
    this.world.faults.clear();
  }

  /** Cuts every connection and refuses new ones, until `up`. */
  down(): void {
    this.world.down = true;
    this.sockets.cut();
    this.#server?.closeAllConnections();
  }

  up(): void {
    this.world.down = false;
  }

  setPacing(pacing: Pacing | false): void {
    this.world.pacer.set(pacing);
  }

  /** The bot token (or another) answers `token_revoked` from now on. */
  revoke(token: string = this.world.options.botToken): void {
    this.world.revoked.add(token);
  }

  unrevoke(token: string = this.world.options.botToken): void {
    this.world.revoked.delete(token);
  }

  #history(): string {
    const calls = this.calls().slice(-5).map(callLine);
    const deliveries = this.deliveries.slice(-3).map(deliveryLine);
    const lines = [...deliveries.map((line) => `to the bot: ${line}`), ...calls.map((line) => `from the bot: ${line}`)];
    return lines.length === 0 ? 'nothing was sent to the bot or called by it' : lines.join('\n');
  }
}
