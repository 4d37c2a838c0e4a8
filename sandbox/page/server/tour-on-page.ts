import type { Stack } from '../../stack.ts';
import type { Narrator } from '../../tour/narrator.ts';
import type { Journey, Play, Scene } from '../../tour/play.ts';
import { journeys as every, playTour } from '../../tour.ts';
import type { TourNews } from '../wire.ts';
import { type Pace, startPace } from './tour-pace.ts';

/** A tour that somebody watches and steers. It has a stack of its own, which is there as long as the tour is. */
export interface TourOnPage {
  stack: Promise<Stack>;
  steer(to: 'pause' | 'go_on' | 'next' | 'stop'): void;
  /** Resolves when the tour was left and its stack is gone. Until then the end of a tour can be looked at. */
  over: Promise<void>;
}

export interface TourOptions {
  /** How long somebody needs to follow a step, by and large (ms). */
  paceMs?: number;
  journeys?: readonly Journey[];
}

const PACE_MS = 2_500;
/** Which part of the pace something takes. */
const parts = { intent: 0.4, sight: 0.8, much: 1.5, aside: 0.4 };
/** More lines than this need longer. */
const MUCH = 6;

/**
 * @param start its signal aborts when the tour is left before the stack is there
 * @param onNews null at the end: nothing is played any more
 */
export function startTourOnPage(
  start: (signal: AbortSignal) => Promise<Stack>,
  onNews: (news: TourNews | null) => void,
  { paceMs = PACE_MS, journeys = every }: TourOptions = {},
): TourOnPage {
  const pace = startPace();
  const telling = tellerOf(journeys.length, (news) => pace.left.aborted || onNews(news));
  const left = new Promise<void>((resolve) => pace.left.addEventListener('abort', () => resolve(), { once: true }));
  telling.tell({ playing: 'starting' });
  const stack = start(pace.left);
  const played = stack
    .then((ready) => play(ready, { pace, telling, paceMs, journeys }))
    .catch((error: unknown) => {
      // A step that was under way when the tour was left finds its stack gone.
      if (!pace.left.aborted) telling.failed('The tour is to be played', [String(error)]);
    });
  const over = left.then(async () => {
    const ready = await stack.catch(() => null);
    await ready?.stop();
    await played;
  });
  return { stack, steer: (to) => steer(to, pace, telling, onNews), over };
}

function steer(
  to: 'pause' | 'go_on' | 'next' | 'stop',
  pace: Pace,
  telling: Teller,
  onNews: (news: null) => void,
): void {
  if (pace.left.aborted) return;
  if (to === 'stop') {
    pace.leave();
    onNews(null);
    return;
  }
  if (to === 'pause') pace.pause();
  else if (to === 'go_on') pace.goOn();
  else pace.hurry();
  telling.held(pace.paused);
}

interface Playing {
  pace: Pace;
  telling: Teller;
  paceMs: number;
  journeys: readonly Journey[];
}

async function play(stack: Stack, { pace, telling, paceMs, journeys }: Playing): Promise<void> {
  if (pace.left.aborted) return;
  let lingers = 0;
  const narrator: Narrator = {
    journey: (journey, title) => {
      if (pace.hurries) lingers = 0;
      pace.takeTime();
      telling.tell({ journey, title, steps: [] });
    },
    coming: async (step, on) => {
      telling.tell({ playing: pace.paused ? 'paused' : 'playing', coming: step.name, presses: null });
      await pace.hold(lingers * paceMs);
      telling.tell({ scene: step.scene ? sceneOf(step.scene, on) : null, presses: step.presses ?? null });
      if (step.prepare && !pace.hurries) step.prepare(on);
      await pace.hold(step.presses !== undefined || step.prepare ? parts.intent * paceMs : 0);
    },
    done: (name, seen) => {
      lingers = seen.length > MUCH ? parts.much : seen.length > 0 ? parts.sight : parts.aside;
      telling.step(name, seen);
    },
    failed: (name, expected, found) =>
      telling.failed(name, ['Expected:', ...lines(expected), 'Found:', ...lines(found)]),
    say: () => {},
  };
  const well = await playTour(stack, narrator, journeys);
  if (well) telling.tell({ playing: 'over', coming: null, presses: null });
}

const lines = (text: string): string[] => text.split('\n');

const sceneOf = ({ who, where }: Scene, on: Play): TourNews['scene'] => ({
  player: who,
  channel: where === undefined ? null : on.channel(who, where),
});

/** Keeps where the tour stands, and tells it whenever that changed. */
interface Teller {
  tell(change: Partial<TourNews>): void;
  step(name: string, seen: readonly string[]): void;
  failed(name: string, seen: readonly string[]): void;
  held(up: boolean): void;
}

function tellerOf(journeys: number, onNews: (news: TourNews) => void): Teller {
  let news: TourNews = {
    ...{ playing: 'starting', journey: 0, journeys, title: '', steps: [] },
    ...{ coming: null, scene: null, presses: null },
  };
  const tell = (change: Partial<TourNews>): void => {
    news = { ...news, ...change };
    onNews(news);
  };
  const add = (name: string, seen: readonly string[], well: boolean) => [...news.steps, { name, seen, well }];
  return {
    tell,
    step: (name, seen) => tell({ steps: add(name, seen, true), presses: null }),
    failed: (name, seen) => tell({ playing: 'failed', steps: add(name, seen, false), coming: null, presses: null }),
    held: (up) => {
      // What is not begun yet, or at its end, has no step to hold up.
      if (news.playing === 'playing' || news.playing === 'paused') tell({ playing: up ? 'paused' : 'playing' });
    },
  };
}
