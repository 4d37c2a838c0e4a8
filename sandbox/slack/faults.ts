/** Things that go wrong on purpose. */

import type { ApiCall } from './calls.ts';
import { asString } from './json.ts';

export type Fault =
  /** HTTP 429 with `Retry-After` in seconds. */
  | { kind: 'rate_limited'; retryAfter: number }
  /** HTTP 500 (or `status`); nothing happened. */
  | { kind: 'error_before'; status?: number }
  /** It happened, then HTTP 500 (or `status`). */
  | { kind: 'error_after'; status?: number }
  /**
   * No answer until released. Without `effect` it then goes on as usual, if the caller is still there.
   * `at_release`: it happens then, even when the caller has long gone. `at_once`: it happened before the hang.
   */
  | { kind: 'hang'; effect?: 'at_once' | 'at_release' }
  /** The connection is cut; nothing happened. */
  | { kind: 'reset' }
  /** It happened, then the connection is cut. */
  | { kind: 'reset_after' }
  /** It happened; the answer breaks off in the middle of its JSON. */
  | { kind: 'half_answer' }
  /** `{ok: false, error}`; nothing happened. */
  | { kind: 'platform_error'; error: string };

export interface FaultOptions {
  /** Only calls about this channel. */
  channel?: string;
  /** How many calls it hits; until removed unless told. */
  times?: number;
}

export interface FaultHandle {
  /** How many calls it has hit. */
  readonly hits: number;
  /** Calls that hang right now and whose caller still waits. */
  readonly hanging: number;
  /** Calls that hang right now and whose caller has gone. */
  readonly abandoned: number;
  /** Lets the calls go that hang; later ones still hang. */
  release(): void;
  /** It hits no further call; those that hang stay so until released. */
  remove(): void;
}

export interface Hit {
  fault: Fault;
  /** Resolves when a hang is released. */
  hold: () => Promise<void>;
  /** The caller went away while it hung. */
  abandon: () => void;
}

interface Held {
  go: () => void;
  abandoned: boolean;
}

class Injected implements FaultHandle {
  hits = 0;
  readonly #held = new Set<Held>();
  readonly fault: Fault;
  readonly matches: (call: ApiCall) => boolean;
  left: number;

  constructor(fault: Fault, matches: (call: ApiCall) => boolean, left: number) {
    this.fault = fault;
    this.matches = matches;
    this.left = left;
  }

  get hanging(): number {
    return [...this.#held].filter((held) => !held.abandoned).length;
  }

  get abandoned(): number {
    return this.#held.size - this.hanging;
  }

  hit(): Hit {
    const held: Held = { go: () => {}, abandoned: false };
    const hold = () =>
      new Promise<void>((resolve) => {
        held.go = resolve;
        this.#held.add(held);
      });
    const abandon = () => {
      held.abandoned = true;
    };
    return { fault: this.fault, hold, abandon };
  }

  release(): void {
    for (const { go } of this.#held) go();
    this.#held.clear();
  }

  remove(): void {
    this.left = 0;
  }
}

export class Faults {
  readonly #injected: Injected[] = [];
  /** Where a call goes, e.g. the DM of a person named as channel. */
  readonly #channelOf: (call: ApiCall) => string | undefined;

  constructor(channelOf: (call: ApiCall) => string | undefined) {
    this.#channelOf = channelOf;
  }

  /** `method` is a Web API method, `response_url`, or `*`. The oldest fault that matches is the one that hits. */
  add(method: string, fault: Fault, { channel, times = Number.POSITIVE_INFINITY }: FaultOptions = {}): FaultHandle {
    const injected = new Injected(
      fault,
      (call) =>
        (method === '*' || call.method === method) &&
        (channel === undefined || this.#channelOf(call) === channel || asString(call.args.channel) === channel),
      times,
    );
    this.#injected.push(injected);
    return injected;
  }

  hit(call: ApiCall): Hit | undefined {
    const injected = this.#injected.find((one) => one.left > 0 && one.matches(call));
    if (injected === undefined) return undefined;
    injected.left -= 1;
    injected.hits += 1;
    call.fault = injected.fault.kind;
    return injected.hit();
  }

  clear(): void {
    for (const injected of this.#injected) {
      injected.remove();
      injected.release();
    }
  }
}
