import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { HTTPModuleFunctions, verifySlackRequest } from '@slack/bolt';

const { bufferIncomingMessage, getHeader, isRawBodyError } = HTTPModuleFunctions;

const BODY_LIMIT = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';
/** Clocks differ a little; a signature from further ahead was made to be used later (seconds). */
const AHEAD_SECONDS = 60;

/**
 * Is this Slack's word? Its signature over the exact body, made with our secret within the last five minutes
 * (docs.slack.dev, verifying requests from Slack) and not in the future, which could be kept and replayed.
 * @param nowMs milliseconds since 1970
 * @returns the HTTP status to refuse with; null where it may be handled: signed, or a certificate check that carries
 *   nothing else
 */
export async function verified(request: IncomingMessage, signingSecret: string, nowMs: number): Promise<number | null> {
  try {
    const buffered = await bufferIncomingMessage(request, BODY_LIMIT);
    const body = String(buffered.rawBody);
    if (request.headers['content-type'] === FORM && parse(body).ssl_check === '1') {
      buffered.rawBody = Buffer.from('ssl_check=1'); // unsigned: whatever came along is dropped
      return null;
    }
    const at = Number(getHeader(request, 'x-slack-request-timestamp'));
    // What is no number is no moment; `Infinity` is one, and the latest of all.
    if (!(at <= nowMs / 1000 + AHEAD_SECONDS)) return 401;
    const headers = { 'x-slack-signature': getHeader(request, 'x-slack-signature'), 'x-slack-request-timestamp': at };
    verifySlackRequest({ signingSecret, body, headers, nowMilliseconds: nowMs });
    return null;
  } catch (error) {
    return isRawBodyError(error) && error.statusCode === 413 ? 413 : 401;
  }
}
