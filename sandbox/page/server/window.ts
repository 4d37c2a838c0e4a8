import type { WebSocket } from 'ws';
import { cast, type Player } from '../../cast.ts';
import type { Behind, FirstSteps, News, TourNews } from '../wire.ts';

/** One window of the page: who it is, and what it follows. */
export class Window {
  readonly player: Player;
  /** The person's id at Slack. */
  readonly person: string;
  /** It came to watch the tour. */
  readonly watches: boolean;
  /** The request that its panel follows; null for the newest. */
  follows: string | null = null;
  /** What its panel shows. */
  looked: { behind: Behind; firstSteps: FirstSteps } = {
    behind: { requests: [], followed: null },
    firstSteps: { asked: false, approved: false, over: false },
  };
  /** The tour that it watches. */
  tour: TourNews | null = null;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, player: Player, watches: boolean) {
    this.#socket = socket;
    this.player = player;
    this.person = cast[player].id;
    this.watches = watches;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  hangUp(): void {
    this.#socket.terminate();
  }

  send(news: News): void {
    if (this.isOpen) this.#socket.send(JSON.stringify(news));
  }
}
