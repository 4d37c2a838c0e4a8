import { build, stop } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { findChromium, NO_CHROMIUM } from '../../../sandbox/chromium.ts';
import type { Shown, Stage } from './stage.tsx';

const found = findChromium(process.env);
if (!found && process.env.BROWSER_TESTS === 'required') throw new Error(`BROWSER_TESTS=required: ${NO_CHROMIUM}`);

async function bundled(): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    entryPoints: [new URL('stage.tsx', import.meta.url).pathname],
    ...{ bundle: true, write: false, outdir: '/', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'warning' },
  });
  await stop();
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

/** Blocks and modals in a Chromium, without a sandbox behind them. */
export class OnStage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  show(change: Partial<Shown>): Promise<void> {
    // As JSON: blocks nest deeper than the types of the driver can follow.
    return this.page.evaluate((json) => window.stage.show(JSON.parse(json)), JSON.stringify(change));
  }

  answer(answers: Stage['answers']): Promise<void> {
    return this.page.evaluate(
      (json) => void Object.assign(window.stage.answers, JSON.parse(json)),
      JSON.stringify(answers),
    );
  }

  /** Keeps everything waiting for its answer, until `release`. */
  hold(): Promise<void> {
    return this.page.evaluate(() => {
      window.stage.holds = true;
    });
  }

  release(): Promise<void> {
    return this.page.evaluate(() => window.stage.release());
  }

  /** What was done since it was asked last. */
  said(): Promise<Stage['said']> {
    return this.page.evaluate(() => window.stage.said.splice(0));
  }

  /** What has the focus: its text or value, or its name. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const { activeElement: element } = document;
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
        return element.labels?.[0]?.textContent ?? '';
      }
      return element === document.body
        ? 'nothing'
        : (element?.getAttribute('aria-label') ?? element?.textContent ?? '');
    });
  }
}

/** Tests that need a Chromium; skipped where none is. Nothing is asked of any server, and no page may complain. */
export function onStage(name: string, tests: (stage: () => OnStage) => void): void {
  describe.skipIf(found === undefined)(name, () => {
    const complaints: string[] = [];
    let browser: Browser;
    let made: Awaited<ReturnType<typeof bundled>>;
    let now: OnStage;
    beforeAll(async () => {
      made = await bundled();
      // Chromium refuses to sandbox itself as root, as it runs in containers.
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      browser = await chromium.launch({ ...(found && { executablePath: found }), args });
    });
    beforeEach(async () => {
      const page = await browser.newPage({ viewport: { width: 400, height: 700 } });
      page.setDefaultTimeout(20_000);
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
      page.on('request', (request) => complaints.push(`a request for ${request.url()}`));
      await page.setContent(`<!doctype html><html lang="en"><title>Stage</title><style>${made.style}</style>`);
      await page.addScriptTag({ content: made.script });
      now = new OnStage(page);
    });
    afterEach(async () => {
      await now.page.close();
      expect(complaints.splice(0)).toEqual([]);
    });
    afterAll(() => browser?.close());
    tests(() => now);
  });
}
