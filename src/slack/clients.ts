import {
  LogLevel,
  type WebAPICallResult,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api';

/** Two clients on purpose: people wait for one, the outbox schedules the other by itself. */
export interface SlackClients {
  /** For forms and answers: gives up before Slack's three seconds are over. */
  quick: WebClient;
  /** For notices: one try, rate limits are answers; when to try again is the outbox's business. */
  patient: WebClient;
}

/** Slack's own logger would print arguments; what matters is in the errors we handle. */
export const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** Told when a call begins; what it gives back is told how it ended, with null where Slack did what was asked. */
export type WatchCalls = (method: string) => (end: { kind: string; error: string } | null) => void;

/** Every method of the client goes through `apiCall`. */
class WatchedClient extends WebClient {
  readonly #calling: WatchCalls;

  constructor(token: string, options: WebClientOptions, calling: WatchCalls) {
    super(token, options);
    this.#calling = calling;
  }

  override async apiCall(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    const ended = this.#calling(method);
    try {
      const result = await super.apiCall(method, options);
      ended(null);
      return result;
    } catch (error) {
      ended(knownFailure(error) ?? { kind: 'defect', error: 'unknown' });
      throw error;
    }
  }
}

export function slackClients(token: string, apiUrl: string | null, calling: WatchCalls = () => () => {}): SlackClients {
  const common = {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silentLogger,
  };
  return {
    quick: new WatchedClient(token, { ...common, timeout: 2_000 }, calling),
    patient: new WatchedClient(token, { ...common, timeout: 10_000 }, calling),
  };
}

export interface SlackFailure {
  /** `rate_limited`: come back after `retryAfterMs`. `refused`: Slack understood and says no. `unreachable`: nobody knows. */
  kind: 'rate_limited' | 'refused' | 'unreachable';
  error: string;
  retryAfterMs?: number;
}

/** What a failed call means, by the class of the error and never by its text. */
export function slackFailure(error: unknown): SlackFailure {
  const failure = knownFailure(error);
  if (failure === null) throw error;
  return failure;
}

/** Null where it is no failure of a call. */
function knownFailure(error: unknown): SlackFailure | null {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'rate_limited', error: 'rate_limited', retryAfterMs: error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const details = error.data.response_metadata?.messages?.slice(0, 3).join('; ');
    return { kind: 'refused', error: details ? `${error.data.error} (${details})` : error.data.error };
  }
  if (error instanceof WebAPIHTTPError) return { kind: 'unreachable', error: `http_${error.statusCode}` };
  if (error instanceof WebAPIRequestError) return { kind: 'unreachable', error: error.original.name };
  return null;
}
