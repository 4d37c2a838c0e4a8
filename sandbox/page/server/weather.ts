import type { FaultHandle, LocalSlack } from '../../slack/index.ts';
import type { Machine } from '../wire.ts';

const RETRY_AFTER_SECONDS = 3;
const SAYING = ['chat.postMessage', 'chat.postEphemeral', 'chat.update', 'chat.delete'];

/** How well Slack answers the bot. */
export class Weather {
  readonly #slack: LocalSlack;
  #faults: FaultHandle[] = [];

  constructor(slack: LocalSlack) {
    this.#slack = slack;
  }

  get now(): Machine['weather'] {
    if (this.#slack.world.down) return 'down';
    return this.#faults.length > 0 ? 'slow' : 'fine';
  }

  set(weather: Machine['weather']): void {
    for (const fault of this.#faults.splice(0)) fault.remove();
    if (weather === 'slow') {
      const tooMany = { kind: 'rate_limited', retryAfter: RETRY_AFTER_SECONDS } as const;
      this.#faults = SAYING.map((method) => this.#slack.fault(method, tooMany));
    }
    if (weather === 'down') this.#slack.down();
    else this.#slack.up();
  }
}
