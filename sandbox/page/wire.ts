/**
 * What goes between the page and the sandbox, as JSON over one WebSocket for each window. The page takes only types
 * from here, so that none of the schemas ends up in the browser.
 */
import { z } from 'zod';
import type { JsonObject } from '../slack/json.ts';

const id = z.string().min(1).max(255);
const typed = z.string().max(10_000);
const entry = z.union([typed, z.array(typed).max(100), z.null()]);
const entries = z.record(id, entry);
/** Which of several elements that share an action id, and what is chosen of a menu. */
const pick = { block: id, value: typed.optional(), choose: typed.optional() };

/** What somebody at the page does. Who it is, the connection says; a window that only watches a tour may only steer it. */
const act = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), channel: id, command: id, text: typed }),
  z.object({ kind: z.literal('say'), channel: id, text: typed.min(1) }),
  z.object({ kind: z.literal('read'), channel: id }),
  z.object({ kind: z.literal('press'), channel: id, ts: id, action: id, ...pick }),
  z.object({ kind: z.literal('press_in_view'), view: id, action: id, ...pick }),
  z.object({ kind: z.literal('choose'), view: id, block: id, entry }),
  z.object({ kind: z.literal('fill'), view: id, entries }),
  z.object({ kind: z.literal('options'), view: id, block: id, query: typed }),
  z.object({ kind: z.literal('submit'), view: id, entries }),
  z.object({ kind: z.literal('close'), view: id }),
  /** Which request the panel follows; null follows the newest. */
  z.object({ kind: z.literal('follow'), grant: z.string().max(64).nullable() }),
  z.object({
    kind: z.literal('time'),
    minutes: z
      .int()
      .min(1)
      .max(60 * 24 * 31),
  }),
  /** `digest`: eight in the morning, by UTC. `review`: when the next review is due. */
  z.object({ kind: z.literal('time_to'), moment: z.enum(['expiry', 'lapse', 'digest', 'review']) }),
  z.object({ kind: z.literal('weather'), weather: z.enum(['fine', 'slow', 'down']) }),
  z.object({ kind: z.literal('bot'), bot: z.int().min(0).max(8), to: z.enum(['kill', 'start']) }),
  z.discriminatedUnion('to', [
    /** `step` and `next` go on at once, to the next step or journey. */
    z.object({ kind: z.literal('tour'), to: z.enum(['play', 'pause', 'go_on', 'step', 'next', 'stop']) }),
    z.object({ kind: z.literal('tour'), to: z.literal('pace'), pace: z.enum(['slow', 'usual', 'quick']) }),
  ]),
]);

/** One message from the page; the answer carries the same number. */
export const request = z.object({ id: z.int().min(0), act });

export type Act = z.infer<typeof act>;
export type ActOf<K extends Act['kind']> = Extract<Act, { kind: K }>;
export type Request = z.infer<typeof request>;
export type Entry = z.infer<typeof entry>;
export type Entries = z.infer<typeof entries>;

/** What came of an act, for whoever did it. */
export type Outcome =
  | { kind: 'done' }
  /** One sentence that a person can read. */
  | { kind: 'refused'; why: string }
  /** The form stays; by block id, the sentence at the field. */
  | { kind: 'errors'; errors: Record<string, string> }
  /** What an external select was offered: option objects as Slack has them. */
  | { kind: 'options'; options: readonly JsonObject[] };

/** One of the cast, as the switch shows them. */
export interface Someone {
  id: string;
  /** The key in the cast, which the address of the page carries: `olivia`. */
  player: string;
  name: string;
  is: string;
  /** How many messages wait for them, in all their channels together. */
  unread: number;
}

export interface ShownChannel {
  id: string;
  name: string;
  /** The direct messages with the bot. */
  isDirect: boolean;
  /** Connected to another company. */
  isShared: boolean;
  unread: number;
}

export interface ShownMessage {
  channel: string;
  ts: string;
  /** ISO 8601, by the sandbox's clock. */
  at: string;
  user: string;
  text: string;
  blocks: readonly JsonObject[];
  edited: boolean;
  /** Only this person sees it. */
  onlyYou: boolean;
  files: readonly { id: string; name: string; size: number }[];
  /** The grant that its buttons or its metadata are about, where there is one. */
  grant: string | null;
}

/** A modal: its definition as the bot sent it, and what has been entered so far. */
export interface ShownView {
  id: string;
  /** Changes whenever the bot changes the view. */
  hash: string;
  definition: JsonObject;
  /** Slack's `state.values`. */
  state: Record<string, Record<string, JsonObject>>;
}

export interface Command {
  command: string;
  description: string;
  usage: string;
}

/** How things stand with what the controls move. */
export interface Machine {
  /** ISO 8601, by the database's clock, when this was sent. It runs at the speed of any clock. */
  now: string;
  /** By how much it is ahead of the real one, in milliseconds. */
  aheadMs: number;
  weather: 'fine' | 'slow' | 'down';
  bots: readonly { running: boolean; busy: boolean }[];
}

export type GrantState = 'requested' | 'active' | 'ended' | 'revoked' | 'expired' | 'denied' | 'withdrawn' | 'lapsed';

export interface RequestLine {
  grant: string;
  tenant: string;
  scope: string;
  ticket: string;
  requester: string;
  /** As derived from the clock, like every read of the product. */
  state: GrantState;
  /** ISO 8601. */
  requestedAt: string;
}

/** All that the database says of one request. Times are ISO 8601; people are by name, where the cast has one. */
export interface RequestBehind extends RequestLine {
  reason: string;
  minutes: number;
  lapsesAt: string;
  activatedAt: string | null;
  expiresAt: string | null;
  closedAt: string | null;
  legs: readonly { role: string; verdict: 'approved' | 'denied' | null; by: string | null; at: string | null }[];
  audit: readonly { id: string; at: string; action: string; actor: string; requestId: string; details: JsonObject }[];
  notices: readonly {
    id: string;
    kind: string;
    to: string;
    state: 'waiting' | 'sent' | 'dead' | 'dropped';
    attempts: number;
    createdAt: string;
    settledAt: string | null;
    error: string | null;
    requestId: string;
  }[];
}

export interface Behind {
  /** Newest first, at most 50. */
  requests: readonly RequestLine[];
  /** The one that is followed; null while there is none. */
  followed: RequestBehind | null;
}

/** Where a tour stands. Null: none is played. */
export interface TourNews {
  /** `outdated`: paused for so long that what was asked for is over by now. */
  playing: 'starting' | 'playing' | 'paused' | 'over' | 'failed' | 'outdated';
  pace: 'slow' | 'usual' | 'quick';
  journey: number;
  journeys: number;
  title: string;
  /** Steps of this journey that are done, newest last; at each, what was to be seen that the window itself does not show. */
  steps: readonly { name: string; seen: readonly string[]; well: boolean }[];
  /** What comes next. */
  coming: string | null;
  /** Who acts or looks now, and in which channel: where the page goes. */
  scene: { player: string; channel: string | null } | null;
  /** The request that it is about, which the panel follows; null follows the newest. */
  grant: string | null;
  /** The command that is about to be typed. */
  types: string | null;
  /** The label of the button that is about to be pressed. */
  presses: string | null;
  /** Whether the form on the screen is about to be sent. */
  sends: boolean;
}

/** What the first visit shows, ticked as it happens. */
export interface FirstSteps {
  asked: boolean;
  approved: boolean;
  over: boolean;
}

/** Everything that a window shows: sent when it connects, and when so much changed that pieces make no sense. */
export interface Everything {
  you: Someone;
  cast: readonly Someone[];
  /** Names behind the ids of people, channels and groups. */
  names: Record<string, string>;
  commands: readonly Command[];
  channels: readonly ShownChannel[];
  messages: readonly ShownMessage[];
  views: readonly ShownView[];
  machine: Machine;
  behind: Behind;
  tour: TourNews | null;
  firstSteps: FirstSteps;
}

/** From the sandbox to a window. */
export type News =
  | { kind: 'everything'; everything: Everything }
  | { kind: 'message'; what: 'posted' | 'edited' | 'deleted'; message: ShownMessage }
  | { kind: 'views'; views: readonly ShownView[] }
  /** What Slack itself says, e.g. that the app did not answer. */
  | { kind: 'notice'; text: string }
  | { kind: 'unread'; cast: readonly Someone[]; channels: readonly ShownChannel[] }
  | { kind: 'machine'; machine: Machine }
  | { kind: 'behind'; behind: Behind; firstSteps: FirstSteps }
  | { kind: 'tour'; tour: TourNews | null }
  | { kind: 'outcome'; id: number; outcome: Outcome };
