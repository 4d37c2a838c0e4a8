import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { Tours } from '../../../sandbox/page/server/tours.ts';
import { news, playing, said, TouredPage } from './toured-page.ts';

/** Longer than any test (ms). */
const FOREVER_MS = 10 * 60_000;

const there = new TouredPage();

describe('a tour that nobody watches', () => {
  test('is held up, and goes on for whoever comes back', async () => {
    await there.open({ unwatchedMs: FOREVER_MS });
    const [window, other] = [await there.watchingOne(), await there.watching()];
    await other.close();
    await vi.waitFor(() => expect(there.tour.watched).toEqual([true, true, true]), 20_000);
    await window.close();
    await vi.waitFor(() => expect(there.tour.watched.at(-1)).toBe(false), 20_000);
    const back = await there.watching();
    await back.until(() => said(back).includes('on tour'), 'the tour');
    expect(there.tour.watched.at(-1)).toBe(true);
    expect(there.tour.steered).toEqual([]);
  });

  test('is left when nobody comes back in time', async () => {
    await there.open({ unwatchedMs: 0 });
    const window = await there.watchingOne();
    await window.close();
    await vi.waitFor(() => expect(there.tour.steered).toEqual(['stop']), 20_000);
    const late = await there.watching();
    expect([playing(late), said(late)]).toEqual([null, ['on our own']]);
  });

  test('is left when nobody ever came', async () => {
    await there.open({ unwatchedMs: 0 });
    const window = await there.at('anna');
    await window.act({ kind: 'tour', to: 'play' });
    await vi.waitFor(() => expect(there.tour.steered).toEqual(['stop']), 20_000);
  });

  test('is waited for no longer than it is there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const tours = new Tours(
        there.startTour,
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
  const window = await there.watchingOne();
  const before = there.tours.length;
  const other = await there.at('sam');
  expect(await other.act({ kind: 'tour', to: 'play' })).toEqual({ kind: 'done' });
  expect(there.tours.length).toBe(before);
  const first = there.tour;
  first.tell(news('over'));
  await window.until(() => playing(window) === 'over', 'the end');
  expect(said(window)).toContain('on tour');
  await other.act({ kind: 'tour', to: 'play' });
  expect(there.tours.length).toBe(before + 1);
  expect(first.steered).toEqual(['stop']);
  first.tell(news('failed')); // what an older tour says counts for nothing
  there.tour.tell(news('paused'));
  await window.until(() => playing(window) === 'paused', 'the other tour');
  expect(window.news.some((each) => each.kind === 'tour' && each.tour?.playing === 'failed')).toBe(false);
});

test('a tour that can not start says so, and can be left', async () => {
  const window = await there.watching();
  await window.act({ kind: 'tour', to: 'play' });
  there.tour.fails();
  there.tour.tell(news('failed'));
  await window.until(() => playing(window) === 'failed', 'the failure');
  await window.act({ kind: 'tour', to: 'stop' });
  expect(playing(window)).toBeNull();
  expect(await window.act({ kind: 'say', channel: 'C0ACME', text: 'again' })).toEqual({ kind: 'done' });
});

test.each(['pause', 'go_on', 'step', 'next', 'stop'] as const)('where none is played, %s is refused', async (to) => {
  const window = await there.watching();
  expect(await window.act({ kind: 'tour', to })).toEqual({ kind: 'refused', why: 'No tour is played.' });
});

test('a page that stops leaves the tour and hangs up', async () => {
  const window = await there.watchingOne();
  const gone = once(window.socket, 'close');
  await there.stop();
  await gone;
  expect(there.tour.steered).toEqual(['stop']);
});
