import type { ActOf, Outcome, TourNews } from '../wire.ts';
import type { Board, Played } from './board.ts';
import { done, refused } from './slack-acts.ts';
import type { startTourOnPage, TourOnPage } from './tour-on-page.ts';
import { starting } from './tour-telling.ts';

/** A tour that is played somewhere. */
type PlayedTour = Pick<TourOnPage, 'steer' | 'setPace' | 'attend' | 'over'> & { stack: Promise<Played> };

export type StartTour = (onNews: Parameters<typeof startTourOnPage>[1]) => PlayedTour;

interface Tour {
  onPage: PlayedTour;
  news: TourNews;
  /** What it is played on, once that is there. */
  board: Promise<Board | null>;
}

/** At most one tour at a time, on a sandbox of its own. */
export class Tours {
  readonly #start: StartTour;
  readonly #open: (played: Played) => Promise<Board>;
  readonly #told: () => void;
  readonly #unwatchedMs: number;
  #tour: Tour | undefined;
  #isWatched = false;
  /** Runs while nobody watches, and ends with the end of the tour. */
  #alone: NodeJS.Timeout | undefined;
  /** Tours that were left and whose sandbox is not gone yet. */
  readonly #leaving = new Set<Promise<void>>();

  /**
   * @param told whenever there is something new about the tour
   * @param unwatchedMs a tour that nobody came to watch for so long is left
   */
  constructor(start: StartTour, open: (played: Played) => Promise<Board>, told: () => void, unwatchedMs: number) {
    this.#start = start;
    this.#open = open;
    this.#told = told;
    this.#unwatchedMs = unwatchedMs;
  }

  get news(): TourNews | null {
    return this.#tour?.news ?? null;
  }

  /** Where the tour is to be seen; null while its sandbox starts, and where none is played. */
  async board(): Promise<Board | null> {
    const tour = this.#tour;
    const board = await tour?.board;
    return (tour === this.#tour && board) || null; // another one may be played by now
  }

  /** Somebody came to watch, or the last one who did is gone. */
  attend(isWatched: boolean): void {
    this.#isWatched = isWatched;
    if (this.#tour === undefined) return;
    this.#tour.onPage.attend(isWatched);
    clearTimeout(this.#alone);
    if (!isWatched) this.#alone = setTimeout(() => this.#leave(), this.#unwatchedMs);
  }

  async act(act: ActOf<'tour'>, isWatched: boolean): Promise<Outcome> {
    const { to } = act;
    if (to === 'play') {
      this.#play();
      return done;
    }
    if (this.#tour === undefined) return refused('No tour is played.');
    if (!isWatched) return refused('This window does not watch the tour.');
    if (to === 'stop') this.#leave();
    else if (to === 'pace') this.#tour.onPage.setPace(act.pace);
    else this.#tour.onPage.steer(to);
    return done;
  }

  async stop(): Promise<void> {
    this.#leave();
    await Promise.all(this.#leaving);
  }

  /** One that is played already goes on, for whoever comes to watch it. */
  #play(): void {
    const playing = this.#tour?.news.playing;
    if (playing === 'over' || playing === 'failed' || playing === 'outdated') this.#leave();
    if (this.#tour !== undefined) return;
    let current: Tour | undefined;
    let first: TourNews | null = null;
    const onPage = this.#start((news) => {
      if (current === undefined) first = news;
      else if (news !== null && this.#tour === current) {
        current.news = news;
        this.#told();
      }
    });
    const board = onPage.stack.then(this.#open).catch(() => null); // the tour itself tells that it failed
    current = { onPage, news: first ?? starting, board };
    this.#tour = current;
    this.attend(this.#isWatched);
    this.#told();
  }

  #leave(): void {
    const tour = this.#tour;
    if (tour === undefined) return;
    clearTimeout(this.#alone);
    this.#tour = undefined;
    this.#told();
    // What could not be stopped in order must not take the players' own sandbox with it.
    const left = this.#end(tour)
      .catch(() => {})
      .finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async #end({ onPage, board }: Tour): Promise<void> {
    const closed = board.then((each) => each?.close());
    onPage.steer('stop');
    await closed;
    await onPage.over;
  }
}
