/** What arrived from the bot, and what it was told. */
import type { Json, JsonObject } from './json.ts';

export interface ApiCall {
  /** Web API method, or `response_url`. */
  method: string;
  args: JsonObject;
  /** Milliseconds since the epoch, by the server's clock. */
  at: number;
  /** The fault that hit it, if one did. */
  fault: string | undefined;
  /** What was answered; undefined while it hangs, or when the connection was cut. */
  answer: Reply | undefined;
}

export interface Reply {
  status: number;
  headers?: { [name: string]: string };
  body: Json;
}

/** Thrown by a method to answer `{ok: false, error}`. */
export class ApiError extends Error {
  readonly code: string;
  readonly details: JsonObject;

  constructor(code: string, details: JsonObject = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

export const refusal = (error: ApiError): Reply => ({
  status: 200,
  body: { ok: false, error: error.code, ...error.details },
});

/** `invalid_blocks` and the like, naming each offending place. */
export const invalid = (code: string, messages: string[]): ApiError =>
  new ApiError(code, { response_metadata: { messages } });

const outcome = ({ answer, fault }: ApiCall): string => {
  const said = answer === undefined ? 'unanswered' : `${answer.status} ${JSON.stringify(answer.body).slice(0, 120)}`;
  return fault === undefined ? said : `${said} (${fault})`;
};

export const callLine = (call: ApiCall): string =>
  `${call.method} ${JSON.stringify(call.args).slice(0, 160)} -> ${outcome(call)}`;
