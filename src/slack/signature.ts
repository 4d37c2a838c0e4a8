import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { HTTPModuleFunctions, verifySlackRequest } from '@slack/bolt';

const { bufferIncomingMessage, getHeader, isRawBodyError } = HTTPModuleFunctions;

const BODY_LIMIT = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';
/** Clocks differ a little; a signature from further ahead was made to be used later (seconds). */
const AHEAD_SECONDS = 60;
/** Slack's own limit (docs.slack.dev, verifying requests from Slack). */
const OLD_SECONDS = 5 * 60;

/** Why a request is not Slack's word, and the HTTP status that says so. */
export interface Unverified {
  status: 401 | 413;
  why: 'too_large' | 'ahead' | 'old' | 'no_signature' | 'wrong_signature';
}

/**
 * Is this Slack's word? Its signature over the exact body, made with our secret within the last five minutes and not in
 * the future, which could be kept and replayed.
 * @param time milliseconds since 1970; asked when the whole body is there
 * @returns null where it may be handled: signed, or a certificate check that carries nothing else
 */
export async function unverified(
  request: IncomingMessage,
  signingSecret: string,
  time: () => number,
): Promise<Unverified | null> {
  let body: string;
  try {
    const buffered = await bufferIncomingMessage(request, BODY_LIMIT);
    body = String(buffered.rawBody);
    if (request.headers['content-type'] === FORM && parse(body).ssl_check === '1') {
      buffered.rawBody = Buffer.from('ssl_check=1'); // unsigned: whatever came along is dropped
      return null;
    }
  } catch (error) {
    const large = isRawBodyError(error) && error.statusCode === 413;
    return large ? { status: 413, why: 'too_large' } : { status: 401, why: 'no_signature' };
  }
  const why = distrust(request, body, signingSecret, time());
  return why && { status: 401, why };
}

function distrust(
  request: IncomingMessage,
  body: string,
  signingSecret: string,
  nowMs: number,
): Unverified['why'] | null {
  let at: number;
  let signature: string;
  try {
    at = Number(getHeader(request, 'x-slack-request-timestamp'));
    signature = getHeader(request, 'x-slack-signature');
  } catch {
    return 'no_signature';
  }
  // What is no number is no moment; `Infinity` is one, and the latest of all.
  if (!(at <= nowMs / 1000 + AHEAD_SECONDS)) return 'ahead';
  if (at < nowMs / 1000 - OLD_SECONDS) return 'old';
  try {
    const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': at };
    verifySlackRequest({ signingSecret, body, headers, nowMilliseconds: nowMs });
    return null;
  } catch {
    return 'wrong_signature';
  }
}
