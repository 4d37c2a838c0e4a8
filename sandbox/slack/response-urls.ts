/** response_url: an answer to a person without a token; five times within half an hour. */
import { ApiError } from './calls.ts';
import { secret } from './ids.ts';
import { RESPONSE_URL_USES } from './limits.ts';

interface ResponseUrl {
  user: string;
  channel: string;
  /** The message whose button was pressed, if one was. */
  ts: string | undefined;
}

export class ResponseUrls {
  readonly #issued = new Map<string, ResponseUrl & { issued: number; uses: number }>();
  readonly #now: () => number;
  readonly #lifeMs: number;

  constructor(now: () => number, lifeMs: number) {
    this.#now = now;
    this.#lifeMs = lifeMs;
  }

  /** The path under the server, without its host. */
  issue(target: ResponseUrl): string {
    const path = `/response/${secret(12)}`;
    this.#issued.set(path, { ...target, issued: this.#now(), uses: 0 });
    return path;
  }

  /** Counts a use. */
  use(path: string): ResponseUrl {
    const target = this.#issued.get(path);
    if (target === undefined) throw new ApiError('invalid_url');
    if (this.#now() - target.issued > this.#lifeMs) throw new ApiError('expired_url');
    if (target.uses >= RESPONSE_URL_USES) throw new ApiError('used_url');
    target.uses += 1;
    return target;
  }
}
