import type { Change, LocalSlack, Message } from '../../slack/index.ts';
import type { Stack } from '../../stack.ts';
import type { Act, ActOf, Everything, Machine, Outcome, ShownMessage, ShownView } from '../wire.ts';
import { control, isControl } from './controls.ts';
import type { Installed } from './manifest.ts';
import { Looks, type OpenScenes } from './scenes.ts';
import * as shown from './shown.ts';
import { actInSlack, done, isSlackAct, notThere } from './slack-acts.ts';
import { Unread } from './unread.ts';
import { Weather } from './weather.ts';
import type { Window } from './window.ts';

/** What a page needs of a running sandbox. */
export type Played = Pick<Stack, 'slack' | 'clock' | 'bots' | 'adminUrl'>;

/** A running sandbox, and the windows that show it. Each is told what its person may see, and nothing else. */
export class Board {
  readonly #played: Played;
  readonly #slack: LocalSlack;
  readonly #installed: Installed;
  readonly #looks: Looks;
  readonly #windows: Set<Window>;
  readonly #unread: Unread;
  readonly #weather: Weather;
  /** By channel and message: the grant of a card, which it keeps when its last button is gone. */
  readonly #grants = new Map<string, string>();
  /** What changed in this turn and is told once, at its end. */
  readonly #stale = new Set<'everything' | 'unread' | 'machine'>();
  readonly #staleViews = new Set<string>();
  #flushing: NodeJS.Immediate | undefined;
  /** Somebody opened the page already. */
  #visited = false;
  readonly #leave: (() => void)[];

  static async open(played: Played, installed: Installed, openScenes: OpenScenes): Promise<Board> {
    const windows = new Set<Window>();
    return new Board(played, installed, windows, await Looks.open(windows, played.adminUrl, openScenes));
  }

  private constructor(played: Played, installed: Installed, windows: Set<Window>, looks: Looks) {
    const { slack, clock, bots } = played;
    this.#played = played;
    this.#slack = slack;
    this.#installed = installed;
    this.#windows = windows;
    this.#looks = looks;
    this.#unread = new Unread(slack);
    this.#weather = new Weather(slack);
    // Everybody's direct messages with the app are there from the start, as Slack shows them.
    for (const { id } of shown.everybody(slack, this.#unread)) slack.as(id).dm();
    for (const { id } of slack.channels) for (const message of slack.messages(id)) this.#shownMessage(message);
    this.#leave = [
      slack.on((change) => this.#changed(change)),
      clock.on(() => {
        this.#mark('machine');
        looks.soon();
      }),
      ...bots.map((bot) => bot.on(() => this.#mark('machine'))),
    ];
  }

  async close(): Promise<void> {
    for (const leave of this.#leave.splice(0)) leave();
    this.#windows.clear();
    clearImmediate(this.#flushing);
    await this.#looks.close();
  }

  /** Shows everything in this window, and from then on whatever changes; unless it has gone elsewhere meanwhile. */
  async show(window: Window, isStillWanted: () => boolean): Promise<void> {
    await this.#looks.now([window]).catch(() => {}); // without a database there is nothing behind the page
    if (!isStillWanted()) return;
    if (!this.#visited) this.#unread.everythingIsRead();
    this.#visited = true;
    this.flush(); // what the others wait for is part of what this one gets
    this.#windows.add(window);
    window.send({ kind: 'everything', everything: this.#everything(window) });
  }

  hide(window: Window): void {
    this.#windows.delete(window);
  }

  /** What somebody does at a window, as the person whom the window belongs to. */
  async act(window: Window, act: Exclude<Act, ActOf<'tour'>>): Promise<Outcome> {
    if (isSlackAct(act)) {
      const person = this.#slack.as(window.person);
      return actInSlack({ slack: this.#slack, person, installed: this.#installed }, act);
    }
    if (isControl(act)) {
      const moved = () => this.#mark('machine');
      return control({ stack: this.#played, weather: this.#weather, behind: this.#looks, moved }, act);
    }
    if (act.kind === 'follow') {
      window.follows = act.grant;
      await this.#looks.now([window]);
      return done;
    }
    if (!shown.isMember(this.#slack, window.person, act.channel)) return notThere;
    this.#unread.read(window.person, act.channel);
    this.#mark('unread');
    return done;
  }

  /** A file that was given to a conversation which this person is in. */
  fileFor(person: string, id: string): { name: string; bytes: Buffer } | undefined {
    const file = shown.filesFor(this.#slack, person).find((each) => each.id === id);
    const bytes = file && this.#slack.file(file.id);
    return file && bytes && { name: file.name, bytes };
  }

  /** Tells at once what would be told at the end of this turn. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const stale = new Set(this.#stale);
    const views = new Set(this.#staleViews);
    this.#stale.clear();
    this.#staleViews.clear();
    const cast = stale.has('unread') ? shown.everybody(this.#slack, this.#unread) : [];
    for (const window of this.#windows) {
      if (stale.has('everything')) {
        window.send({ kind: 'everything', everything: this.#everything(window) });
        continue;
      }
      if (views.has(window.person)) window.send({ kind: 'views', views: this.#views(window) });
      if (stale.has('unread')) window.send({ kind: 'unread', cast, channels: this.#channels(window) });
      if (stale.has('machine')) window.send({ kind: 'machine', machine: this.#machine() });
    }
  }

  #mark(what: 'everything' | 'unread' | 'machine'): void {
    this.#stale.add(what);
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => this.flush());
  }

  #changed(change: Change): void {
    if (change.kind === 'message') this.#tellMessage(change);
    else if (change.kind === 'notice') this.#tellNotice(change);
    else if (change.kind === 'modal') {
      this.#staleViews.add(change.user);
      this.#flushSoon();
    } else if (change.kind === 'directory') {
      this.#mark('everything'); // who is where decides who sees what
    }
  }

  #tellNotice({ user, text }: Extract<Change, { kind: 'notice' }>): void {
    for (const window of this.#windows) if (window.person === user) window.send({ kind: 'notice', text });
  }

  #tellMessage({ what, message }: Extract<Change, { kind: 'message' }>): void {
    const news = { kind: 'message', what, message: this.#shownMessage(message) } as const;
    for (const window of this.#windows) {
      if (shown.isShownTo(this.#slack, window.person, message)) window.send(news);
    }
    if (what !== 'edited') this.#mark('unread');
  }

  #everything(window: Window): Everything {
    const { person, player, tour } = window;
    const cast = shown.everybody(this.#slack, this.#unread);
    const you = cast.find((each) => each.player === player);
    if (you === undefined) throw new Error(`Nobody plays ${player}.`);
    return {
      ...{ you, cast, tour, ...window.looked },
      names: shown.namesFor(this.#slack, person),
      commands: this.#installed.commands,
      channels: this.#channels(window),
      messages: shown.messagesFor(this.#slack, person).map((message) => this.#shownMessage(message)),
      views: this.#views(window),
      machine: this.#machine(),
    };
  }

  #shownMessage(message: Message): ShownMessage {
    const at = `${message.channel} ${message.ts}`;
    const grant = shown.grantIn(message) ?? this.#grants.get(at) ?? null;
    if (grant !== null) this.#grants.set(at, grant);
    return shown.shownMessage(message, grant);
  }

  #channels = ({ person }: Window) => shown.shownChannels(this.#slack, this.#unread, person);

  #views = ({ person }: Window): readonly ShownView[] =>
    this.#slack.world.modals.stack(person).map((view) => shown.shownView(view));

  #machine(): Machine {
    const { clock, bots } = this.#played;
    return {
      now: new Date(Date.now() + clock.aheadMs).toISOString(),
      aheadMs: clock.aheadMs,
      weather: this.#weather.now,
      bots: bots.map(({ running, busy }) => ({ running, busy })),
    };
  }
}
