import type { IncomingMessage } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { asNumber, asObject, parseJson } from '../../slack/json.ts';
import { type Act, type Outcome, request as requestShape } from '../wire.ts';
import type { Board, Played } from './board.ts';
import { playerNamed } from './shown.ts';
import { refused } from './slack-acts.ts';
import { type StartTour, Tours } from './tours.ts';
import { Window } from './window.ts';

const LONGEST_MESSAGE = 256 * 1024;
/** What a browser is told of a line that was used wrongly. */
const POLICY = 1008;
const GOING_AWAY = 1001;
const FIRST_PLAYER = 'olivia';
const UNWATCHED_MS = 60_000;

const watchesOnly = refused('This window only watches the tour. Leave the tour to act yourself.');
const senseless = refused('A window can do nothing like that.');

/** All windows that are open, and which sandbox each of them shows. */
export class Live {
  readonly #own: Board;
  readonly #tours: Tours;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: LONGEST_MESSAGE, perMessageDeflate: false });
  readonly #windows = new Map<Window, Board | null>();

  /** @param unwatchedMs a tour that nobody came to watch for so long is left */
  constructor(
    own: Board,
    openBoard: (played: Played) => Promise<Board>,
    startTour: StartTour,
    unwatchedMs = UNWATCHED_MS,
  ) {
    this.#own = own;
    this.#tours = new Tours(startTour, openBoard, () => this.#tourMoved(), unwatchedMs);
  }

  /** The sandboxes that are shown, the players' own first. */
  async boards(): Promise<readonly Board[]> {
    const tour = this.#tours.news?.playing === 'starting' ? null : await this.#tours.board();
    return [this.#own, ...(tour ? [tour] : [])];
  }

  accept(request: IncomingMessage, head: Buffer, words: URLSearchParams): void {
    this.#sockets.handleUpgrade(request, request.socket, head, (socket) => this.#welcome(socket, words));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.close(GOING_AWAY);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    await this.#tours.stop();
  }

  #welcome(socket: WebSocket, words: URLSearchParams): void {
    const player = playerNamed(words.get('as') ?? FIRST_PLAYER);
    socket.on('error', () => socket.terminate());
    if (player === undefined) {
      socket.close(POLICY, 'Nobody is called that.');
      return;
    }
    const window = new Window(socket, player, words.has('tour'));
    this.#windows.set(window, null);
    socket.on('close', () => {
      this.#windows.get(window)?.hide(window);
      this.#windows.delete(window);
      if (window.watches) this.#attend();
    });
    socket.on('message', (data) => this.#heard(socket, window, data));
    if (window.watches) this.#attend();
    window.tour = window.watches ? this.#tours.news : null;
    this.#goTo(window, this.#own);
    if (window.watches && this.#tours.news) void this.#goToTheTour(window);
  }

  #goTo(window: Window, board: Board): void {
    this.#windows.get(window)?.hide(window);
    this.#windows.set(window, board);
    // A defect that keeps one window from being shown is no reason to end the sandbox: that window dials again.
    board.show(window, () => this.#windows.get(window) === board).catch(() => window.hangUp());
  }

  #attend(): void {
    this.#tours.attend([...this.#windows.keys()].some(({ watches }) => watches));
  }

  /** Where the tour is, the panel follows the request that it is about. */
  async #goToTheTour(window: Window): Promise<void> {
    const board = await this.#tours.board();
    if (!board || !window.tour || !this.#windows.has(window)) return;
    const { grant } = window.tour;
    if (this.#windows.get(window) !== board) {
      window.follows = grant;
      this.#goTo(window, board);
    } else if (window.follows !== grant) {
      // Without a database there is nothing behind the page.
      await board.act(window, { kind: 'follow', grant }).catch(() => {});
    }
  }

  #tourMoved(): void {
    const { news } = this.#tours;
    for (const [window, board] of this.#windows) {
      if (!window.watches) continue;
      window.tour = news;
      window.send({ kind: 'tour', tour: news });
      if (news) void this.#goToTheTour(window);
      else if (board !== this.#own) {
        window.follows = null;
        this.#goTo(window, this.#own);
      }
    }
  }

  #heard(socket: WebSocket, window: Window, data: RawData): void {
    const said = asObject(parseJson(String(data)));
    const id = asNumber(said?.id);
    if (id === undefined) {
      socket.close(POLICY, 'What was sent is no numbered request.');
      return;
    }
    const parsed = requestShape.safeParse(said);
    const outcome = parsed.success ? this.#act(window, parsed.data.act) : Promise.resolve(senseless);
    void outcome
      .catch((error: unknown) => refused(`That did not work: ${error instanceof Error ? error.message : error}`))
      .then((told) => {
        // What it changed is seen before it is called done.
        this.#windows.get(window)?.flush();
        window.send({ kind: 'outcome', id, outcome: told });
      });
  }

  async #act(window: Window, act: Act): Promise<Outcome> {
    if (act.kind === 'tour') return this.#tours.act(act, window.watches);
    if (window.tour && act.kind !== 'read' && act.kind !== 'follow') return watchesOnly;
    const board = this.#windows.get(window) ?? this.#own;
    return board.act(window, act);
  }
}
