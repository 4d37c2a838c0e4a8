import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Played } from '../../../sandbox/page/server/board.ts';
import { type PageServer, startPage } from '../../../sandbox/page/server/page.ts';
import { starting } from '../../../sandbox/page/server/tour-telling.ts';
import type { StartTour } from '../../../sandbox/page/server/tours.ts';
import type { TourNews } from '../../../sandbox/page/wire.ts';
import { nothingBehind, playedWithoutBot } from './played.ts';
import { TestWindow } from './windows.ts';

/** A tour that the test plays. */
interface HeldTour {
  ready: () => void;
  fails: () => void;
  tell: (news: TourNews | null) => void;
  steered: string[];
  /** Whether somebody watched, as it was told. */
  watched: boolean[];
}

export const news = (playing: TourNews['playing'], changes: Partial<TourNews> = {}): TourNews => ({
  ...{ ...starting, playing, journey: 1, journeys: 2, title: 'A journey' },
  ...changes,
});

/** A promise that the test settles. */
function later<T>() {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return {
    promise,
    resolve: (value: T) => settle?.resolve(value),
    reject: (error: Error) => settle?.reject(error),
  };
}

function hold(toured: Played, onNews: Parameters<StartTour>[0]) {
  const there = later<Played>();
  const left = later<void>();
  const tour: HeldTour = {
    ready: () => there.resolve(toured),
    fails: () => there.reject(new Error('no database')),
    tell: onNews,
    ...{ steered: [], watched: [] },
  };
  onNews(news('starting'));
  const steer = (to: string) => {
    tour.steered.push(to);
    if (to !== 'stop') return;
    there.reject(new Error('left'));
    left.resolve();
  };
  const onPage: ReturnType<StartTour> = {
    ...{ stack: there.promise, steer, over: left.promise },
    setPace: (pace) => void tour.steered.push(pace),
    attend: (isWatched) => void tour.watched.push(isWatched),
  };
  return { tour, onPage };
}

export const said = (window: TestWindow) => window.messages('C0GENERAL').map(({ text }) => text);
export const playing = (window: TestWindow) => window.shows.tour?.playing ?? null;

/** For a file of tests: a page whose tours the test plays, a new one for each test. */
export class TouredPage {
  /** What is played at the page itself. */
  own!: Played;
  /** What each tour is played in. */
  toured!: Played;
  /** The tours that were started, the last one last. */
  readonly tours: HeldTour[] = [];
  #page!: PageServer;

  constructor() {
    beforeAll(async () => {
      [this.own, this.toured] = await Promise.all([playedWithoutBot(), playedWithoutBot()]);
      this.own.slack.as('U0OLIVIA').say('C0GENERAL', 'on our own');
      this.toured.slack.as('U0OLIVIA').say('C0GENERAL', 'on tour');
    });
    beforeEach(() => this.open());
    afterEach(() => this.stop());
    afterAll(() => Promise.all([this.own.slack.stop(), this.toured.slack.stop()]));
  }

  readonly startTour: StartTour = (onNews) => {
    const { tour, onPage } = hold(this.toured, onNews);
    this.tours.push(tour);
    return onPage;
  };

  get tour(): HeldTour {
    const last = this.tours.at(-1);
    if (last === undefined) throw new Error('No tour was started.');
    return last;
  }

  /** Opens the page, in place of the one that is there. */
  async open(how: Partial<Parameters<typeof startPage>[1]> = {}): Promise<void> {
    await this.stop();
    this.#page = await startPage(this.own, {
      ...{ port: 0, openScenes: nothingBehind, startTour: this.startTour },
      ...how,
    });
  }

  async stop(): Promise<void> {
    await this.#page?.stop();
  }

  at = (player: Parameters<typeof TestWindow.open>[1]) => TestWindow.open(this.#page.url, player);
  watching = () => TestWindow.open(this.#page.url, 'anna', '&tour');

  async watchingOne(): Promise<TestWindow> {
    const window = await this.watching();
    await window.act({ kind: 'tour', to: 'play' });
    this.tour.ready();
    this.tour.tell(news('playing'));
    await window.until(() => said(window).includes('on tour'), 'the tour');
    return window;
  }
}
