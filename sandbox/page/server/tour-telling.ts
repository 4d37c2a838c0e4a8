import type { TourNews } from '../wire.ts';

/** Keeps where the tour stands, and tells it whenever that changed. */
export interface Teller {
  tell(change: Partial<TourNews>): void;
  step(name: string, seen: readonly string[]): void;
  failed(name: string, seen: readonly string[]): void;
  outdated(): void;
  over(): void;
  held(up: boolean): void;
}

const nothingComes = { coming: null, types: null, presses: null, sends: false };

/** A tour that is not there yet. */
export const starting: TourNews = {
  ...{ playing: 'starting', pace: 'usual', journey: 0, journeys: 0, title: '', steps: [] },
  ...{ ...nothingComes, scene: null, grant: null },
};

export function tellerOf(journeys: number, onNews: (news: TourNews) => void): Teller {
  let news: TourNews = { ...starting, journeys };
  const tell = (change: Partial<TourNews>): void => {
    news = { ...news, ...change };
    onNews(news);
  };
  const add = (name: string, seen: readonly string[], well: boolean) => [...news.steps, { name, seen, well }];
  return {
    tell,
    step: (name, seen) => tell({ ...nothingComes, coming: news.coming, steps: add(name, seen, true) }),
    failed: (name, seen) => tell({ ...nothingComes, playing: 'failed', steps: add(name, seen, false) }),
    outdated: () => tell({ ...nothingComes, playing: 'outdated' }),
    over: () => tell({ ...nothingComes, playing: 'over' }),
    held: (up) => {
      // What is not begun yet, or at its end, has no step to hold up.
      if (news.playing === 'playing' || news.playing === 'paused') tell({ playing: up ? 'paused' : 'playing' });
    },
  };
}
