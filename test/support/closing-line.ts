import type { Reporter, TestModule } from 'vitest/node';
import { findChromium, NO_CHROMIUM } from '../../sandbox/chromium.ts';

/** Closes a run with one plain line that any tool can read: `12 passed, 0 failed, 0 skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      // A file that could not even be loaded has no tests to count.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1;
    }
    const failed = count.failed + errors.length;
    const inBrowser = modules.some(({ moduleId }) => moduleId.includes('/test/browser/'));
    if (inBrowser && !findChromium(process.env)) {
      process.stdout.write(`\nThe tests of the page in a browser were skipped. ${NO_CHROMIUM}\n`);
    }
    process.stdout.write(`\n${count.passed} passed, ${failed} failed, ${count.skipped + count.pending} skipped\n`);
  }
}
