/** Rate limits: token buckets on an injectable clock. */

export interface Rate {
  /** How many calls may come at once after a pause. */
  burst: number;
  perSecond: number;
}

export interface Pacing {
  /**
   * chat.postMessage, per channel. Slack: about 1 a second with short bursts tolerated; unless told, a burst of 3 and
   * then 1 a second.
   */
  postMessage?: Rate;
  /** Calls a minute, per method; none unless told. `TIERS` are Slack's. */
  perMinute?: { [method: string]: number };
}

/** Slack's tiers for the methods this server knows, in calls a minute. */
export const TIERS: { [method: string]: number } = {
  'apps.connections.open': 1,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'chat.update': 50,
  'chat.delete': 50,
  'conversations.info': 50,
  'conversations.open': 50,
  'chat.postEphemeral': 100,
  'conversations.members': 100,
  'users.info': 100,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
};

const POST_MESSAGE: Rate = { burst: 3, perSecond: 1 };

export class Pacer {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #now: () => number;
  #pacing: Pacing | false;

  constructor(now: () => number, pacing: Pacing | false = {}) {
    this.#now = now;
    this.#pacing = pacing;
  }

  /** Changes the limits and forgets what was used of them. */
  set(pacing: Pacing | false): void {
    this.#pacing = pacing;
    this.#buckets.clear();
  }

  /** Seconds to wait before this call (whole, at least 1), or undefined when it may go through now. */
  delay(method: string, channel: string | undefined): number | undefined {
    if (this.#pacing === false) return undefined;
    const perMinute = this.#pacing.perMinute?.[method];
    const tier =
      perMinute === undefined ? undefined : this.#take(method, { burst: perMinute, perSecond: perMinute / 60 });
    if (tier !== undefined || method !== 'chat.postMessage' || channel === undefined) return tier;
    return this.#take(`${method} ${channel}`, this.#pacing.postMessage ?? POST_MESSAGE);
  }

  #take(key: string, { burst, perSecond }: Rate): number | undefined {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    const enough = tokens >= 1;
    this.#buckets.set(key, { tokens: enough ? tokens - 1 : tokens, at: now });
    return enough ? undefined : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  }
}
