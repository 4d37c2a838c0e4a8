import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Played } from '../../../sandbox/page/server/board.ts';
import { type PageServer, startPage } from '../../../sandbox/page/server/page.ts';
import type { OpenScenes } from '../../../sandbox/page/server/scenes.ts';
import { starting } from '../../../sandbox/page/server/tour-telling.ts';
import { type StartTour, Tours } from '../../../sandbox/page/server/tours.ts';
import type { Act, TourNews } from '../../../sandbox/page/wire.ts';
import { nothingBehind, playedWithoutBot } from './played.ts';
import { TestWindow } from './windows.ts';

/** Longer than any test (ms). */
const FOREVER_MS = 10 * 60_000;

let own: Played;
let toured: Played;
let page: PageServer;
/** The tour that was started last, held by the test. */
let tour: {
  ready: () => void;
  fails: () => void;
  tell: (news: TourNews | null) => void;
  steered: string[];
  /** Whether somebody watched, as it was told. */
  watched: boolean[];
};
let started = 0;

const news = (playing: TourNews['playing'], changes: Partial<TourNews> = {}): TourNews => ({
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

const startTour: StartTour = (onNews) => {
  started += 1;
  const there = later<Played>();
  const left = later<void>();
  const steered: string[] = [];
  const watched: boolean[] = [];
  tour = {
    ready: () => there.resolve(toured),
    fails: () => there.reject(new Error('no database')),
    tell: onNews,
    ...{ steered, watched },
  };
  onNews(news('starting'));
  const steer = (to: string) => {
    steered.push(to);
    if (to !== 'stop') return;
    there.reject(new Error('left'));
    left.resolve();
  };
  return {
    ...{ stack: there.promise, steer, over: left.promise },
    setPace: (pace) => void steered.push(pace),
    attend: (isWatched) => void watched.push(isWatched),
  };
};

beforeAll(async () => {
  [own, toured] = await Promise.all([playedWithoutBot(), playedWithoutBot()]);
  own.slack.as('U0OLIVIA').say('C0GENERAL', 'on our own');
  toured.slack.as('U0OLIVIA').say('C0GENERAL', 'on tour');
});
afterAll(async () => {
  await Promise.all([own.slack.stop(), toured.slack.stop()]);
});
beforeEach(async () => {
  page = await startPage(own, { port: 0, openScenes: nothingBehind, startTour });
});
afterEach(() => page.stop());

const said = (window: TestWindow) => window.messages('C0GENERAL').map(({ text }) => text);
const watching = () => TestWindow.open(page.url, 'anna', '&tour');
const playing = (window: TestWindow) => window.shows.tour?.playing ?? null;

async function onTour(): Promise<TestWindow> {
  const window = await watching();
  await window.act({ kind: 'tour', to: 'play' });
  tour.ready();
  tour.tell(news('playing'));
  await window.until(() => said(window).includes('on tour'), 'the tour');
  return window;
}

test('a window that comes to watch while nothing is played shows what is played here, and may act', async () => {
  const window = await watching();
  expect(window.shows.tour).toBeNull();
  expect(said(window)).toEqual(['on our own']);
  expect(await window.act({ kind: 'say', channel: 'C0ACME', text: 'Hello' })).toEqual({ kind: 'done' });
});

test('a window that watches goes to the tour as soon as it is there, and back when it was left', async () => {
  const window = await watching();
  expect(await window.act({ kind: 'tour', to: 'play' })).toEqual({ kind: 'done' });
  expect(playing(window)).toBe('starting');
  expect(said(window)).toEqual(['on our own']);
  tour.ready();
  tour.tell(news('playing'));
  await window.until(() => said(window).includes('on tour'), 'the tour');
  expect(playing(window)).toBe('playing');
  expect(said(window)).toEqual(['on tour']);
  await window.act({ kind: 'tour', to: 'stop' });
  await window.until(() => said(window).includes('on our own'), 'the own page');
  expect(playing(window)).toBeNull();
  expect(tour.steered).toEqual(['stop']);
});

test('a window that comes later finds the tour where it stands', async () => {
  await onTour();
  const late = await watching();
  await late.until(() => said(late).includes('on tour'), 'the tour');
  expect(playing(late)).toBe('playing');
});

test('a window that does not watch stays where it is, hears nothing of the tour and can not steer it', async () => {
  const other = await TestWindow.open(page.url, 'anna');
  await onTour();
  toured.slack.as('U0SAM').say('C0GENERAL', 'Hello from the tour');
  expect(await other.act({ kind: 'say', channel: 'C0ACME', text: 'still here' })).toEqual({ kind: 'done' });
  expect(await other.act({ kind: 'tour', to: 'stop' })).toMatchObject({ kind: 'refused' });
  expect(tour.steered).toEqual([]);
  expect(other.news.some(({ kind }) => kind === 'tour')).toBe(false);
  expect(said(other)).toEqual(['on our own']);
});

test.each<Act>([
  { kind: 'say', channel: 'C0ACME', text: 'I interfere' },
  { kind: 'command', channel: 'C0ACME', command: '/breakglass', text: '' },
  { kind: 'press', channel: 'C0ACME', ts: '1', action: 'approve', block: 'b' },
  { kind: 'press_in_view', view: 'V1', action: 'approve', block: 'b' },
  { kind: 'choose', view: 'V1', block: 'tenant', entry: 'acme' },
  { kind: 'fill', view: 'V1', entries: {} },
  { kind: 'options', view: 'V1', block: 'tenant', query: '' },
  { kind: 'submit', view: 'V1', entries: {} },
  { kind: 'close', view: 'V1' },
  { kind: 'time', minutes: 5 },
  { kind: 'time_to', moment: 'expiry' },
  { kind: 'weather', weather: 'down' },
  { kind: 'bot', bot: 0, to: 'kill' },
])('a window that watches the tour may not do $kind', async (act) => {
  const window = await onTour();
  const why = 'This window only watches the tour. Leave the tour to act yourself.';
  expect(await window.act(act)).toEqual({ kind: 'refused', why });
  for (const { slack } of [own, toured]) expect(slack.messages('C0ACME').at(-1)?.text).not.toBe('I interfere');
  expect(await window.act({ kind: 'read', channel: 'C0GENERAL' })).toEqual({ kind: 'done' });
  expect(await window.act({ kind: 'follow', grant: null })).toEqual({ kind: 'done' });
});

test('nobody acts in a window that watches a tour whose sandbox only starts', async () => {
  const window = await watching();
  await window.act({ kind: 'tour', to: 'play' });
  expect(await window.act({ kind: 'say', channel: 'C0ACME', text: 'early' })).toMatchObject({ kind: 'refused' });
});

test('whoever watches may pause it, go on, skip to the next step or journey, and choose its pace', async () => {
  const window = await onTour();
  for (const to of ['pause', 'go_on', 'step', 'next'] as const) await window.act({ kind: 'tour', to });
  await window.act({ kind: 'tour', to: 'pace', pace: 'slow' });
  expect(tour.steered).toEqual(['pause', 'go_on', 'step', 'next', 'slow']);
});

test.each([{ to: 'pace' }, { to: 'pace', pace: 'frantic' }, { to: 'away' }])(
  'nobody steers a tour with %j',
  async (what) => {
    const window = await onTour();
    const why = 'A window can do nothing like that.';
    expect(await window.send({ id: 1, act: { kind: 'tour', ...what } })).toEqual({ kind: 'refused', why });
    expect(tour.steered).toEqual([]);
  },
);

describe('the panel of a window that watches', () => {
  const followed: (string | null)[] = [];
  const openScenes: OpenScenes = async (...how) => ({
    ...(await nothingBehind(...how)),
    look: async (grant) => {
      followed.push(grant);
      return { requests: [], followed: null };
    },
  });
  beforeEach(async () => {
    await page.stop();
    page = await startPage(own, { port: 0, openScenes, startTour });
    followed.length = 0;
  });

  test('follows the request that the tour is about, at once and as it changes, and no longer than the tour', async () => {
    const window = await onTour();
    const other = await TestWindow.open(page.url, 'sam');
    tour.tell(news('playing', { grant: 'first' }));
    await window.until(() => followed.at(-1) === 'first' && window.news.at(-1)?.kind === 'behind', 'the first');
    const late = await watching();
    await late.until(() => said(late).includes('on tour'), 'the tour');
    expect(followed.at(-1)).toBe('first');
    tour.tell(news('playing', { grant: 'second' }));
    await vi.waitFor(() => expect(followed.slice(-2)).toEqual(['second', 'second']));
    await other.act({ kind: 'follow', grant: 'mine' });
    followed.length = 0;
    await window.act({ kind: 'tour', to: 'stop' });
    await window.until(() => said(window).includes('on our own'), 'the own page');
    expect(new Set(followed)).toEqual(new Set([null]));
  });
});

describe('a tour that nobody watches', () => {
  const withPatience = async (unwatchedMs: number) => {
    await page.stop();
    page = await startPage(own, { port: 0, openScenes: nothingBehind, startTour, unwatchedMs });
  };

  test('is held up, and goes on for whoever comes back', async () => {
    await withPatience(FOREVER_MS);
    const [window, other] = [await onTour(), await watching()];
    await other.close();
    await vi.waitFor(() => expect(tour.watched).toEqual([true, true, true]));
    await window.close();
    await vi.waitFor(() => expect(tour.watched.at(-1)).toBe(false));
    const back = await watching();
    await back.until(() => said(back).includes('on tour'), 'the tour');
    expect(tour.watched.at(-1)).toBe(true);
    expect(tour.steered).toEqual([]);
  });

  test('is left when nobody comes back in time', async () => {
    await withPatience(0);
    const window = await onTour();
    await window.close();
    await vi.waitFor(() => expect(tour.steered).toEqual(['stop']));
    const late = await watching();
    expect([playing(late), said(late)]).toEqual([null, ['on our own']]);
  });

  test('is left when nobody ever came', async () => {
    await withPatience(0);
    const window = await TestWindow.open(page.url, 'anna');
    await window.act({ kind: 'tour', to: 'play' });
    await vi.waitFor(() => expect(tour.steered).toEqual(['stop']));
  });

  test('is waited for no longer than it is there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const tours = new Tours(
        startTour,
        () => Promise.reject(new Error('no database')),
        () => {},
        FOREVER_MS,
      );
      await tours.act({ kind: 'tour', to: 'play' }, false);
      expect(vi.getTimerCount()).toBe(1);
      await tours.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('one tour at a time: playing it once more joins it, and after its end begins another', async () => {
  const window = await onTour();
  const before = started;
  const other = await TestWindow.open(page.url, 'sam');
  expect(await other.act({ kind: 'tour', to: 'play' })).toEqual({ kind: 'done' });
  expect(started).toBe(before);
  const first = tour;
  first.tell(news('over'));
  await window.until(() => playing(window) === 'over', 'the end');
  expect(said(window)).toContain('on tour');
  await other.act({ kind: 'tour', to: 'play' });
  expect(started).toBe(before + 1);
  expect(first.steered).toEqual(['stop']);
  first.tell(news('failed')); // what an older tour says counts for nothing
  tour.tell(news('paused'));
  await window.until(() => playing(window) === 'paused', 'the other tour');
  expect(window.news.some((each) => each.kind === 'tour' && each.tour?.playing === 'failed')).toBe(false);
});

test('a tour that can not start says so, and can be left', async () => {
  const window = await watching();
  await window.act({ kind: 'tour', to: 'play' });
  tour.fails();
  tour.tell(news('failed'));
  await window.until(() => playing(window) === 'failed', 'the failure');
  await window.act({ kind: 'tour', to: 'stop' });
  expect(playing(window)).toBeNull();
  expect(await window.act({ kind: 'say', channel: 'C0ACME', text: 'again' })).toEqual({ kind: 'done' });
});

test.each(['pause', 'go_on', 'step', 'next', 'stop'] as const)('where none is played, %s is refused', async (to) => {
  const window = await watching();
  expect(await window.act({ kind: 'tour', to })).toEqual({ kind: 'refused', why: 'No tour is played.' });
});

test('a page that stops leaves the tour and hangs up', async () => {
  const window = await onTour();
  const gone = once(window.socket, 'close');
  await page.stop();
  await gone;
  expect(tour.steered).toEqual(['stop']);
  page = await startPage(own, { port: 0, openScenes: nothingBehind, startTour });
});
