import { exits } from '../exits.ts';
import { say, sayJson } from '../terminal.ts';
import type { Answered, Api, Method, Thing } from './client.ts';
import { thingIn } from './client.ts';
import { grantFacts } from './grants.ts';
import { type ApiGiven, signedIn } from './signed-in.ts';

/** Prints an answer: as it came, or in words. */
export function shown(
  given: ApiGiven,
  { document, at }: Answered,
  words: (thing: Thing, at: Date | null) => string,
): number {
  if (given.json) sayJson(document);
  else say(words(thingIn(document), at));
  return exits.done;
}

/** Prints a request or an access as it is now. */
export const shownGrant = (given: ApiGiven, answered: Answered): number => shown(given, answered, grantFacts);

/** One call, and what came of it. */
export async function calledAndShown(
  given: ApiGiven,
  call: readonly [Method, string, unknown?],
  words: (thing: Thing, at: Date | null) => string,
): Promise<number> {
  const api: Api = await signedIn(given);
  return shown(given, await api.call(...call), words);
}

/** A part of a path, whatever is in it. */
export const inPath = (text: string | undefined): string => encodeURIComponent(text ?? '');
