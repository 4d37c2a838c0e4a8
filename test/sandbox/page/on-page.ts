import { afterAll, afterEach, beforeAll } from 'vitest';
import { cast, type Player } from '../../../sandbox/cast.ts';
import { type PageServer, startPage } from '../../../sandbox/page/server/page.ts';
import { type Stack, startStack } from '../../../sandbox/stack.ts';
import { TestWindow } from './windows.ts';

/** For a file of tests: the page over a sandbox with the bot, and windows that do not outlive their test. */
export function onPage({ tenants }: { tenants?: number } = {}) {
  let stack: Stack | undefined;
  let page: PageServer | undefined;
  const windows = new Set<TestWindow>();
  const there = () => {
    if (stack === undefined || page === undefined) throw new Error('The page is not there yet.');
    return { slack: stack.slack, url: page.url };
  };
  beforeAll(async () => {
    stack = await startStack(tenants === undefined ? {} : { tenants });
    page = await startPage(stack, { port: 0 });
  });
  afterEach(async () => {
    for (const window of windows) await window.close();
    windows.clear();
  });
  afterAll(async () => {
    await page?.stop();
    await stack?.stop();
  });
  return {
    there,
    windowOf: async (player: Player): Promise<TestWindow> => {
      const window = await TestWindow.open(there().url, player);
      windows.add(window);
      return window;
    },
    closed: async (window: TestWindow): Promise<void> => {
      windows.delete(window);
      await window.close();
    },
    /** Where somebody and the app write to each other. */
    dmOf: (player: Player): string => there().slack.as(cast[player].id).dm(),
  };
}

export const done = { kind: 'done' };
export const refused = (why: string) => ({ kind: 'refused', why });
