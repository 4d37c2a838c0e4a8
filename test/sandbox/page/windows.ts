import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Player } from '../../../sandbox/cast.ts';
import type { Act, Everything, News, Outcome, ShownChannel, ShownMessage } from '../../../sandbox/page/wire.ts';

const PATIENCE_MS = 20_000;

export const doorOf = (url: string): string => url.replace('http:', 'ws:');

/** A window of the page without its looks: what it is told, and what somebody does at it. */
export class TestWindow {
  readonly socket: WebSocket;
  readonly news: News[] = [];
  readonly #outcomes = new Map<number, (outcome: Outcome) => void>();
  readonly #waiting = new Set<() => void>();
  #everything: Everything | undefined;
  #number = 0;

  static async open(url: string, player: Player, words = ''): Promise<TestWindow> {
    const socket = new WebSocket(`${doorOf(url)}/live?as=${player}${words}`, { origin: url });
    const window = new TestWindow(socket);
    await once(socket, 'open');
    await window.until(() => window.#everything, 'everything');
    return window;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const news: News = JSON.parse(String(data));
      if (news.kind === 'outcome') this.#outcomes.get(news.id)?.(news.outcome);
      this.news.push(news);
      if (news.kind === 'everything') this.#everything = news.everything;
      else if (this.#everything) this.#everything = after(this.#everything, news);
      for (const look of this.#waiting) look();
    });
  }

  /** What it shows now. */
  get shows(): Everything {
    if (!this.#everything) throw new Error('The window shows nothing yet.');
    return this.#everything;
  }

  act(act: Act): Promise<Outcome> {
    return this.send({ id: this.#number, act });
  }

  send(request: object): Promise<Outcome> {
    const id = this.#number++;
    const outcome = new Promise<Outcome>((resolve) => this.#outcomes.set(id, resolve));
    this.socket.send(JSON.stringify(request));
    return outcome;
  }

  messages(channel: string): readonly ShownMessage[] {
    return this.shows.messages.filter((message) => message.channel === channel);
  }

  channel(id: string): ShownChannel {
    const found = this.shows.channels.find((channel) => channel.id === id);
    if (!found) throw new Error(`The window shows no ${id}.`);
    return found;
  }

  until<T>(look: () => T | undefined | null | false, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`waited for ${what}`)), PATIENCE_MS);
      const again = () => {
        const found = look();
        if (found === undefined || found === null || found === false) return;
        clearTimeout(late);
        this.#waiting.delete(again);
        resolve(found);
      };
      this.#waiting.add(again);
      again();
    });
  }

  async close(): Promise<void> {
    const gone = once(this.socket, 'close');
    this.socket.close();
    await gone;
  }
}

/** What a window shows after it was told this. */
function after(shows: Everything, news: News): Everything {
  switch (news.kind) {
    case 'message': {
      const { channel, ts } = news.message;
      const at = shows.messages.findIndex((each) => each.channel === channel && each.ts === ts);
      if (news.what === 'posted') return { ...shows, messages: [...shows.messages, news.message] };
      const replaced = news.what === 'edited' ? [news.message] : [];
      return { ...shows, messages: shows.messages.toSpliced(at, 1, ...replaced) };
    }
    case 'views':
      return { ...shows, views: news.views };
    case 'unread':
      return { ...shows, cast: news.cast, channels: news.channels };
    case 'machine':
      return { ...shows, machine: news.machine };
    case 'behind':
      return { ...shows, behind: news.behind, firstSteps: news.firstSteps };
    case 'tour':
      return { ...shows, tour: news.tour };
    default:
      return shows;
  }
}
