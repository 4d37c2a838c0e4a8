import type { ActOf, Outcome, TourNews } from '../wire.ts';
import type { Board, Played } from './board.ts';
import { done, refused } from './slack-acts.ts';
import type { startTourOnPage, TourOnPage } from './tour-on-page.ts';

/** A tour that is played somewhere. */
type PlayedTour = Pick<TourOnPage, 'steer' | 'over'> & { stack: Promise<Played> };

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
  #tour: Tour | undefined;
  /** Tours that were left and whose sandbox is not gone yet. */
  readonly #leaving = new Set<Promise<void>>();

  /** @param told whenever there is something new about the tour */
  constructor(start: StartTour, open: (played: Played) => Promise<Board>, told: () => void) {
    this.#start = start;
    this.#open = open;
    this.#told = told;
  }

  get news(): TourNews | null {
    return this.#tour?.news ?? null;
  }

  /** Where the tour is to be seen; null while its sandbox starts, and where none is played. */
  async board(): Promise<Board | null> {
    return (await this.#tour?.board) ?? null;
  }

  async act({ to }: ActOf<'tour'>, isWatched: boolean): Promise<Outcome> {
    if (to === 'play') {
      this.#play();
      return done;
    }
    if (this.#tour === undefined) return refused('No tour is played.');
    if (!isWatched) return refused('This window does not watch the tour.');
    if (to === 'stop') this.#leave();
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
    if (playing === 'over' || playing === 'failed') this.#leave();
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
    this.#told();
  }

  #leave(): void {
    const tour = this.#tour;
    if (tour === undefined) return;
    this.#tour = undefined;
    this.#told();
    const left = this.#end(tour).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async #end({ onPage, board }: Tour): Promise<void> {
    const closed = board.then((each) => each?.close());
    onPage.steer('stop');
    await closed;
    await onPage.over;
  }
}

const starting: TourNews = {
  ...{ playing: 'starting', journey: 0, journeys: 0, title: '', steps: [] },
  ...{ coming: null, scene: null, presses: null },
};
