import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import type { Player } from '../../sandbox/cast.ts';
import { findChromium, NO_CHROMIUM } from '../../sandbox/chromium.ts';
import { type PageServer, startPage } from '../../sandbox/page/server/page.ts';
import { type Stack, type StackOptions, startStack } from '../../sandbox/stack.ts';
import { Window } from './window.ts';

/** The Chromium of this machine, where there is one. */
export const found = findChromium(process.env);

/** Chromium refuses to sandbox itself as root, as it runs in containers. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** How long anything that should happen may take on a busy machine (ms). */
const PATIENCE_MS = 30_000;

/** A sandbox with its page, and a Chromium before it. */
export class Desk {
  /** What a page complained of, in any window: nothing, or the test fails. */
  readonly complaints: string[] = [];
  /** Where requests went. */
  readonly hosts = new Set<string>();
  readonly #options: StackOptions;
  #open: { stack: Stack; page: PageServer; browser: Browser } | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
  }

  get stack(): Stack {
    return this.#now.stack;
  }

  get url(): string {
    return this.#now.page.url;
  }

  async open(): Promise<void> {
    const stack = await startStack(this.#options);
    const page = await startPage(stack, { port: 0 });
    const browser = await chromium.launch({ ...(found && { executablePath: found }), args: asRoot });
    this.#open = { stack, page, browser };
  }

  async close(): Promise<void> {
    await this.#open?.browser.close();
    await this.#open?.page.stop();
    await this.#open?.stack.stop();
  }

  /** A window of its own, as on a machine of its own: nothing is remembered from another. */
  async window(player: Player, options: BrowserContextOptions = {}, path = `/?as=${player}`): Promise<Window> {
    const context = await this.#now.browser.newContext({ timezoneId: 'Europe/Vienna', locale: 'en-GB', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (line) => line.type() === 'error' && this.complaints.push(line.text()));
    page.on('request', (request) => this.hosts.add(new URL(request.url()).host));
    await page.goto(`${this.url}${path}`);
    const window = new Window(page);
    await page.getByLabel('You are').waitFor();
    return window;
  }

  async closeWindows(): Promise<void> {
    for (const context of this.#open?.browser.contexts() ?? []) await context.close();
  }

  get #now() {
    if (!this.#open) throw new Error('The desk is not open yet.');
    return this.#open;
  }
}

/** A desk for whoever is no test. */
export async function openDesk(options: StackOptions = {}): Promise<Desk> {
  if (!found) throw new Error(NO_CHROMIUM);
  const desk = new Desk(options);
  await desk.open();
  return desk;
}
