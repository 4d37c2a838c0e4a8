import type { BehindTheScenes } from './behind.ts';
import type { Window } from './window.ts';

export type OpenScenes = (adminUrl: string, onChange: () => void) => Promise<BehindTheScenes>;

/** One look at the database for all that happens within so much time (ms). */
const LOOK_AFTER_MS = 100;

/** Tells windows what is behind their page, whenever something of it changed. */
export class Looks {
  readonly #windows: ReadonlySet<Window>;
  #scenes: BehindTheScenes | undefined;
  #soon: NodeJS.Timeout | undefined;
  /** One at a time, so that an older look never comes after a newer one. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(windows: ReadonlySet<Window>) {
    this.#windows = windows;
  }

  static async open(windows: ReadonlySet<Window>, adminUrl: string, open: OpenScenes): Promise<Looks> {
    const looks = new Looks(windows);
    looks.#scenes = await open(adminUrl, () => looks.soon());
    return looks;
  }

  get reviewDue(): BehindTheScenes['reviewDue'] {
    return async () => this.#scenes?.reviewDue();
  }

  /** Looks for everybody, after a moment in which more may come. */
  soon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      // A database that stops meanwhile has nothing more to tell.
      void this.now([...this.#windows]).catch(() => {});
    }, LOOK_AFTER_MS);
  }

  /** Looks for these windows, and tells those that are shown already. */
  now(windows: readonly Window[]): Promise<void> {
    const looked = this.#last.then(() => this.#look(windows));
    this.#last = looked.catch(() => {});
    return looked;
  }

  async close(): Promise<void> {
    clearTimeout(this.#soon);
    const scenes = this.#scenes;
    this.#scenes = undefined;
    await this.#last;
    await scenes?.close();
  }

  async #look(windows: readonly Window[]): Promise<void> {
    const scenes = this.#scenes;
    if (scenes === undefined) return;
    const firstSteps = await scenes.firstSteps();
    for (const follows of new Set(windows.map((window) => window.follows))) {
      const behind = await scenes.look(follows);
      for (const window of windows.filter((each) => each.follows === follows)) {
        window.looked = { behind, firstSteps };
        if (this.#windows.has(window)) window.send({ kind: 'behind', behind, firstSteps });
      }
    }
  }
}
