import type { Stack } from '../../stack.ts';
import type { Narrator } from '../../tour/narrator.ts';
import type { Journey, Play, Scene, Step } from '../../tour/play.ts';
import { journeys as every, playTour } from '../../tour.ts';
import type { TourNews } from '../wire.ts';
import { type Pace, PausedTooLong, startPace } from './tour-pace.ts';
import { type Teller, tellerOf } from './tour-telling.ts';

export type Steering = 'pause' | 'go_on' | 'step' | 'next' | 'stop';

/** A tour that somebody watches and steers. It has a stack of its own, which is there as long as the tour is. */
export interface TourOnPage {
  stack: Promise<Stack>;
  steer(to: Steering): void;
  setPace(to: TourNews['pace']): void;
  /** Nothing is played while nobody watches. */
  attend(isWatched: boolean): void;
  /** Resolves when the tour was left and its stack is gone. Until then the end of a tour can be looked at. */
  over: Promise<void>;
}

export interface TourOptions {
  /** How long somebody needs to follow a step, by and large (ms). */
  paceMs?: number;
  /** A pause that took longer than this (ms) is the end of the tour: its clock runs on. */
  longestPauseMs?: number;
  journeys?: readonly Journey[];
}

const PACE_MS = 2_500;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** Which part of the pace something takes. */
const parts = { form: 2, command: 1, button: 0.6, sight: 1.5, words: 1, aside: 0.4 };

/**
 * @param start its signal aborts when the tour is left before the stack is there
 * @param onNews null at the end: nothing is played any more
 */
export function startTourOnPage(
  start: (signal: AbortSignal) => Promise<Stack>,
  onNews: (news: TourNews | null) => void,
  { paceMs = PACE_MS, longestPauseMs = LONGEST_PAUSE_MS, journeys = every }: TourOptions = {},
): TourOnPage {
  const pace = startPace({ paceMs, longestPauseMs });
  const telling = tellerOf(journeys.length, (news) => pace.left.aborted || onNews(news));
  const left = new Promise<void>((resolve) => pace.left.addEventListener('abort', () => resolve(), { once: true }));
  telling.tell({ playing: 'starting' });
  const stack = start(pace.left);
  const played = stack
    .then((ready) => play(ready, { pace, telling, journeys }))
    .catch((error: unknown) => {
      if (error instanceof PausedTooLong) telling.outdated();
      // A step that was under way when the tour was left finds its stack gone.
      else if (!pace.left.aborted) telling.failed('The tour is to be played', [String(error)]);
    });
  const over = left.then(async () => {
    const ready = await stack.catch(() => null);
    await ready?.stop();
    await played;
  });
  return {
    ...{ stack, over, attend: pace.attend },
    steer: (to) => steer(to, pace, telling, onNews),
    setPace: (to) => {
      pace.speed = to;
      telling.tell({ pace: to });
    },
  };
}

function steer(to: Steering, pace: Pace, telling: Teller, onNews: (news: null) => void): void {
  if (pace.left.aborted) return;
  if (to === 'stop') {
    pace.leave();
    onNews(null);
    return;
  }
  if (to === 'pause') pace.pause();
  else if (to === 'go_on') pace.goOn();
  else if (to === 'step') pace.step();
  else pace.hurry();
  telling.held(pace.paused);
}

interface Playing {
  pace: Pace;
  telling: Teller;
  journeys: readonly Journey[];
}

async function play(stack: Stack, { pace, telling, journeys }: Playing): Promise<void> {
  if (pace.left.aborted) return;
  let now: Step | undefined;
  let about: string | undefined;
  let lingers = 0;
  const requestOf = (on: Play) => (about === undefined ? null : on.records.newest(about));
  const narrator: Narrator = {
    journey: (journey, title) => {
      if (pace.hurries) lingers = 0;
      pace.takeTime();
      telling.tell({ journey, title, steps: [] });
    },
    coming: async (step, on) => {
      // The step before may have been what made the request.
      telling.tell({ playing: pace.paused ? 'paused' : 'playing', coming: step.name, grant: await requestOf(on) });
      await pace.holdBetween(lingers);
      [now, about] = [step, step.about ?? about];
      telling.tell({ ...intentOf(step, on), grant: await requestOf(on) });
      if (step.prepare && !pace.hurries) step.prepare(on);
      await pace.hold(needed(step));
    },
    done: (name, seen) => {
      lingers = lingering(now, seen);
      telling.step(name, now?.seenOn === 'screen' ? [] : seen);
    },
    failed: (name, expected, found) => {
      if (pace.wasPausedLong) telling.outdated();
      else telling.failed(name, ['Expected:', ...lines(expected), 'Found:', ...lines(found)]);
    },
    say: () => {},
  };
  const well = await playTour(stack, narrator, journeys);
  if (well) telling.over();
}

const lines = (text: string): string[] => text.split('\n');

const intentOf = (step: Step, on: Play) => ({
  scene: step.scene ? sceneOf(step.scene, on) : null,
  types: step.types ?? null,
  presses: step.presses ?? null,
  sends: step.sends ?? false,
});

const sceneOf = ({ who, where }: Scene, on: Play): TourNews['scene'] => ({
  player: who,
  channel: where === undefined ? null : on.channel(who, where),
});

/** How long somebody looks at what is about to be done. */
function needed({ prepare, types, presses }: Step): number {
  if (prepare) return parts.form;
  if (types !== undefined) return parts.command;
  return presses === undefined ? 0 : parts.button;
}

/** How long somebody looks at what came of a step. What was entered, they saw before. */
function lingering(step: Step | undefined, seen: readonly string[]): number {
  if (seen.length === 0) return parts.aside;
  if (step?.seenOn === 'screen') return parts.sight;
  return step?.seenOn === 'record' || step?.sends ? parts.aside : parts.words;
}
