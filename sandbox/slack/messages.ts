/** What has been said, where, and who can see it. */
import type { Changes } from './changes.ts';
import { compact, copy, type JsonObject } from './json.ts';

export interface Message {
  channel: string;
  ts: string;
  /** Who said it: the bot, or a person. */
  user: string;
  text: string;
  blocks: JsonObject[];
  metadata: JsonObject | undefined;
  thread_ts: string | undefined;
  edited: { user: string; ts: string } | undefined;
  /** Only this person sees it. */
  ephemeralTo: string | undefined;
  /** How often it was edited, with or without Slack's visible mark. */
  revision: number;
  /** What it brings; absent where it brings none. */
  files?: JsonObject[];
}

export type Words = Pick<Message, 'text' | 'blocks' | 'metadata' | 'thread_ts' | 'files'>;

export class Messages {
  readonly #byChannel = new Map<string, Message[]>();
  readonly #changes: Changes;
  readonly #now: () => number;
  #lastMicros = 0;

  constructor(changes: Changes, now: () => number) {
    this.#changes = changes;
    this.#now = now;
  }

  /** Slack's "seconds.micros": unique and ordered, even within a millisecond or with a clock that stands. */
  nextTs(): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Math.round(this.#now() * 1000));
    const seconds = Math.floor(this.#lastMicros / 1_000_000);
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, '0')}`;
  }

  post(channel: string, user: string, words: Words, ephemeralTo?: string): Message {
    const ts = this.nextTs();
    const message = { channel, ts, user, ...copy(words), edited: undefined, ephemeralTo, revision: 0 };
    this.#in(channel).push(message);
    this.#changes.emit({ kind: 'message', what: 'posted', message });
    return message;
  }

  /** The object is replaced, so that a message somebody holds on to stays as it was seen. */
  edit(message: Message, changes: Partial<Words>, editor: string, visibly: boolean): Message {
    const edited = visibly ? { user: editor, ts: this.nextTs() } : message.edited;
    const next = { ...message, ...copy(changes), edited, revision: message.revision + 1 };
    const list = this.#in(message.channel);
    list[list.findIndex(({ ts }) => ts === message.ts)] = next;
    this.#changes.emit({ kind: 'message', what: 'edited', message: next });
    return next;
  }

  remove(message: Message): void {
    const list = this.#in(message.channel);
    list.splice(
      list.findIndex(({ ts }) => ts === message.ts),
      1,
    );
    this.#changes.emit({ kind: 'message', what: 'deleted', message });
  }

  find(channel: string, ts: string): Message | undefined {
    return this.#in(channel).find((message) => message.ts === ts);
  }

  /** Everything ever said and still there, ephemerals included, oldest first. */
  in(channel: string): readonly Message[] {
    return [...this.#in(channel)];
  }

  all(): readonly Message[] {
    return [...this.#byChannel.values()].flat();
  }

  #in(channel: string): Message[] {
    const list = this.#byChannel.get(channel) ?? [];
    this.#byChannel.set(channel, list);
    return list;
  }
}

/** A message as payloads and answers carry it. */
export const messageJson = (
  message: Message,
  bot: { user: string; bot: string; app: string; team: string },
): JsonObject =>
  compact({
    type: 'message',
    user: message.user,
    ...(message.user === bot.user ? { bot_id: bot.bot, app_id: bot.app } : {}),
    ts: message.ts,
    text: message.text,
    team: bot.team,
    blocks: message.blocks.length > 0 ? copy(message.blocks) : undefined,
    metadata: message.metadata,
    thread_ts: message.thread_ts,
    files: message.files,
    edited: message.edited,
  });
