/** trigger_id: proof that a person just did something; opens one view, within three seconds. */
import { ApiError } from './calls.ts';
import { newTriggerId } from './ids.ts';

interface Trigger {
  user: string;
  issued: number;
  used: boolean;
}

export class Triggers {
  readonly #issued = new Map<string, Trigger>();
  readonly #now: () => number;
  readonly #lifeMs: number;

  constructor(now: () => number, lifeMs: number) {
    this.#now = now;
    this.#lifeMs = lifeMs;
  }

  issue(user: string): string {
    const id = newTriggerId();
    this.#issued.set(id, { user, issued: this.#now(), used: false });
    return id;
  }

  /** Whose trigger it was; it is used up. */
  exchange(id: string): string {
    const trigger = this.#issued.get(id);
    if (trigger === undefined) throw new ApiError('invalid_trigger_id');
    if (trigger.used) throw new ApiError('exchanged_trigger_id');
    if (this.#now() - trigger.issued > this.#lifeMs) throw new ApiError('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }
}
