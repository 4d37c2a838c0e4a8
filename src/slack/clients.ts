import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
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

export function slackClients(token: string, apiUrl: string | null): SlackClients {
  const common = {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silentLogger,
  };
  return {
    quick: new WebClient(token, { ...common, timeout: 2_000 }),
    patient: new WebClient(token, { ...common, timeout: 10_000 }),
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
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'rate_limited', error: 'rate_limited', retryAfterMs: error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const details = error.data.response_metadata?.messages?.slice(0, 3).join('; ');
    return { kind: 'refused', error: details ? `${error.data.error} (${details})` : error.data.error };
  }
  if (error instanceof WebAPIHTTPError) return { kind: 'unreachable', error: `http_${error.statusCode}` };
  if (error instanceof WebAPIRequestError) return { kind: 'unreachable', error: error.original.name };
  throw error;
}
