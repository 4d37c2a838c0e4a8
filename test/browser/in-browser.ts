import { afterAll, afterEach, beforeAll, describe, expect, vi } from 'vitest';
import { NO_CHROMIUM } from '../../sandbox/chromium.ts';
import type { StackOptions } from '../../sandbox/stack.ts';
import { Desk, found } from './desk.ts';

if (!found && process.env.BROWSER_TESTS === 'required') throw new Error(`BROWSER_TESTS=required: ${NO_CHROMIUM}`);

/** Several windows, a bot and a database, on a machine that may be busy with other tests (ms). */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** Tests that need a Chromium; skipped where none is, which the end of the run says. No page may complain. */
export function inBrowser(name: string, tests: (desk: Desk) => void, options: StackOptions = {}): void {
  describe.skipIf(found === undefined)(name, () => {
    const desk = new Desk(options);
    beforeAll(() => desk.open());
    afterEach(async () => {
      await desk.closeWindows();
      expect(desk.complaints.splice(0)).toEqual([]);
    });
    afterAll(() => desk.close());
    tests(desk);
  });
}
