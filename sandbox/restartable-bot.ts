import { type LaunchedBot, launchBot } from './bot-process.ts';

/** A bot that can be killed and started again, on the same ports, so that every address stays true. */
export class RestartableBot {
  readonly slackUrl: string;
  readonly apiUrl: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #listeners = new Set<() => void>();
  readonly #earlier: string[] = [];
  #launched: LaunchedBot | undefined;
  #starting = false;
  #running = false;

  constructor(ports: { slack: number; api: number }, environment: Readonly<Record<string, string>>) {
    this.slackUrl = `http://127.0.0.1:${ports.slack}/slack/events`;
    this.apiUrl = `http://127.0.0.1:${ports.api}`;
    this.#environment = { ...environment, SLACK_PORT: String(ports.slack), API_PORT: String(ports.api) };
  }

  /** It said that it is ready, and its process is there. */
  get running(): boolean {
    return this.#running;
  }

  /** It was started and is not ready yet. */
  get busy(): boolean {
    return this.#starting;
  }

  /** The JSON log lines of all its lives so far. */
  get lines(): readonly string[] {
    return [...this.#earlier, ...(this.#launched?.lines ?? [])];
  }

  /** Calls the listener whenever it started, is ready or went, until the returned function is called. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when it is ready. One that runs already stays as it is. */
  async start(): Promise<void> {
    if (this.#running || this.#starting) return;
    for (const line of this.#launched?.lines ?? []) this.#earlier.push(line);
    const launched = launchBot(this.#environment);
    this.#launched = launched;
    this.#starting = true;
    this.#tell();
    let gone = false;
    // However it goes, also by itself.
    void launched.gone.then(() => {
      gone = true;
      this.#running = false;
      this.#tell();
    });
    try {
      await launched.ready;
      this.#running = !gone;
    } finally {
      this.#starting = false;
      this.#tell();
    }
  }

  /** Ends it at once, as a machine does that loses its power. */
  async kill(): Promise<void> {
    await this.#launched?.kill();
  }

  async stop(): Promise<void> {
    await this.#launched?.stop();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
