/** The state of the workspace and the rules of its clock, in one place; everything else works on it. */
import type { ApiCall } from './calls.ts';
import { Changes } from './changes.ts';
import { Directory } from './directory.ts';
import { Faults } from './faults.ts';
import { newId } from './ids.ts';
import { asString } from './json.ts';
import { LIVES } from './limits.ts';
import { Messages } from './messages.ts';
import { Modals } from './modals.ts';
import { Pacer, type Pacing } from './pacing.ts';
import { ResponseUrls } from './response-urls.ts';
import { Triggers } from './triggers.ts';
import { Uploads } from './uploads.ts';

export interface LocalSlackOptions {
  /** 0 picks a free one. */
  port?: number;
  signingSecret: string;
  botToken: string;
  appToken: string;
  team: { id: string; domain: string; name: string };
  botUserId: string;
  appId: string;
  /** Scopes of the bot token; without them every method is allowed. With them, `missing_scope` as at Slack. */
  scopes?: readonly string[];
  /** The clock of pacing, triggers, response URLs and message timestamps, in milliseconds. Signatures use the real one. */
  now?: () => number;
  /** Rate limits; false switches them off. */
  pacing?: Pacing | false;
  ackTimeoutMs?: number;
  triggerLifeMs?: number;
  responseUrlLifeMs?: number;
  /** Default timeout of `until`, `modal` and the like. */
  waitMs?: number;
}

/** The installed app's identities. */
export interface Bot {
  user: string;
  bot: string;
  app: string;
  team: string;
}

export class World {
  readonly options: LocalSlackOptions;
  readonly now: () => number;
  readonly changes = new Changes();
  readonly directory: Directory;
  readonly messages: Messages;
  readonly modals: Modals;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly pacer: Pacer;
  readonly faults: Faults;
  readonly bot: Bot;
  readonly calls: ApiCall[] = [];
  readonly uploads = new Uploads();
  readonly revoked = new Set<string>();
  readonly #notices = new Map<string, string[]>();
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  origin = '';
  /** Whole-server outage: every connection is cut. */
  down = false;

  constructor(options: LocalSlackOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.bot = { user: options.botUserId, bot: newId('B'), app: options.appId, team: options.team.id };
    this.directory = new Directory(this.bot.team, this.bot.user, this.changes);
    this.messages = new Messages(this.changes, this.now);
    this.modals = new Modals(this.changes, this.now);
    this.triggers = new Triggers(this.now, options.triggerLifeMs ?? LIVES.triggerMs);
    this.responseUrls = new ResponseUrls(this.now, options.responseUrlLifeMs ?? LIVES.responseUrlMs);
    this.pacer = new Pacer(this.now, options.pacing);
    this.faults = new Faults((call) => this.channelOf(asString(call.args.channel)));
    this.directory.putUser({ id: this.bot.user, name: 'breakglass', real_name: 'Breakglass', is_bot: true });
  }

  /** A channel argument's channel: Slack takes a person's id for the DM with them. */
  channelOf(id: string | undefined): string | undefined {
    return id !== undefined && this.directory.users.has(id) ? this.directory.dmWith(id).id : id;
  }

  /** What Slack itself tells a person, e.g. that the app did not answer. */
  notice(user: string, text: string): void {
    this.#notices.set(user, [...this.notices(user), text]);
    this.changes.emit({ kind: 'notice', user, text });
  }

  notices(user: string): readonly string[] {
    return this.#notices.get(user) ?? [];
  }
}
