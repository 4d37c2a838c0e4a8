import type { IncomingHttpHeaders } from 'node:http';

/** Clocks differ a little; a signature from further ahead was made to be used later. Seconds. */
const TOLERANCE_SECONDS = 60;

/** Bolt refuses requests signed too long ago, but takes those signed in the future, which could be kept and replayed. */
export function futureDated(headers: IncomingHttpHeaders, nowMs: number = Date.now()): boolean {
  // What is no number is no moment, and refused by Bolt; `Infinity` is one to Bolt, and the latest of all.
  return Number(headers['x-slack-request-timestamp']) > nowMs / 1000 + TOLERANCE_SECONDS;
}
