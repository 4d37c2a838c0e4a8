import { exits, NotDone } from '../exits.ts';
import { onOneLine } from '../one-line.ts';
import { type Read, textIn, thingIn } from './client.ts';

/** What the API said no with, as a sentence and an exit code. */
export function failureOf({ status, document, text, retryAfter }: Read): NotDone {
  const problem = thingIn(document);
  const said = textIn(problem.detail) || textIn(problem.title) || (document === undefined ? plainText(text) : '');
  const sentence = onOneLine(said).trim().slice(0, LONGEST) || `The API answered with status ${status}.`;
  const more = hint(status, textIn(problem.refusal), retryAfter);
  return new NotDone(codeOf(status), more === '' ? sentence : `${sentence} ${more}`, document);
}

/** Characters of a sentence; whoever sends more is no API of ours. */
const LONGEST = 1_000;

/** A page of somebody who stands in between says nothing to a terminal. */
const plainText = (text: string): string => (text.trimStart().startsWith('<') ? '' : text);

function codeOf(status: number): number {
  if (status === 401) return exits.stranger;
  if (status === 404) return exits.nothing;
  if (status === 429 || status >= 500) return exits.unreachable;
  return exits.refused;
}

/** What to do about it, where the API can't know that it talks to a command line. */
function hint(status: number, refusal: string, retryAfter: string | null): string {
  if (status === 401) return 'Run: breakglass sign-in, or look at BREAKGLASS_KEY.';
  if (status >= 300 && status < 400) return 'Look at BREAKGLASS_URL: it leads elsewhere.';
  if (refusal === 'step_up_needed') return 'Run: breakglass sign-in --acr ACR, and try again.';
  if (status === 429 && /^\d{1,5}$/.test(retryAfter ?? '')) return `Try again in ${retryAfter} seconds.`;
  return '';
}
