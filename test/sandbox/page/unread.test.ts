import { afterEach, expect, test } from 'vitest';
import type { Player } from '../../../sandbox/cast.ts';
import { startPage } from '../../../sandbox/page/server/page.ts';
import { nothingBehind, playedWithoutBot } from './played.ts';
import { TestWindow } from './windows.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

test('what was said before anybody opened the page waits for nobody; what comes after does', async () => {
  const played = await playedWithoutBot();
  stops.push(() => played.slack.stop());
  played.slack.as('U0SAM').say('C0GENERAL', 'before');
  const page = await startPage(played, { port: 0, openScenes: nothingBehind });
  stops.push(() => page.stop());
  const windowOf = async (player: Player) => {
    const window = await TestWindow.open(page.url, player);
    stops.push(() => window.close());
    return window;
  };
  const unread = (window: TestWindow) => window.channel('C0GENERAL').unread;
  const petra = await windowOf('petra');
  expect([unread(petra), petra.shows.cast.map((each) => each.unread).filter((count) => count > 0)]).toEqual([0, []]);
  played.slack.as('U0SAM').say('C0GENERAL', 'after');
  await petra.until(() => unread(petra) === 1, 'one unread');
  expect(unread(await windowOf('olivia'))).toBe(1);
});
