import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { OpenScenes } from '../../../sandbox/page/server/scenes.ts';
import type { Act } from '../../../sandbox/page/wire.ts';
import { nothingBehind } from './played.ts';
import { news, playing, said, TouredPage } from './toured-page.ts';

const there = new TouredPage();

test('a window that comes to watch while nothing is played shows what is played here, and may act', async () => {
  const window = await there.watching();
  expect(window.shows.tour).toBeNull();
  expect(said(window)).toEqual(['on our own']);
  expect(await window.act({ kind: 'say', channel: 'C0ACME', text: 'Hello' })).toEqual({ kind: 'done' });
});

test('a window that watches goes to the tour as soon as it is there, and back when it was left', async () => {
  const window = await there.watching();
  expect(await window.act({ kind: 'tour', to: 'play' })).toEqual({ kind: 'done' });
  expect(playing(window)).toBe('starting');
  expect(said(window)).toEqual(['on our own']);
  there.tour.ready();
  there.tour.tell(news('playing'));
  await window.until(() => said(window).includes('on tour'), 'the tour');
  expect(playing(window)).toBe('playing');
  expect(said(window)).toEqual(['on tour']);
  await window.act({ kind: 'tour', to: 'stop' });
  await window.until(() => said(window).includes('on our own'), 'the own page');
  expect(playing(window)).toBeNull();
  expect(there.tour.steered).toEqual(['stop']);
});

test('a window that comes later finds the tour where it stands', async () => {
  await there.watchingOne();
  const late = await there.watching();
  await late.until(() => said(late).includes('on tour'), 'the tour');
  expect(playing(late)).toBe('playing');
});

test('a window that does not watch stays where it is, hears nothing of the tour and can not steer it', async () => {
  const other = await there.at('anna');
  await there.watchingOne();
  there.toured.slack.as('U0SAM').say('C0GENERAL', 'Hello from the tour');
  expect(await other.act({ kind: 'say', channel: 'C0ACME', text: 'still here' })).toEqual({ kind: 'done' });
  expect(await other.act({ kind: 'tour', to: 'stop' })).toMatchObject({ kind: 'refused' });
  expect(there.tour.steered).toEqual([]);
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
  const window = await there.watchingOne();
  const why = 'This window only watches the tour. Leave the tour to act yourself.';
  expect(await window.act(act)).toEqual({ kind: 'refused', why });
  for (const { slack } of [there.own, there.toured])
    expect(slack.messages('C0ACME').at(-1)?.text).not.toBe('I interfere');
  expect(await window.act({ kind: 'read', channel: 'C0GENERAL' })).toEqual({ kind: 'done' });
  expect(await window.act({ kind: 'follow', grant: null })).toEqual({ kind: 'done' });
});

test('nobody acts in a window that watches a tour whose sandbox only starts', async () => {
  const window = await there.watching();
  await window.act({ kind: 'tour', to: 'play' });
  expect(await window.act({ kind: 'say', channel: 'C0ACME', text: 'early' })).toMatchObject({ kind: 'refused' });
});

test('whoever watches may pause it, go on, skip to the next step or journey, and choose its pace', async () => {
  const window = await there.watchingOne();
  for (const to of ['pause', 'go_on', 'step', 'next'] as const) await window.act({ kind: 'tour', to });
  await window.act({ kind: 'tour', to: 'pace', pace: 'slow' });
  expect(there.tour.steered).toEqual(['pause', 'go_on', 'step', 'next', 'slow']);
});

test.each([{ to: 'pace' }, { to: 'pace', pace: 'frantic' }, { to: 'away' }])(
  'nobody steers a tour with %j',
  async (what) => {
    const window = await there.watchingOne();
    const why = 'A window can do nothing like that.';
    expect(await window.send({ id: 1, act: { kind: 'tour', ...what } })).toEqual({ kind: 'refused', why });
    expect(there.tour.steered).toEqual([]);
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
    await there.open({ openScenes });
    followed.length = 0;
  });

  test('follows the request that the tour is about, at once and as it changes, and no longer than the tour', async () => {
    const window = await there.watchingOne();
    const other = await there.at('sam');
    there.tour.tell(news('playing', { grant: 'first' }));
    await window.until(() => followed.at(-1) === 'first' && window.news.at(-1)?.kind === 'behind', 'the first');
    const late = await there.watching();
    await late.until(() => said(late).includes('on tour'), 'the tour');
    expect(followed.at(-1)).toBe('first');
    there.tour.tell(news('playing', { grant: 'second' }));
    await vi.waitFor(() => expect(followed.slice(-2)).toEqual(['second', 'second']), 20_000);
    await other.act({ kind: 'follow', grant: 'mine' });
    followed.length = 0;
    await window.act({ kind: 'tour', to: 'stop' });
    await window.until(() => said(window).includes('on our own'), 'the own page');
    expect(new Set(followed)).toEqual(new Set([null]));
  });
});
